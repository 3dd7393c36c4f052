package cardlab.engine;

import java.util.Arrays;

/** EMSA-PSS (RFC 8017, 9.1): the salt is as long as the digest, MGF1 uses the same digest. */
final class Pss {
    private static final byte TRAILER = (byte) 0xBC;

    private final Digests digests;
    private final DigestAlgorithm digest;
    private final int length;
    private final int bits;

    /** For blocks of {@code length} bytes, of which the lowest {@code bits} are used. */
    Pss(Digests digests, DigestAlgorithm digest, int length, int bits) {
        this.digests = digests;
        this.digest = digest;
        this.length = length;
        this.bits = bits;
    }

    byte[] encode(byte[] hash, byte[] salt) {
        byte[] block = new byte[length];
        int end = length - digest.length() - 1;
        byte[] check = check(hash, salt);
        block[end - salt.length - 1] = 1;
        System.arraycopy(salt, 0, block, end - salt.length, salt.length);
        mask(check, block, end);
        System.arraycopy(check, 0, block, end, check.length);
        block[length - 1] = TRAILER;
        return block;
    }

    boolean verify(byte[] hash, byte[] block) {
        int end = length - digest.length() - 1;
        byte[] check = Arrays.copyOfRange(block, end, length - 1);
        if (block[length - 1] != TRAILER || !unusedBitsAreZero(block)) {
            return false;
        }
        byte[] data = block.clone();
        mask(check, data, end);
        int salt = end - digest.length();
        return marked(data, salt - 1)
                && SignatureOperation.same(check, check(hash, Arrays.copyOfRange(data, salt, end)));
    }

    private static boolean marked(byte[] data, int at) {
        int sum = 0;
        for (int i = 0; i < at; i++) {
            sum |= data[i];
        }
        return sum == 0 && data[at] == 1;
    }

    private byte[] check(byte[] hash, byte[] salt) {
        return digests.hash(digest, new byte[8], hash, salt);
    }

    private void mask(byte[] check, byte[] block, int end) {
        int start = length - (bits + 7) / 8;
        Mgf1.mask(digests, digest, check, block, start, end - start);
        block[start] &= (byte) (0xFF >> 8 * ((bits + 7) / 8) - bits);
    }

    private boolean unusedBitsAreZero(byte[] block) {
        for (int bit = bits; bit < 8 * length; bit++) {
            if ((block[length - 1 - bit / 8] >> bit % 8 & 1) != 0) {
                return false;
            }
        }
        return true;
    }
}
