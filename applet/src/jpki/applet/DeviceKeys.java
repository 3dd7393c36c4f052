package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import javacard.security.Signature;

/**
 * Device authentication (C1-C3): the public keys the phone registered, one a method, and the proofs made with them.
 *
 * <p>A new key is put into a spare key object first and exchanged with the old one in a transaction: a bad key or a
 * tear leaves the old registration as it was.
 */
final class DeviceKeys {

    static final byte BIOMETRIC = 0x03;
    static final byte LOCK_SCREEN = 0x04;

    static final short POINT_LENGTH = 65;
    static final short CHALLENGE_LENGTH = 32;
    static final short HASH_LENGTH = 32;

    private static final byte UNCOMPRESSED = 0x04;
    private static final short SPARE = 2;
    private static final short PROVED_LENGTH = (short) (CHALLENGE_LENGTH + 1 + HASH_LENGTH);

    private final Signature signature = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);
    private final ECPublicKey[] keys = new ECPublicKey[(short) (SPARE + 1)];
    /** What a proof signs: the challenge, then the key reference and the message's hash. */
    private final byte[] proved;
    private final boolean[] challengeIsFresh;
    private byte registered;

    DeviceKeys() {
        for (short i = 0; i <= SPARE; i++) {
            keys[i] = (ECPublicKey) KeyBuilder.buildKey(
                KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.LENGTH_EC_FP_256, false);
        }
        proved = JCSystem.makeTransientByteArray(PROVED_LENGTH, JCSystem.CLEAR_ON_DESELECT);
        challengeIsFresh = JCSystem.makeTransientBooleanArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
    }

    static boolean isMethod(byte method) {
        return method == BIOMETRIC || method == LOCK_SCREEN;
    }

    /** Bit 1 for biometric, bit 2 for lock screen, as in GET STATUS. */
    byte registered() {
        return registered;
    }

    void requireRegistered(byte method) {
        if ((registered & bit(method)) == 0) {
            ISOException.throwIt(Iso.SW_REFERENCE_NOT_FOUND);
        }
    }

    void register(byte method, byte[] point, short offset) {
        load(keys[SPARE], point, offset);
        short index = index(method);
        JCSystem.beginTransaction();
        ECPublicKey old = keys[index];
        keys[index] = keys[SPARE];
        keys[SPARE] = old;
        registered |= bit(method);
        JCSystem.commitTransaction();
        keys[SPARE].clearKey();
    }

    private void load(ECPublicKey key, byte[] point, short offset) {
        boolean accepted = false;
        try {
            P256.setDomain(key);
            if (point[offset] == UNCOMPRESSED) {
                key.setW(point, offset, POINT_LENGTH);
                signature.init(key, Signature.MODE_VERIFY);
                accepted = true;
            }
        } catch (RuntimeException refused) {
            // Platforms differ in what they throw for a point that is not on the curve.
            accepted = false;
        }
        if (!accepted) {
            key.clearKey();
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
    }

    void remove(byte method) {
        requireRegistered(method);
        registered &= (byte) ~bit(method);
        keys[index(method)].clearKey();
    }

    /** No method is registered from now on; may be called in a transaction, then {@link #scrub}. */
    void forget() {
        registered = 0;
    }

    /** Overwrites the keys that are not registered. */
    void scrub() {
        for (short i = 0; i <= SPARE; i++) {
            if ((registered & (byte) (1 << i)) == 0) {
                keys[i].clearKey();
            }
        }
    }

    /** Makes the random bytes at the start of {@code buffer} the challenge, good for one proof. */
    void takeChallenge(byte[] buffer) {
        Util.arrayCopyNonAtomic(buffer, (short) 0, proved, (short) 0, CHALLENGE_LENGTH);
        challengeIsFresh[0] = true;
    }

    /**
     * Uses the challenge up (6985 without one), then checks the proof for this key and this message (6982).
     *
     * @param buffer holds the message's hash at {@code offset} and the DER signature behind it, {@code length} bytes
     */
    void requireProof(byte method, byte keyReference, byte[] buffer, short offset, short length) {
        if (!challengeIsFresh[0]) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        challengeIsFresh[0] = false;
        proved[CHALLENGE_LENGTH] = keyReference;
        Util.arrayCopyNonAtomic(buffer, offset, proved, (short) (CHALLENGE_LENGTH + 1), HASH_LENGTH);
        if (!verifies(keys[index(method)], buffer, (short) (offset + HASH_LENGTH), (short) (length - HASH_LENGTH))) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
    }

    private boolean verifies(ECPublicKey key, byte[] proof, short offset, short length) {
        try {
            signature.init(key, Signature.MODE_VERIFY);
            return signature.verify(proved, (short) 0, PROVED_LENGTH, proof, offset, length);
        } catch (RuntimeException malformed) {
            // Some platforms throw for bytes that are not a DER signature instead of returning false.
            return false;
        }
    }

    private static short index(byte method) {
        return (short) (method - BIOMETRIC);
    }

    private static byte bit(byte method) {
        return (byte) (1 << index(method));
    }
}
