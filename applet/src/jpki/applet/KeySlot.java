package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.security.KeyPair;
import javacard.security.PrivateKey;
import javacard.security.PublicKey;

/**
 * One slot (A1): a key pair, certificates and PIN that belong to it, and (authentication) the device keys.
 *
 * <p>Erasing is one transaction that makes everything unreachable, followed by overwriting. A tear in between
 * leaves the slot erased and {@code unclean} set; {@link #finishErasing} overwrites the rest at the next selection.
 * A new key is made beside the old one and exchanged with it in the transaction that forgets what belonged to that.
 */
final class KeySlot {

    private static final short EMPTY = 0x5969;
    private static final short PRESENT = (short) 0xC596;
    private static final short CLEAN = 0x3A6C;
    private static final short UNCLEAN = (short) 0xA395;

    final Pin pin;
    final CertificateFile certificate = new CertificateFile();
    final CertificateFile caCertificate = new CertificateFile();
    /** Null in the signing slot, which has none (C1), and in the card profile. */
    final DeviceKeys deviceKeys;
    final UseCounter uses;

    private final Alarm alarm;
    private final SpareKeyPair spare;
    private KeyPair keyPair;
    private final Twin state = Twin.persistent(EMPTY);
    private final Twin remains = Twin.persistent(CLEAN);

    KeySlot(Alarm alarm, Suite suite, Pin pin, DeviceKeys deviceKeys, SpareKeyPair spare, byte[] scratch) {
        this.alarm = alarm;
        this.pin = pin;
        this.deviceKeys = deviceKeys;
        this.spare = spare;
        keyPair = suite.allocate();
        uses = new UseCounter(alarm, scratch);
    }

    /** What the indicator says when the PIN was verified tells the slots apart. */
    boolean isSigning() {
        return pin.method() == Indicator.METHOD_PASSWORD;
    }

    boolean hasKey() {
        return state.value() == PRESENT;
    }

    void requireKey(short statusWord) {
        if (state.value() != PRESENT) {
            ISOException.throwIt(statusWord);
        }
    }

    /** For one use, which is counted first. */
    PrivateKey privateKey(Right right) {
        alarm.same(state.again(), PRESENT);
        right.confirm();
        uses.count();
        return keyPair.getPrivate();
    }

    /** Before the signature leaves the card. */
    void confirmUse(Right right) {
        right.confirm();
        uses.confirm();
        alarm.confirmCommitted();
    }

    PublicKey publicKey() {
        requireKey(Iso.SW_REFERENCE_NOT_FOUND);
        return keyPair.getPublic();
    }

    /** A new key for a new holder: whatever an earlier one left is erased with it (A4). */
    void issue(Right tsm) {
        prepareKey();
        tsm.begin();
        if (state.value() != EMPTY) {
            alarm.require(state.again() != EMPTY);
            forgetHolder(tsm);
        }
        if (state.again() != EMPTY) {
            confirmHolderForgotten();
        }
        exchangeKey(tsm);
    }

    /** A new key for the same holder, who keeps PIN and CA certificate. */
    void renew(Right tsm) {
        requireKey(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        prepareKey();
        tsm.begin();
        alarm.same(state.again(), PRESENT);
        exchangeKey(tsm);
    }

    /** Until the transaction the slot is as it was. A new key ends the session: it is not what the PIN was given for. */
    private void prepareKey() {
        spare.generate();
        pin.prepareForget();
        pin.endSession();
    }

    private void exchangeKey(Right tsm) {
        KeyPair old = keyPair;
        state.set(PRESENT);
        forgetKeyData(tsm);
        keyPair = spare.exchange(old);
        confirmKeyDataForgotten();
        alarm.require(old != null && keyPair != null && keyPair != old);
        alarm.require(spare.holds(old));
        alarm.same(state.again(), PRESENT);
        alarm.same(state.value(), PRESENT);
        alarm.commit();
        finishErasing();
        SpareKeyPair.clear(old);
    }

    void erase(Right right) {
        pin.prepareForget();
        right.begin();
        state.set(EMPTY);
        forgetKeyData(right);
        forgetHolder(right);
        confirmKeyDataForgotten();
        confirmHolderForgotten();
        alarm.same(state.value(), EMPTY);
        alarm.same(state.again(), EMPTY);
        alarm.commit();
        finishErasing();
    }

    /** A tear in the course of it leaves the mark. */
    void finishErasing() {
        alarm.confirmCommitted();
        if (remains.value() != CLEAN || remains.again() != CLEAN) {
            scrub();
            scrub();
            JCSystem.beginTransaction();
            remains.set(CLEAN);
            alarm.commit();
        }
    }

    void resetPin(Right tsm) {
        pin.prepareForget();
        tsm.begin();
        pin.forget(tsm);
        forgetDeviceKeys(tsm);
        pin.confirmForgotten();
        confirmDeviceKeysForgotten();
        alarm.commit();
        scrubDeviceKeys();
    }

    void endSession() {
        pin.endSession();
        if (deviceKeys != null) {
            deviceKeys.endSession();
        }
    }

    void endCommand() {
        uses.endCommand();
        if (deviceKeys != null) {
            deviceKeys.endCommand();
        }
    }

    private void forgetHolder(Right right) {
        caCertificate.forget(right);
        pin.forget(right);
    }

    private void confirmHolderForgotten() {
        alarm.same(caCertificate.length(), (short) 0);
        pin.confirmForgotten();
    }

    private void forgetKeyData(Right right) {
        remains.set(UNCLEAN);
        certificate.forget(right);
        uses.forget(right);
        forgetDeviceKeys(right);
    }

    private void confirmKeyDataForgotten() {
        alarm.same(remains.value(), UNCLEAN);
        alarm.same(certificate.length(), (short) 0);
        alarm.require(uses.isForgotten());
        confirmDeviceKeysForgotten();
    }

    private void forgetDeviceKeys(Right right) {
        if (deviceKeys != null) {
            deviceKeys.forget(right);
        }
    }

    private void confirmDeviceKeysForgotten() {
        if (deviceKeys != null) {
            alarm.same(deviceKeys.registered(), (short) 0);
        }
    }

    private void scrub() {
        if (state.value() == EMPTY && state.again() == EMPTY) {
            SpareKeyPair.clear(keyPair);
        }
        certificate.scrub();
        caCertificate.scrub();
        scrubDeviceKeys();
    }

    private void scrubDeviceKeys() {
        alarm.confirmCommitted();
        if (deviceKeys != null) {
            deviceKeys.scrub();
        }
    }
}
