package cardlab.engine;

import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;

/** ALG_AES_CCM (RFC 3610): all lengths are given to init(). Nonces of 7 to 13 bytes, tags of 4, 6, … 16. */
final class CcmOperation extends AeadOperation {
    private static final int BLOCK = 16;
    private static final int LONG_ADDITIONAL = 0xFF00;

    private boolean announced;
    private byte[] nonce;
    private int tagLength;
    private int additionalLeft;
    private int messageLeft;
    private byte[] mac = new byte[BLOCK];
    private int inBlock;
    private CounterStream stream;

    @Override
    public void init(KeyData key, int newMode, byte[] newNonce, int additionalLength, int messageLength, int newTagLength) {
        if (newNonce.length < 7 || newNonce.length > 13) {
            throw EngineException.illegalValue("the nonce has " + newNonce.length + " bytes, not 7 to 13");
        }
        if (newTagLength < 4 || newTagLength > BLOCK || newTagLength % 2 != 0) {
            throw EngineException.illegalValue("CCM has no tags of " + newTagLength + " bytes");
        }
        int lengthBytes = BLOCK - 1 - newNonce.length;
        if (additionalLength < 0 || messageLength < 0 || lengthBytes == 2 && messageLength > 0xFFFF) {
            throw EngineException.illegalValue("a length is negative, or too long for the nonce");
        }
        announced = true;
        try {
            init(key, newMode, newNonce);
        } finally {
            announced = false;
        }
        nonce = newNonce.clone();
        tagLength = newTagLength;
        additionalLeft = additionalLength;
        messageLeft = messageLength;
        stream = new CounterStream(counterBlock(1), lengthBytes);
        start(key, additionalLength, messageLength);
    }

    @Override
    void begin(KeyData key, int newMode, byte[] parameter) {
        if (!announced) {
            throw EngineException.invalidInit("CCM needs the lengths in init()");
        }
        restart();
        setTag(null);
    }

    /** B0 and the length of the additional data (2.2). */
    private void start(KeyData key, int additionalLength, int messageLength) {
        BlockCipher cipher = Blocks.cipher(key, BLOCK, true);
        byte[] first = counterBlock(messageLength);
        first[0] |= (byte) ((additionalLength == 0 ? 0 : 0x40) | (tagLength - 2) / 2 << 3);
        mac(cipher, first, 0, BLOCK);
        if (additionalLength >= LONG_ADDITIONAL) {
            mac(cipher, new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 0}, 0, 4);
        }
        if (additionalLength != 0) {
            mac(cipher, new byte[] {(byte) (additionalLength >> 8), (byte) additionalLength}, 0, 2);
        }
    }

    /** Flags with the length field's size, nonce, and a number: A_i, and B0 without its other flags. */
    private byte[] counterBlock(int number) {
        byte[] block = new byte[BLOCK];
        block[0] = (byte) (BLOCK - 2 - nonce.length);
        System.arraycopy(nonce, 0, block, 1, nonce.length);
        block[BLOCK - 1] = (byte) number;
        block[BLOCK - 2] = (byte) (number >> 8);
        return block;
    }

    @Override
    void authenticate(KeyData key, byte[] in, int offset, int length) {
        requireMessage();
        if (length > additionalLeft) {
            throw EngineException.illegalValue("more additional data than init() was told");
        }
        additionalLeft -= length;
        BlockCipher cipher = Blocks.cipher(key, BLOCK, true);
        mac(cipher, in, offset, length);
        if (additionalLeft == 0) {
            endBlock(cipher);
        }
    }

    @Override
    byte[] process(KeyData key, byte[] in, int offset, int length) {
        requireMessage();
        if (additionalLeft != 0 || length > messageLeft) {
            throw EngineException.illegalUse(additionalLeft != 0
                    ? additionalLeft + " bytes of additional data are missing" : "a longer message than init() was told");
        }
        messageLeft -= length;
        byte[] out = stream.apply(key, in, offset, length);
        mac(Blocks.cipher(key, BLOCK, true), encrypting() ? in : out, encrypting() ? offset : 0, length);
        return out;
    }

    @Override
    byte[] finish(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        byte[] out = process(key, in, offset, length);
        if (messageLeft != 0) {
            throw EngineException.illegalUse(messageLeft + " bytes of the message are missing");
        }
        BlockCipher cipher = Blocks.cipher(key, BLOCK, true);
        endBlock(cipher);
        byte[] mask = new byte[BLOCK];
        cipher.processBlock(counterBlock(0), 0, mask, 0);
        Blocks.xor(mask, mac);
        setTag(Arrays.copyOf(mask, tagLength));
        return out;
    }

    private void requireMessage() {
        if (stream == null) {
            throw EngineException.invalidInit("every message of CCM needs its own init()");
        }
    }

    private void mac(BlockCipher cipher, byte[] in, int offset, int length) {
        for (int i = 0; i < length; i++) {
            mac[inBlock++] ^= in[offset + i];
            if (inBlock == BLOCK) {
                endBlock(cipher);
            }
        }
    }

    private void endBlock(BlockCipher cipher) {
        if (inBlock != 0) {
            cipher.processBlock(mac, 0, mac, 0);
            inBlock = 0;
        }
    }

    @Override
    void checkTagLength(int length) {
        if (length != tagLength) {
            throw EngineException.illegalValue("init() was told a tag of " + tagLength + " bytes, not " + length);
        }
    }

    @Override
    void restart() {
        mac = new byte[BLOCK];
        inBlock = 0;
        stream = null;
    }

    @Override
    public CipherOperation copy() {
        CcmOperation copy = new CcmOperation();
        copy.copyTag(this);
        copy.nonce = nonce == null ? null : nonce.clone();
        copy.tagLength = tagLength;
        copy.additionalLeft = additionalLeft;
        copy.messageLeft = messageLeft;
        copy.mac = mac.clone();
        copy.inBlock = inBlock;
        copy.stream = stream == null ? null : stream.copy();
        return copy;
    }
}
