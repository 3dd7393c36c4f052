package cardlab.engine;

/** The mask generation function MGF1 (RFC 8017, B.2.1). */
final class Mgf1 {
    private Mgf1() {}

    /** Mask {@code length} bytes of {@code block} from {@code offset} on with what the seed gives. */
    static void mask(Digests digests, DigestAlgorithm digest, byte[] seed, byte[] block, int offset, int length) {
        for (int done = 0, counter = 0; done < length; done += digest.length(), counter++) {
            byte[] part = digests.hash(digest, seed, new byte[] {
                (byte) (counter >> 24), (byte) (counter >> 16), (byte) (counter >> 8), (byte) counter});
            for (int i = 0; i < Math.min(part.length, length - done); i++) {
                block[offset + done + i] ^= part[i];
            }
        }
    }
}
