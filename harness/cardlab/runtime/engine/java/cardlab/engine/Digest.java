package cardlab.engine;

/** One running message digest: MessageDigest and InitializedMessageDigest. */
public final class Digest {
    private final DigestAlgorithm algorithm;
    private final Digests digests;
    private HashState state;

    Digest(DigestAlgorithm algorithm, Digests digests) {
        this.algorithm = algorithm;
        this.digests = digests;
        this.state = digests.start(algorithm);
    }

    public DigestAlgorithm algorithm() {
        return algorithm;
    }

    public void update(byte[] in, int offset, int length) {
        state.update(in, offset, length);
    }

    /** The digest of everything; afterwards the object is as new. */
    public byte[] doFinal(byte[] in, int offset, int length) {
        state.update(in, offset, length);
        return doFinal();
    }

    byte[] doFinal() {
        byte[] value = state.finish();
        reset();
        return value;
    }

    /** Forget what was given. */
    public void reset() {
        state = digests.start(algorithm);
    }

    /**
     * Go on from a chaining value, as InitializedMessageDigest. {@code digested} is the number of bytes that led to it,
     * big-endian. ILLEGAL_VALUE when the value is not as long as the digest's chaining value (for SHA-224 and SHA-384
     * longer than the digest), or the number is 0 or not one of whole blocks.
     */
    public void setInitialDigest(byte[] value, byte[] digested) {
        state = ResumedHash.of(algorithm, value, digested);
    }

    /** A copy that goes on by itself. */
    public Digest copy() {
        Digest copy = new Digest(algorithm, digests);
        copy.state = state.copy();
        return copy;
    }
}
