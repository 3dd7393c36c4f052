package cardlab.engine;

import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;

/** CBC-MAC of AES, DES and Korean SEED: ISO/IEC 9797-1 algorithm 1, and algorithm 3 for DES. */
final class BlockMacOperation extends SignatureOperation {
    private static final int TWO_KEYS = 128;

    private final int aesBlock;
    private final int block;
    private byte[] chain;
    private byte[] rest = {};
    private boolean empty = true;

    BlockMacOperation(SignatureScheme scheme, int aesBlock) {
        super(scheme);
        this.aesBlock = aesBlock;
        this.block = Blocks.size(scheme.cipher().keys(), aesBlock);
        this.chain = new byte[block];
    }

    private boolean retail() {
        return scheme().padding() == Padding.PAD_ISO9797_1_M1_ALG3
                || scheme().padding() == Padding.PAD_ISO9797_1_M2_ALG3;
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        if (retail() && key.layout().bits() != TWO_KEYS) {
            throw EngineException.illegalValue("ISO/IEC 9797-1 algorithm 3 takes two DES keys, 128 bits");
        }
    }

    @Override
    void begin(KeyData key, byte[] parameter) {
        if (parameter != null && parameter.length != block) {
            throw EngineException.illegalValue("the initial vector has " + parameter.length + " bytes, not " + block);
        }
        reset();
        if (parameter != null) {
            chain = parameter.clone();
        }
    }

    @Override
    void absorb(KeyData key, byte[] in, int offset, int length) {
        empty &= length == 0;
        byte[] data = Blocks.joined(rest, in, offset, length);
        int whole = data.length - data.length % block;
        rest = Arrays.copyOfRange(data, whole, data.length);
        chain(key, data, whole);
    }

    private void chain(KeyData key, byte[] data, int length) {
        if (length == 0) {
            return;
        }
        BlockCipher cipher = first(key);
        for (int at = 0; at < length; at += block) {
            for (int i = 0; i < block; i++) {
                chain[i] ^= data[at + i];
            }
            cipher.processBlock(chain, 0, chain, 0);
        }
    }

    private BlockCipher first(KeyData key) {
        return retail() ? half(key, 0, true) : Blocks.cipher(key, aesBlock, true);
    }

    private static BlockCipher half(KeyData key, int offset, boolean encrypt) {
        byte[] both = Keys.bytes(key, KeyPart.KEY);
        return Blocks.cipher(KeyKind.DES, Arrays.copyOfRange(both, offset, offset + 8), 0, encrypt);
    }

    @Override
    byte[] produce(KeyData key, RandomSource random) {
        return mac(key);
    }

    private byte[] mac(KeyData key) {
        if (empty && scheme().padding() == Padding.PAD_NOPAD) {
            throw EngineException.illegalUse("the algorithm does not pad, and there is no message");
        }
        // ISO/IEC 9797-1, 6.3.2: an empty message is padded to one block of zeros
        byte[] last = empty && Blocks.pad(scheme().padding(), rest, block).length == 0
                ? new byte[block] : Blocks.pad(scheme().padding(), rest, block);
        chain(key, last, last.length);
        if (retail()) {
            half(key, 8, false).processBlock(chain, 0, chain, 0);
            half(key, 0, true).processBlock(chain, 0, chain, 0);
        }
        return Arrays.copyOf(chain, signatureLength(key));
    }

    @Override
    boolean accepts(KeyData key, byte[] signature) {
        return same(mac(key), signature);
    }

    @Override
    int signatureLength(KeyData key) {
        return scheme().cipher() == SignatureCipher.SIG_CIPHER_DES_MAC4 ? 4 : block;
    }

    @Override
    public void reset() {
        chain = new byte[block];
        Arrays.fill(rest, (byte) 0);
        rest = new byte[0];
        empty = true;
    }

    @Override
    public SignatureOperation copy() {
        BlockMacOperation copy = new BlockMacOperation(scheme(), aesBlock);
        copy.copyMode(this);
        copy.chain = chain.clone();
        copy.rest = rest.clone();
        copy.empty = empty;
        return copy;
    }
}
