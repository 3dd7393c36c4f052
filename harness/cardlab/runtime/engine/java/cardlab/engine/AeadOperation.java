package cardlab.engine;

import java.util.Arrays;

/**
 * One running AEADCipher: no tag is in what update() and doFinal() return, it goes through retrieveTag() and verifyTag().
 */
public abstract class AeadOperation extends CipherOperation {
    /** The tag of the message that doFinal() ended; null before. */
    private byte[] tag;

    /** AEADCipher.init() with lengths known beforehand, for CCM; INVALID_INIT with GCM. */
    public abstract void init(
            KeyData key, int newMode, byte[] nonce, int additionalLength, int messageLength, int tagLength);

    /** AEADCipher.updateAAD(). ILLEGAL_USE once the message has begun; ILLEGAL_VALUE in CCM for more than announced. */
    public final void updateAad(KeyData key, byte[] in, int offset, int length) {
        requireInit(key);
        authenticate(key, in, offset, length);
    }

    /** AEADCipher.retrieveTag(). ILLEGAL_USE before doFinal() and when decrypting, ILLEGAL_VALUE for the length. */
    public final byte[] retrieveTag(int length) {
        requireTag(Mode.ENCRYPT);
        checkTagLength(length);
        return Arrays.copyOf(tag, length);
    }

    /**
     * AEADCipher.verifyTag(). ILLEGAL_USE before doFinal() and when encrypting, ILLEGAL_VALUE for the length. False also
     * when fewer bytes were received than required.
     */
    public final boolean verifyTag(byte[] received, int requiredLength) {
        requireTag(Mode.DECRYPT);
        checkTagLength(requiredLength);
        if (received.length < requiredLength) {
            return false;
        }
        int difference = 0;
        for (int i = 0; i < requiredLength; i++) {
            difference |= received[i] ^ tag[i];
        }
        return difference == 0;
    }

    private void requireTag(int wanted) {
        if (tag == null || mode() != wanted) {
            throw EngineException.illegalUse(tag == null
                    ? "there is no tag before doFinal()" : "retrieveTag() is for encryption, verifyTag() for decryption");
        }
    }

    final void setTag(byte[] value) {
        tag = value;
    }

    final void copyTag(AeadOperation from) {
        copyMode(from);
        tag = from.tag == null ? null : from.tag.clone();
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        Keys.requireKind(key, KeyKind.AES);
        Keys.requireInitialized(key);
    }

    /** A reset forgets the tag as well. */
    @Override
    public void reset() {
        tag = null;
        restart();
    }

    abstract void authenticate(KeyData key, byte[] in, int offset, int length);

    abstract void checkTagLength(int length);
}
