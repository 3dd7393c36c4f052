package cardlab.engine;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;

/**
 * ALG_AES_XTS (IEEE 1619-2007, 5): the initial vector is the tweak, the halves of the key are its two keys, one message is
 * one data unit. What the last blocks become depends on where the message ends, so all comes out of doFinal().
 */
final class XtsOperation extends CipherOperation {
    private static final int BLOCK = 16;
    private static final int REDUCTION = 0x87;

    private byte[] tweak = new byte[BLOCK];
    private ByteArrayOutputStream message = new ByteArrayOutputStream();

    @Override
    void checkKey(KeyData key, int newMode) {
        if (key.layout().family() != KeyFamily.AES || key.layout().bits() != 256 && key.layout().bits() != 512) {
            throw EngineException.illegalValue("AES-XTS takes two keys of one length in one of 256 or 512 bits");
        }
        Keys.requireInitialized(key);
    }

    @Override
    void begin(KeyData key, int newMode, byte[] parameter) {
        if (parameter != null && parameter.length != BLOCK) {
            throw EngineException.illegalValue("the tweak has " + parameter.length + " bytes, not 16");
        }
        restart();
        if (parameter != null) {
            tweak = parameter.clone();
        }
    }

    @Override
    byte[] process(KeyData key, byte[] in, int offset, int length) {
        message.write(in, offset, length);
        return new byte[0];
    }

    @Override
    byte[] finish(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        process(key, in, offset, length);
        byte[] data = message.toByteArray();
        if (data.length < BLOCK) {
            throw EngineException.illegalUse("a data unit has at least 16 bytes");
        }
        byte[] both = Keys.bytes(key, KeyPart.KEY);
        int half = both.length / 2;
        BlockCipher cipher = Blocks.cipher(KeyKind.AES, Arrays.copyOf(both, half), BLOCK, encrypting());
        byte[] mask = new byte[BLOCK];
        Blocks.cipher(KeyKind.AES, Arrays.copyOfRange(both, half, both.length), BLOCK, true).processBlock(tweak, 0, mask, 0);
        return transformed(cipher, mask, data);
    }

    private byte[] transformed(BlockCipher cipher, byte[] mask, byte[] data) {
        int rest = data.length % BLOCK;
        int whole = data.length - (rest == 0 ? 0 : BLOCK + rest);
        for (int at = 0; at < whole; at += BLOCK) {
            one(cipher, mask, data, at);
            doubled(mask);
        }
        if (rest != 0) {
            steal(cipher, mask, data, whole, rest);
        }
        return data;
    }

    /** Ciphertext stealing (5.3.2, 5.4.2): deciphering, the masks of the last two blocks change places. */
    private void steal(BlockCipher cipher, byte[] mask, byte[] data, int at, int rest) {
        byte[] next = mask.clone();
        doubled(next);
        one(cipher, encrypting() ? mask : next, data, at);
        for (int i = 0; i < rest; i++) {
            byte moved = data[at + i];
            data[at + i] = data[at + BLOCK + i];
            data[at + BLOCK + i] = moved;
        }
        one(cipher, encrypting() ? next : mask, data, at);
    }

    private static void one(BlockCipher cipher, byte[] mask, byte[] data, int at) {
        for (int i = 0; i < BLOCK; i++) {
            data[at + i] ^= mask[i];
        }
        cipher.processBlock(data, at, data, at);
        for (int i = 0; i < BLOCK; i++) {
            data[at + i] ^= mask[i];
        }
    }

    private static void doubled(byte[] mask) {
        int carry = 0;
        for (int i = 0; i < BLOCK; i++) {
            int value = (mask[i] & 0xFF) << 1 | carry;
            mask[i] = (byte) value;
            carry = value >> 8;
        }
        mask[0] ^= (byte) (carry * REDUCTION);
    }

    @Override
    void restart() {
        tweak = new byte[BLOCK];
        message = new ByteArrayOutputStream();
    }

    @Override
    public CipherOperation copy() {
        XtsOperation copy = new XtsOperation();
        copy.copyMode(this);
        copy.tweak = tweak.clone();
        copy.message.writeBytes(message.toByteArray());
        return copy;
    }
}
