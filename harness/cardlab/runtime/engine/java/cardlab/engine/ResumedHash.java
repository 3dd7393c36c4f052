package cardlab.engine;

import java.math.BigInteger;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.crypto.digests.EncodableDigest;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA224Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.util.Pack;

/** Starts a digest from a chaining value: the library takes one as part of the digest's encoded state. */
final class ResumedHash {
    /** Where the encoded state of digests with 32-bit and with 64-bit words has the count and the chaining value. */
    private static final int COUNT = 8;
    private static final int VALUE = 16;
    private static final int LONG_COUNT = 12;
    private static final int LONG_VALUE = 28;

    private ResumedHash() {}

    static HashState of(DigestAlgorithm algorithm, byte[] value, byte[] digested) {
        if (algorithm.state() == 0) {
            throw EngineException.illegalValue(algorithm + " cannot be started from a chaining value");
        }
        if (value.length != algorithm.state()) {
            throw EngineException.illegalValue(
                    "the chaining value of " + algorithm + " has " + algorithm.state() + " bytes, not " + value.length);
        }
        return new HashState.OfLibrary(decoded(algorithm, value, count(algorithm, digested)));
    }

    private static long count(DigestAlgorithm algorithm, byte[] digested) {
        BigInteger count = new BigInteger(1, digested);
        if (count.signum() == 0 || count.bitLength() > 60 || count.longValue() % algorithm.block() != 0) {
            throw EngineException.illegalValue(count + " bytes are no whole blocks of " + algorithm.block());
        }
        return count.longValue();
    }

    private static ExtendedDigest decoded(DigestAlgorithm algorithm, byte[] value, long count) {
        return switch (algorithm) {
            case ALG_MD5 -> new MD5Digest(encoded(new MD5Digest(), swapped(value), count));
            case ALG_SHA -> new SHA1Digest(encoded(new SHA1Digest(), value, count));
            case ALG_SHA_224 -> new SHA224Digest(encoded(new SHA224Digest(), value, count));
            case ALG_SHA_256 -> new SHA256Digest(encoded(new SHA256Digest(), value, count));
            case ALG_SHA_384 -> new SHA384Digest(encoded(new SHA384Digest(), value, count));
            default -> new SHA512Digest(encoded(new SHA512Digest(), value, count));
        };
    }

    private static byte[] encoded(EncodableDigest fresh, byte[] value, long count) {
        byte[] state = fresh.getEncodedState();
        boolean wide = value.length == 64;
        Pack.longToBigEndian(count, state, wide ? LONG_COUNT : COUNT);
        System.arraycopy(value, 0, state, wide ? LONG_VALUE : VALUE, value.length);
        return state;
    }

    /** MD5's words are little-endian in the digest, and big-endian in the encoded state. */
    private static byte[] swapped(byte[] value) {
        byte[] out = new byte[value.length];
        for (int i = 0; i < value.length; i++) {
            out[i] = value[i ^ 3];
        }
        return out;
    }
}
