package cardlab.engine;

import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;

/** AES, DES and Korean SEED in ECB and CBC mode (NIST SP 800-38A, 6.1 and 6.2). */
final class BlockCipherOperation extends CipherOperation {
    private final CipherPrimitive primitive;
    private final Padding padding;
    private final int aesBlock;
    private final int block;
    private byte[] vector;
    private byte[] rest = {};

    BlockCipherOperation(CipherPrimitive primitive, Padding padding, int aesBlock) {
        this.primitive = primitive;
        this.padding = padding;
        this.aesBlock = aesBlock;
        this.block = Blocks.size(primitive.keys(), aesBlock);
        this.vector = new byte[block];
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        Keys.requireKind(key, primitive.keys());
        Keys.requireInitialized(key);
    }

    @Override
    void begin(KeyData key, int newMode, byte[] parameter) {
        if (parameter != null && !primitive.chains()) {
            throw noParameter();
        }
        if (parameter != null && parameter.length != block) {
            throw EngineException.illegalValue("the initial vector has " + parameter.length + " bytes, not " + block);
        }
        restart();
        if (parameter != null) {
            vector = parameter.clone();
        }
    }

    @Override
    byte[] process(KeyData key, byte[] in, int offset, int length) {
        byte[] data = Blocks.joined(rest, in, offset, length);
        int held = held(data.length);
        rest = Arrays.copyOfRange(data, data.length - held, data.length);
        return whole(key, data, data.length - held);
    }

    /** How much waits for more: a partial block, and when decrypting the block that may hold the padding. */
    private int held(int length) {
        int partial = length % block;
        return partial == 0 && length != 0 && !encrypting() && Blocks.strips(padding) ? block : partial;
    }

    @Override
    byte[] finish(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        byte[] head = process(key, in, offset, length);
        byte[] tail = encrypting() ? padded(key) : stripped(key);
        return Blocks.joined(head, tail, 0, tail.length);
    }

    private byte[] padded(KeyData key) {
        byte[] last = Blocks.pad(padding, rest, block);
        return whole(key, last, last.length);
    }

    private byte[] stripped(KeyData key) {
        if (rest.length % block != 0 || rest.length == 0 && Blocks.strips(padding)) {
            throw EngineException.illegalUse("the ciphertext is not made of whole blocks of " + block + " bytes");
        }
        return rest.length == 0 ? rest : Blocks.strip(padding, whole(key, rest, block));
    }

    private byte[] whole(KeyData key, byte[] data, int length) {
        byte[] out = new byte[length];
        if (length != 0) {
            BlockCipher cipher = Blocks.cipher(key, aesBlock, encrypting());
            for (int at = 0; at < length; at += block) {
                one(cipher, data, at, out);
            }
        }
        return out;
    }

    private void one(BlockCipher cipher, byte[] data, int at, byte[] out) {
        if (!primitive.chains()) {
            cipher.processBlock(data, at, out, at);
        } else if (encrypting()) {
            for (int i = 0; i < block; i++) {
                vector[i] ^= data[at + i];
            }
            cipher.processBlock(vector, 0, out, at);
            System.arraycopy(out, at, vector, 0, block);
        } else {
            cipher.processBlock(data, at, out, at);
            for (int i = 0; i < block; i++) {
                out[at + i] ^= vector[i];
            }
            System.arraycopy(data, at, vector, 0, block);
        }
    }

    @Override
    void restart() {
        vector = new byte[block];
        Arrays.fill(rest, (byte) 0);
        rest = new byte[0];
    }

    @Override
    public CipherOperation copy() {
        BlockCipherOperation copy = new BlockCipherOperation(primitive, padding, aesBlock);
        copy.copyMode(this);
        copy.vector = vector.clone();
        copy.rest = rest.clone();
        return copy;
    }
}
