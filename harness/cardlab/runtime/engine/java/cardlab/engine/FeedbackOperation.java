package cardlab.engine;

import org.bouncycastle.crypto.BlockCipher;

/** ALG_AES_CFB: cipher feedback over whole blocks, the last one cut (NIST SP 800-38A, 6.3). */
final class FeedbackOperation extends CipherOperation {
    private static final int BLOCK = 16;

    private byte[] last = new byte[BLOCK];
    /** The stream of the block in use; its bytes from {@code used} on are still to be used. */
    private byte[] stream = new byte[BLOCK];
    private int used = BLOCK;

    @Override
    void checkKey(KeyData key, int newMode) {
        Keys.requireKind(key, KeyKind.AES);
        Keys.requireInitialized(key);
    }

    @Override
    void begin(KeyData key, int newMode, byte[] parameter) {
        if (parameter != null && parameter.length != BLOCK) {
            throw EngineException.illegalValue("the initial vector has " + parameter.length + " bytes, not 16");
        }
        restart();
        if (parameter != null) {
            last = parameter.clone();
        }
    }

    @Override
    byte[] process(KeyData key, byte[] in, int offset, int length) {
        BlockCipher cipher = Blocks.cipher(key, BLOCK, true);
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            if (used == BLOCK) {
                cipher.processBlock(last, 0, stream, 0);
                used = 0;
            }
            out[i] = (byte) (in[offset + i] ^ stream[used]);
            last[used++] = encrypting() ? out[i] : in[offset + i];
        }
        return out;
    }

    @Override
    byte[] finish(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        return process(key, in, offset, length);
    }

    @Override
    void restart() {
        last = new byte[BLOCK];
        stream = new byte[BLOCK];
        used = BLOCK;
    }

    @Override
    public CipherOperation copy() {
        FeedbackOperation copy = new FeedbackOperation();
        copy.copyMode(this);
        copy.last = last.clone();
        copy.stream = stream.clone();
        copy.used = used;
        return copy;
    }
}
