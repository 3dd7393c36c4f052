package cardlab.engine;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.Map;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;
import org.bouncycastle.crypto.digests.SM3Digest;

/** Makes digests. One of each is kept to be cloned: looking one up with the JDK's providers costs more than hashing. */
final class Digests {
    private final Map<DigestAlgorithm, MessageDigest> fresh = new EnumMap<>(DigestAlgorithm.class);

    HashState start(DigestAlgorithm algorithm) {
        return switch (algorithm) {
            case ALG_NULL -> new HashState.OfNothing(new ByteArrayOutputStream());
            case ALG_RIPEMD160 -> new HashState.OfLibrary(new RIPEMD160Digest());
            case ALG_SM3 -> new HashState.OfLibrary(new SM3Digest());
            default -> new HashState.OfJdk(cloned(fresh.computeIfAbsent(algorithm, Digests::lookUp)));
        };
    }

    byte[] hash(DigestAlgorithm algorithm, byte[]... parts) {
        HashState state = start(algorithm);
        for (byte[] part : parts) {
            state.update(part, 0, part.length);
        }
        return state.finish();
    }

    static MessageDigest cloned(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException error) {
            throw new IllegalStateException(digest.getAlgorithm() + " of " + digest.getProvider(), error);
        }
    }

    private static MessageDigest lookUp(DigestAlgorithm algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.jca());
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException("this Java has no " + algorithm.jca(), error);
        }
    }
}
