package cardlab.engine;

import java.util.Arrays;

/** Encryption paddings for RSA: none, PKCS #1 v1.5 (RFC 8017, 7.2 and 9.2) and OAEP (7.1, no label). */
final class RsaPadding {
    private static final int PKCS1_OVERHEAD = 11;

    private final Digests digests;
    private final Padding padding;
    private final int length;

    RsaPadding(Digests digests, Padding padding, int length) {
        this.digests = digests;
        this.padding = padding;
        this.length = length;
    }

    /** The most bytes of a message for a modulus of {@code length} bytes. */
    static int room(Padding padding, int length) {
        if (padding == Padding.PAD_NOPAD) {
            return length;
        }
        return length - (padding.oaep() == null ? PKCS1_OVERHEAD : 2 * padding.oaep().length() + 2);
    }

    byte[] pad(RandomSource random, byte[] message, boolean isPrivate) {
        if (padding == Padding.PAD_NOPAD) {
            return message;
        }
        return padding.oaep() != null ? oaep(random, message) : pkcs1(random, message, isPrivate);
    }

    byte[] strip(byte[] block, boolean isPrivate) {
        if (padding == Padding.PAD_NOPAD) {
            return block;
        }
        byte[] message = padding.oaep() != null ? fromOaep(block) : fromPkcs1(block, isPrivate);
        if (message == null) {
            throw EngineException.illegalUse("the decrypted block is not padded as " + padding);
        }
        return message;
    }

    /** Block type 1 with private keys, 2 with public ones. */
    private byte[] pkcs1(RandomSource random, byte[] message, boolean isPrivate) {
        byte[] block = new byte[length];
        int start = length - message.length;
        block[1] = (byte) (isPrivate ? 1 : 2);
        Arrays.fill(block, 2, start - 1, (byte) 0xFF);
        if (!isPrivate) {
            fillNonZero(random, block, 2, start - 1);
        }
        System.arraycopy(message, 0, block, start, message.length);
        return block;
    }

    private static void fillNonZero(RandomSource random, byte[] block, int from, int to) {
        byte[] bytes = new byte[to - from];
        random.nextBytes(bytes);
        byte[] one = new byte[1];
        for (int i = 0; i < bytes.length; i++) {
            while (bytes[i] == 0) {
                random.nextBytes(one);
                bytes[i] = one[0];
            }
        }
        System.arraycopy(bytes, 0, block, from, bytes.length);
    }

    private byte[] fromPkcs1(byte[] block, boolean isPrivate) {
        int end = 2;
        while (end < length && block[end] != 0) {
            if (!isPrivate && block[end] != (byte) 0xFF) {
                return null;
            }
            end++;
        }
        boolean good = block[0] == 0 && block[1] == (isPrivate ? 2 : 1) && end >= PKCS1_OVERHEAD - 1 && end < length;
        return good ? Arrays.copyOfRange(block, end + 1, length) : null;
    }

    private byte[] oaep(RandomSource random, byte[] message) {
        DigestAlgorithm digest = padding.oaep();
        int hash = digest.length();
        byte[] seed = new byte[hash];
        random.nextBytes(seed);
        byte[] block = new byte[length];
        System.arraycopy(digests.hash(digest), 0, block, 1 + hash, hash);
        block[length - message.length - 1] = 1;
        System.arraycopy(message, 0, block, length - message.length, message.length);
        Mgf1.mask(digests, digest, seed, block, 1 + hash, length - 1 - hash);
        System.arraycopy(seed, 0, block, 1, hash);
        Mgf1.mask(digests, digest, Arrays.copyOfRange(block, 1 + hash, length), block, 1, hash);
        return block;
    }

    private byte[] fromOaep(byte[] block) {
        DigestAlgorithm digest = padding.oaep();
        int hash = digest.length();
        Mgf1.mask(digests, digest, Arrays.copyOfRange(block, 1 + hash, length), block, 1, hash);
        Mgf1.mask(digests, digest, Arrays.copyOfRange(block, 1, 1 + hash), block, 1 + hash, length - 1 - hash);
        int end = 1 + 2 * hash;
        while (end < length && block[end] == 0) {
            end++;
        }
        boolean good = block[0] == 0 && end < length && block[end] == 1
                && Arrays.equals(block, 1 + hash, 1 + 2 * hash, digests.hash(digest), 0, hash);
        return good ? Arrays.copyOfRange(block, end + 1, length) : null;
    }
}
