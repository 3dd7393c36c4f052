package cardlab.engine;

/** The one source of a card's randomness: key generation, nonces, salts, padding, RandomData. */
public interface RandomSource {
    /** Fill the array. */
    void nextBytes(byte[] out);

    /** Mix a seed in (RandomData.setSeed): it adds to what is there. */
    void reseed(byte[] seed);
}
