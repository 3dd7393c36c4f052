package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import javacard.security.Signature;

/**
 * Device authentication (C1-C3): the public keys the phone registered, one a method, and the proofs made with them. A proof
 * is the right to one signature: it is verified twice, and each result is kept in a cell of its own.
 *
 * <p>A new key is put into a spare key object first and exchanged with the old one in a transaction: a bad key or a
 * tear leaves the old registration as it was.
 */
final class DeviceKeys extends HolderRight {

    static final byte BIOMETRIC = 0x03;
    static final byte LOCK_SCREEN = 0x04;

    static final short POINT_LENGTH = 65;
    static final short CHALLENGE_LENGTH = 32;

    private static final byte UNCOMPRESSED = 0x04;
    private static final short METHODS = 2;
    private static final short SPARE = METHODS;
    private static final short OFFSET_REFERENCE = CHALLENGE_LENGTH;
    private static final short OFFSET_METHOD = (short) (OFFSET_REFERENCE + 1);
    private static final short OFFSET_HASH = (short) (OFFSET_METHOD + 1);
    /** Where a point is read back, behind the one in the APDU buffer. */
    private static final short OFFSET_READ_BACK = (short) (ISO7816.OFFSET_CDATA + POINT_LENGTH);

    private static final short REGISTERED = 0x6C95;
    private static final short ACCEPTED = (short) 0x93CA;
    private static final short FRESH = 0x3A59;
    private static final short TAKEN = (short) 0xA6E5;
    /** A proof by a method is this, the method added to each digit. */
    private static final short PROVED = 0x5181;
    private static final short EACH_DIGIT = 0x1111;
    private static final short DIGIT = 0x0F;

    private final Signature signature = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);
    private final ECPublicKey[] keys = new ECPublicKey[(short) (SPARE + 1)];
    private final Twin[] registered = new Twin[METHODS];
    /** Of a message. */
    private final short hashLength;
    /** What a proof signs: the challenge, key reference, method, the message's hash. */
    private final byte[] proved;
    private final Twin challenge = Twin.inRam(JCSystem.CLEAR_ON_DESELECT);
    private final Twin proof = Twin.inRam(JCSystem.CLEAR_ON_DESELECT);

    DeviceKeys(Alarm alarm, short hashLength) {
        super(alarm);
        this.hashLength = hashLength;
        for (short i = 0; i <= SPARE; i++) {
            keys[i] = (ECPublicKey) KeyBuilder.buildKey(
                KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.LENGTH_EC_FP_256, false);
        }
        for (short i = 0; i < METHODS; i++) {
            registered[i] = Twin.persistent(NO);
        }
        proved = JCSystem.makeTransientByteArray((short) (OFFSET_HASH + hashLength), JCSystem.CLEAR_ON_DESELECT);
    }

    static boolean isMethod(byte method) {
        return method == BIOMETRIC || method == LOCK_SCREEN;
    }

    byte method() {
        return (byte) ((short) (proof.value() - PROVED) & DIGIT);
    }

    short first() {
        return isProof(proof.value()) && challenge.value() == TAKEN ? YES : NO;
    }

    short second() {
        return isProof(proof.again()) && proof.again() == proof.value() && challenge.again() == TAKEN ? ALSO : NO;
    }

    private static boolean isProof(short cell) {
        return cell == proofBy(BIOMETRIC) || cell == proofBy(LOCK_SCREEN);
    }

    private static short proofBy(byte method) {
        return (short) (PROVED + method * EACH_DIGIT);
    }

    /** Bit 1 for biometric, bit 2 for lock screen, as in GET STATUS. */
    byte registered() {
        byte bits = 0;
        for (short i = 0; i < METHODS; i++) {
            if (isRegistered(i)) {
                bits |= (byte) (1 << i);
            }
        }
        return bits;
    }

    /** As neither cell alone takes a key for unregistered: it would be overwritten. */
    private boolean isRegistered(short index) {
        return registered[index].value() == REGISTERED || registered[index].again() == REGISTERED;
    }

    void requireRegistered(byte method) {
        Twin mark = registered[index(method)];
        if (mark.value() != REGISTERED) {
            ISOException.throwIt(Iso.SW_REFERENCE_NOT_FOUND);
        }
        alarm.same(mark.again(), REGISTERED);
    }

    /** The point is at ISO7816.OFFSET_CDATA: 6A80 when it is none, 6A89 when it is the other method's. */
    void register(Right right, byte method, byte[] buffer) {
        ECPublicKey fresh = keys[SPARE];
        if (load(fresh, buffer) != ACCEPTED) {
            fresh.clearKey();
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        short index = index(method);
        if (isOther(index, buffer)) {
            fresh.clearKey();
            ISOException.throwIt(Iso.SW_KEY_IN_USE);
        }
        right.begin();
        registered[index].set(REGISTERED);
        keys[SPARE] = keys[index];
        keys[index] = fresh;
        confirmRegistered(index(buffer[ISO7816.OFFSET_P2]), buffer);
        alarm.commit();
        alarm.confirmCommitted();
        keys[SPARE].clearKey();
    }

    private short load(ECPublicKey key, byte[] buffer) {
        short outcome = NO;
        try {
            Curve.set(key, Curve.P256, proved, OFFSET_HASH);
            if (buffer[ISO7816.OFFSET_CDATA] == UNCOMPRESSED) {
                key.setW(buffer, ISO7816.OFFSET_CDATA, POINT_LENGTH);
                signature.init(key, Signature.MODE_VERIFY);
                outcome = ACCEPTED;
            }
        } catch (RuntimeException refused) {
            // Platforms differ in what they throw for a point that is not on the curve.
            outcome = NO;
        }
        return outcome;
    }

    /** One key cannot stand for both methods. */
    private boolean isOther(short index, byte[] buffer) {
        short other = (short) (METHODS - 1 - index);
        return isRegistered(other) && isPointOf(keys[other], buffer);
    }

    private boolean isPointOf(ECPublicKey key, byte[] buffer) {
        key.getW(buffer, OFFSET_READ_BACK);
        return Util.arrayCompare(buffer, ISO7816.OFFSET_CDATA, buffer, OFFSET_READ_BACK, POINT_LENGTH) == 0;
    }

    /** That a key which can verify, with this point, is there under this method and not under the other. */
    private void confirmRegistered(short index, byte[] buffer) {
        signature.init(keys[index], Signature.MODE_VERIFY);
        alarm.require(isPointOf(keys[index], buffer));
        alarm.same(registered[index].value(), REGISTERED);
        alarm.same(registered[index].again(), REGISTERED);
        alarm.require(keys[SPARE] != null && keys[SPARE] != keys[index]);
        if (isOther(index, buffer)) {
            alarm.raise();
        }
    }

    void remove(Right right, byte method, byte again) {
        requireRegistered(method);
        right.begin();
        registered[index(method)].set(NO);
        alarm.require(!isRegistered(index(again)));
        alarm.commit();
        alarm.confirmCommitted();
        keys[index(again)].clearKey();
    }

    /** No method is registered from now on; in the transaction of this right, then {@link #scrub}. */
    void forget(Right right) {
        right.confirm();
        for (short i = 0; i < METHODS; i++) {
            registered[i].set(NO);
        }
    }

    /** Overwrites the keys that are not registered. */
    void scrub() {
        for (short i = 0; i < METHODS; i++) {
            if (!isRegistered(i)) {
                keys[i].clearKey();
            }
        }
        keys[SPARE].clearKey();
    }

    /** Makes the random bytes at the start of {@code buffer} the challenge, good for one proof. */
    void takeChallenge(byte[] buffer) {
        Util.arrayCopyNonAtomic(buffer, (short) 0, proved, (short) 0, CHALLENGE_LENGTH);
        challenge.set(FRESH);
    }

    /**
     * Uses the challenge up (6985 without one), then looks whether this key and this message are proved.
     *
     * @param buffer holds the message's hash at ISO7816.OFFSET_CDATA and the DER signature behind it, {@code length} bytes
     */
    void prove(byte method, byte[] buffer, short length) {
        if (challenge.value() != FRESH) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        alarm.same(challenge.again(), FRESH);
        challenge.set(TAKEN);
        proof.set(verdict(method, buffer, length), verdict(buffer[ISO7816.OFFSET_P1], buffer, length));
    }

    private short verdict(byte method, byte[] buffer, short length) {
        short index = index(method);
        if (challenge.again() != TAKEN || registered[index].again() != REGISTERED) {
            return NO;
        }
        proved[OFFSET_REFERENCE] = Iso.REF_AUTHENTICATION_KEY;
        proved[OFFSET_METHOD] = method;
        Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, proved, OFFSET_HASH, hashLength);
        return verifies(keys[index], buffer, (short) (length - hashLength)) ? proofBy(method) : NO;
    }

    private boolean verifies(ECPublicKey key, byte[] buffer, short length) {
        try {
            signature.init(key, Signature.MODE_VERIFY);
            return signature.verify(
                proved, (short) 0, (short) proved.length, buffer, (short) (ISO7816.OFFSET_CDATA + hashLength), length);
        } catch (RuntimeException malformed) {
            // Some platforms throw for bytes that are not a DER signature instead of returning false.
            return false;
        }
    }

    void endSession() {
        challenge.set(NO);
        proof.set(NO);
    }

    void endCommand() {
        proof.set(NO);
    }

    private static short index(byte method) {
        return (short) (method - BIOMETRIC);
    }
}
