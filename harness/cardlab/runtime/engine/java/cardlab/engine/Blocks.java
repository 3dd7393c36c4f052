package cardlab.engine;

import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.DESEngine;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.engines.RijndaelEngine;
import org.bouncycastle.crypto.engines.SEEDEngine;
import org.bouncycastle.crypto.engines.SM4Engine;
import org.bouncycastle.crypto.params.KeyParameter;

/** Block ciphers under the keys of a card, and the paddings of whole blocks. */
final class Blocks {
    private static final int DES_BYTES = 8;
    private static final int AES_BYTES = 16;
    private static final byte MARK = (byte) 0x80;

    private Blocks() {}

    /** The cipher under this key; {@code aesBlock} is the block of Rijndael in bytes. */
    static BlockCipher cipher(KeyData key, int aesBlock, boolean encrypt) {
        return cipher(key.layout().family().kind(), Keys.bytes(key, KeyPart.KEY), aesBlock, encrypt);
    }

    static BlockCipher cipher(KeyKind kind, byte[] bytes, int aesBlock, boolean encrypt) {
        BlockCipher cipher = switch (kind) {
            case DES -> bytes.length == DES_BYTES ? new DESEngine() : new DESedeEngine();
            case KOREAN_SEED -> new SEEDEngine();
            case SM4 -> new SM4Engine();
            default -> aesBlock == AES_BYTES ? AESEngine.newInstance() : new RijndaelEngine(8 * aesBlock);
        };
        cipher.init(encrypt, new KeyParameter(bytes));
        return cipher;
    }

    /** Bytes of a block. */
    static int size(KeyKind kind, int aesBlock) {
        return kind == KeyKind.DES ? DES_BYTES : kind == KeyKind.AES ? aesBlock : AES_BYTES;
    }

    /** What completes the last, partial block; empty when nothing is added. ILLEGAL_USE: NOPAD and not whole blocks. */
    static byte[] pad(Padding padding, byte[] rest, int block) {
        return switch (padding) {
            case PAD_ISO9797_M1, PAD_ISO9797_1_M1_ALG3 ->
                    rest.length == 0 ? rest : Arrays.copyOf(rest, block);
            case PAD_ISO9797_M2, PAD_ISO9797_1_M2_ALG3 -> marked(rest, block);
            case PAD_PKCS5 -> counted(rest, block);
            default -> whole(rest, block);
        };
    }

    private static byte[] whole(byte[] rest, int block) {
        if (rest.length != 0) {
            throw EngineException.illegalUse("the message is not made of whole blocks of " + block + " bytes");
        }
        return rest;
    }

    private static byte[] marked(byte[] rest, int block) {
        byte[] padded = Arrays.copyOf(rest, block);
        padded[rest.length] = MARK;
        return padded;
    }

    private static byte[] counted(byte[] rest, int block) {
        byte[] padded = Arrays.copyOf(rest, block);
        Arrays.fill(padded, rest.length, block, (byte) (block - rest.length));
        return padded;
    }

    /** Whether decryption takes the padding away again: not zeros, which may be data (Cipher, notes on doFinal). */
    static boolean strips(Padding padding) {
        return padding == Padding.PAD_ISO9797_M2 || padding == Padding.PAD_PKCS5;
    }

    /** The last block without its padding. ILLEGAL_USE when it is not padded. */
    static byte[] strip(Padding padding, byte[] last) {
        int length = padding == Padding.PAD_PKCS5 ? countedLength(last) : markedLength(last);
        if (length < 0) {
            throw EngineException.illegalUse("the decrypted data do not end with padding");
        }
        return Arrays.copyOf(last, length);
    }

    private static int countedLength(byte[] last) {
        int count = last[last.length - 1] & 0xFF;
        if (count == 0 || count > last.length) {
            return -1;
        }
        for (int i = last.length - count; i < last.length; i++) {
            if ((last[i] & 0xFF) != count) {
                return -1;
            }
        }
        return last.length - count;
    }

    private static int markedLength(byte[] last) {
        int end = last.length - 1;
        while (end >= 0 && last[end] == 0) {
            end--;
        }
        return end >= 0 && last[end] == MARK ? end : -1;
    }

    static void xor(byte[] into, byte[] other) {
        for (int i = 0; i < into.length; i++) {
            into[i] ^= other[i];
        }
    }

    static byte[] joined(byte[] first, byte[] in, int offset, int length) {
        byte[] out = Arrays.copyOf(first, first.length + length);
        System.arraycopy(in, offset, out, first.length, length);
        return out;
    }
}
