package cardlab.engine;

import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;

/** ALG_AES_CMAC_128 (NIST SP 800-38B, 6). */
final class CmacOperation extends SignatureOperation {
    private static final int BLOCK = 16;
    /** The reduction polynomial of GF(2^128). */
    private static final int R128 = 0x87;

    private byte[] chain = new byte[BLOCK];
    /** 1 to 16 bytes once there is a message: the last block is treated otherwise. */
    private byte[] rest = {};

    CmacOperation(SignatureScheme scheme) {
        super(scheme);
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        // every AES key will do
    }

    @Override
    void begin(KeyData key, byte[] parameter) {
        if (parameter != null && parameter.length != BLOCK) {
            throw EngineException.illegalValue("the initial vector has " + parameter.length + " bytes, not " + BLOCK);
        }
        reset();
        if (parameter != null) {
            chain = parameter.clone();
        }
    }

    @Override
    void absorb(KeyData key, byte[] in, int offset, int length) {
        byte[] data = Blocks.joined(rest, in, offset, length);
        int whole = data.length == 0 ? 0 : (data.length - 1) / BLOCK * BLOCK;
        rest = Arrays.copyOfRange(data, whole, data.length);
        if (whole != 0) {
            BlockCipher cipher = Blocks.cipher(key, BLOCK, true);
            for (int at = 0; at < whole; at += BLOCK) {
                chain(cipher, Arrays.copyOfRange(data, at, at + BLOCK));
            }
        }
    }

    private void chain(BlockCipher cipher, byte[] data) {
        Blocks.xor(chain, data);
        cipher.processBlock(chain, 0, chain, 0);
    }

    @Override
    byte[] produce(KeyData key, RandomSource random) {
        return mac(key);
    }

    private byte[] mac(KeyData key) {
        BlockCipher cipher = Blocks.cipher(key, BLOCK, true);
        byte[] subkey = new byte[BLOCK];
        cipher.processBlock(subkey, 0, subkey, 0);
        doubled(subkey);
        byte[] last = rest;
        if (rest.length != BLOCK) {
            doubled(subkey);
            last = Blocks.pad(Padding.PAD_ISO9797_M2, rest, BLOCK);
        }
        Blocks.xor(last, subkey);
        chain(cipher, last);
        return chain.clone();
    }

    private static void doubled(byte[] value) {
        int carry = 0;
        for (int i = BLOCK - 1; i >= 0; i--) {
            int shifted = (value[i] & 0xFF) << 1 | carry;
            value[i] = (byte) shifted;
            carry = shifted >> 8;
        }
        value[BLOCK - 1] ^= (byte) (carry * R128);
    }

    @Override
    boolean accepts(KeyData key, byte[] signature) {
        return same(mac(key), signature);
    }

    @Override
    int signatureLength(KeyData key) {
        return BLOCK;
    }

    @Override
    public void reset() {
        chain = new byte[BLOCK];
        Arrays.fill(rest, (byte) 0);
        rest = new byte[0];
    }

    @Override
    public SignatureOperation copy() {
        CmacOperation copy = new CmacOperation(scheme());
        copy.copyMode(this);
        copy.chain = chain.clone();
        copy.rest = rest.clone();
        return copy;
    }
}
