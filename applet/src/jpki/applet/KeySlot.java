package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.KeyPair;
import javacard.security.PrivateKey;
import javacard.security.RSAPublicKey;

/**
 * One slot (A1): an RSA-2048 key pair, certificates and PIN that belong to it, and (authentication) the device keys.
 *
 * <p>Erasing is one transaction that makes everything unreachable, followed by overwriting. A tear in between
 * leaves the slot erased and {@code unclean} set; {@link #finishErasing} overwrites the rest at the next selection.
 * A new key is made beside the old one and exchanged with it in the transaction that forgets what belonged to that.
 */
final class KeySlot {

    // Any two differ in four bits or more.
    private static final byte EMPTY = 0x69;
    private static final byte PRESENT = (byte) 0x96;

    static final byte COUNTER_LENGTH = 4;

    final Pin pin;
    final CertificateFile certificate = new CertificateFile();
    final CertificateFile caCertificate = new CertificateFile();
    /** Null in the signing slot, which has none (C1), and in the card profile. */
    final DeviceKeys deviceKeys;
    /** What the indicator says when the slot's PIN was verified, which also tells the slots apart. */
    final byte pinMethod;

    private final SpareKeyPair spare;
    private KeyPair keyPair = SpareKeyPair.allocate();
    private final byte[] counter = new byte[COUNTER_LENGTH];
    private final byte[] scratch;
    private byte state = EMPTY;
    private boolean unclean;

    KeySlot(byte pinMethod, Pin pin, DeviceKeys deviceKeys, SpareKeyPair spare, byte[] scratch) {
        this.pinMethod = pinMethod;
        this.pin = pin;
        this.deviceKeys = deviceKeys;
        this.spare = spare;
        this.scratch = scratch;
    }

    boolean isSigning() {
        return pinMethod == Indicator.METHOD_PASSWORD;
    }

    boolean hasKey() {
        return state == PRESENT;
    }

    void requireKey(short statusWord) {
        if (state != PRESENT) {
            ISOException.throwIt(statusWord);
        }
    }

    PrivateKey privateKey() {
        requireKey(Iso.SW_REFERENCE_NOT_FOUND);
        return keyPair.getPrivate();
    }

    RSAPublicKey publicKey() {
        requireKey(Iso.SW_REFERENCE_NOT_FOUND);
        return (RSAPublicKey) keyPair.getPublic();
    }

    /** A new key for a new holder: whatever an earlier one left is erased with it (A4). */
    void issue() {
        generate(state != EMPTY);
    }

    /** A new key for the same holder, who keeps PIN and CA certificate. */
    void renew() {
        requireKey(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        generate(false);
    }

    /** Until the transaction the slot is as it was. A new key ends the session: it is not what the PIN was given for. */
    private void generate(boolean forgetHolder) {
        spare.generate();
        pin.prepareForget();
        pin.endSession();
        JCSystem.beginTransaction();
        keyPair = spare.exchange(keyPair);
        state = PRESENT;
        unclean = true;
        forgetKeyData();
        if (forgetHolder) {
            forgetHolder();
        }
        JCSystem.commitTransaction();
        spare.scrub();
        finishErasing();
    }

    void erase() {
        pin.prepareForget();
        JCSystem.beginTransaction();
        state = EMPTY;
        unclean = true;
        forgetKeyData();
        forgetHolder();
        JCSystem.commitTransaction();
        finishErasing();
    }

    void finishErasing() {
        if (unclean) {
            scrub();
            unclean = false;
        }
    }

    void resetPin() {
        pin.prepareForget();
        JCSystem.beginTransaction();
        pin.forget();
        forgetDeviceKeys();
        JCSystem.commitTransaction();
        scrubDeviceKeys();
    }

    private void forgetHolder() {
        caCertificate.forget();
        pin.forget();
    }

    private void forgetKeyData() {
        certificate.forget();
        for (short i = 0; i < COUNTER_LENGTH; i++) {
            counter[i] = 0;
        }
        forgetDeviceKeys();
    }

    private void forgetDeviceKeys() {
        if (deviceKeys != null) {
            deviceKeys.forget();
        }
    }

    private void scrub() {
        if (state == EMPTY) {
            SpareKeyPair.clear(keyPair);
        }
        certificate.scrub();
        caCertificate.scrub();
        scrubDeviceKeys();
    }

    private void scrubDeviceKeys() {
        if (deviceKeys != null) {
            deviceKeys.scrub();
        }
    }

    /** Counts one use of the private key before it is made; 6985 when the counter is at its end. */
    void countUse() {
        Util.arrayCopyNonAtomic(counter, (short) 0, scratch, (short) 0, COUNTER_LENGTH);
        short i = (short) (COUNTER_LENGTH - 1);
        while (i >= 0 && scratch[i] == (byte) 0xFF) {
            scratch[i] = 0;
            i--;
        }
        if (i < 0) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        scratch[i]++;
        Util.arrayCopy(scratch, (short) 0, counter, (short) 0, COUNTER_LENGTH);
    }

    /** Four bytes, most significant first. */
    void copyCounter(byte[] target, short offset) {
        Util.arrayCopyNonAtomic(counter, (short) 0, target, offset, COUNTER_LENGTH);
    }
}
