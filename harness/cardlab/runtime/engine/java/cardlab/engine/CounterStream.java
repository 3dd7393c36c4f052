package cardlab.engine;

import org.bouncycastle.crypto.BlockCipher;

/** A key stream of AES in counter mode (NIST SP 800-38A, 6.5): CTR, and inside of GCM and CCM. */
final class CounterStream {
    private static final int BLOCK = 16;

    private final int counterBytes;
    private byte[] counter;
    /** The stream of the block in use; its bytes from {@code used} on are still to be used. */
    private byte[] stream = new byte[BLOCK];
    private int used = BLOCK;

    /** {@code counterBytes} at the end of the block count, modulo their size; the first block used is {@code counter}. */
    CounterStream(byte[] counter, int counterBytes) {
        this.counter = counter.clone();
        this.counterBytes = counterBytes;
    }

    byte[] apply(KeyData key, byte[] in, int offset, int length) {
        BlockCipher cipher = Blocks.cipher(key, BLOCK, true);
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            if (used == BLOCK) {
                next(cipher);
            }
            out[i] = (byte) (in[offset + i] ^ stream[used++]);
        }
        return out;
    }

    private void next(BlockCipher cipher) {
        cipher.processBlock(counter, 0, stream, 0);
        increment(counter, counterBytes);
        used = 0;
    }

    static void increment(byte[] counter, int bytes) {
        for (int i = counter.length - 1; i >= counter.length - bytes; i--) {
            if (++counter[i] != 0) {
                return;
            }
        }
    }

    CounterStream copy() {
        CounterStream copy = new CounterStream(counter, counterBytes);
        copy.stream = stream.clone();
        copy.used = used;
        return copy;
    }
}
