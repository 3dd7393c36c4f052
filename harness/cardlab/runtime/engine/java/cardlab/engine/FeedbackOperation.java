package cardlab.engine;

import org.bouncycastle.crypto.BlockCipher;

/** ALG_AES_CFB: cipher feedback over whole blocks, the last one cut (NIST SP 800-38A, 6.3). */
final class FeedbackOperation extends AesStreamOperation {
    private byte[] last = new byte[BLOCK];
    /** The stream of the block in use; its bytes from {@code used} on are still to be used. */
    private byte[] stream = new byte[BLOCK];
    private int used = BLOCK;

    @Override
    void startFrom(byte[] block) {
        last = block;
        stream = new byte[BLOCK];
        used = BLOCK;
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
    public CipherOperation copy() {
        FeedbackOperation copy = new FeedbackOperation();
        copy.copyMode(this);
        copy.last = last.clone();
        copy.stream = stream.clone();
        copy.used = used;
        return copy;
    }
}
