package cardlab.engine;

import java.security.SecureRandom;

/** The card's randomness in the shape that the library's key generators and signers take. */
final class SourceRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final transient RandomSource source;

    SourceRandom(RandomSource source) {
        super(null, null); // no provider: every byte comes from the source
        this.source = source;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        source.nextBytes(bytes);
    }

    @Override
    public byte[] generateSeed(int count) {
        byte[] seed = new byte[count];
        source.nextBytes(seed);
        return seed;
    }
}
