package cardlab.engine;

import java.util.Arrays;
import org.bouncycastle.crypto.modes.gcm.GCMMultiplier;
import org.bouncycastle.crypto.modes.gcm.Tables4kGCMMultiplier;
import org.bouncycastle.util.Pack;

/** ALG_AES_GCM (NIST SP 800-38D). Tags of 4, 8 and 12 to 16 bytes (5.2.1.2). */
final class GcmOperation extends AeadOperation {
    private static final int BLOCK = 16;
    private static final int SHORT_NONCE = 12;
    private static final int COUNTER = 4;

    private byte[] nonce = new byte[SHORT_NONCE];
    /** Null until the first byte of a message: J0 needs the key. */
    private CounterStream stream;
    private byte[] hash = new byte[BLOCK];
    private int inBlock;
    private long additional;
    private long message;

    @Override
    public void init(KeyData key, int newMode, byte[] nonce, int additionalLength, int messageLength, int tagLength) {
        throw EngineException.invalidInit("GCM takes no lengths in init()");
    }

    @Override
    void begin(KeyData key, int newMode, byte[] parameter) {
        if (parameter != null && parameter.length == 0) {
            throw EngineException.illegalValue("the nonce is empty");
        }
        restart();
        setTag(null);
        nonce = parameter == null ? new byte[SHORT_NONCE] : parameter.clone();
    }

    @Override
    void authenticate(KeyData key, byte[] in, int offset, int length) {
        if (stream != null) {
            throw EngineException.illegalUse("additional data after the message has begun");
        }
        additional += length;
        hash(multiplier(key), in, offset, length);
    }

    @Override
    byte[] process(KeyData key, byte[] in, int offset, int length) {
        GCMMultiplier multiplier = multiplier(key);
        setTag(null);
        if (stream == null) {
            endBlock(multiplier);
            byte[] first = firstCounter(multiplier);
            CounterStream.increment(first, COUNTER);
            stream = new CounterStream(first, COUNTER);
        }
        message += length;
        byte[] out = stream.apply(key, in, offset, length);
        hash(multiplier, encrypting() ? out : in, encrypting() ? 0 : offset, length);
        return out;
    }

    @Override
    byte[] finish(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        byte[] out = process(key, in, offset, length);
        GCMMultiplier multiplier = multiplier(key);
        endBlock(multiplier);
        hashLengths(multiplier, 8 * additional, 8 * message);
        byte[] mask = new byte[BLOCK];
        Blocks.cipher(key, BLOCK, true).processBlock(firstCounter(multiplier), 0, mask, 0);
        Blocks.xor(mask, hash);
        setTag(mask);
        return out;
    }

    private GCMMultiplier multiplier(KeyData key) {
        byte[] subkey = new byte[BLOCK];
        Blocks.cipher(key, BLOCK, true).processBlock(new byte[BLOCK], 0, subkey, 0);
        GCMMultiplier multiplier = new Tables4kGCMMultiplier();
        multiplier.init(subkey);
        return multiplier;
    }

    /** J0 (7.1, step 2). */
    private byte[] firstCounter(GCMMultiplier multiplier) {
        if (nonce.length == SHORT_NONCE) {
            byte[] counter = Arrays.copyOf(nonce, BLOCK);
            counter[BLOCK - 1] = 1;
            return counter;
        }
        byte[] saved = hash;
        hash = new byte[BLOCK];
        hash(multiplier, nonce, 0, nonce.length);
        endBlock(multiplier);
        hashLengths(multiplier, 0, 8L * nonce.length);
        byte[] counter = hash;
        hash = saved;
        return counter;
    }

    private void hash(GCMMultiplier multiplier, byte[] in, int offset, int length) {
        for (int i = 0; i < length; i++) {
            hash[inBlock++] ^= in[offset + i];
            if (inBlock == BLOCK) {
                endBlock(multiplier);
            }
        }
    }

    private void endBlock(GCMMultiplier multiplier) {
        if (inBlock != 0) {
            multiplier.multiplyH(hash);
            inBlock = 0;
        }
    }

    private void hashLengths(GCMMultiplier multiplier, long first, long second) {
        byte[] lengths = new byte[BLOCK];
        Pack.longToBigEndian(first, lengths, 0);
        Pack.longToBigEndian(second, lengths, 8);
        hash(multiplier, lengths, 0, BLOCK);
    }

    @Override
    void checkTagLength(int length) {
        if (length != 4 && length != 8 && (length < 12 || length > BLOCK)) {
            throw EngineException.illegalValue("GCM has no tags of " + length + " bytes");
        }
    }

    @Override
    void restart() {
        nonce = new byte[SHORT_NONCE];
        stream = null;
        hash = new byte[BLOCK];
        inBlock = 0;
        additional = 0;
        message = 0;
    }

    @Override
    public CipherOperation copy() {
        GcmOperation copy = new GcmOperation();
        copy.copyTag(this);
        copy.nonce = nonce.clone();
        copy.stream = stream == null ? null : stream.copy();
        copy.hash = hash.clone();
        copy.inBlock = inBlock;
        copy.additional = additional;
        copy.message = message;
        return copy;
    }
}
