package cardlab.engine;

import java.util.Arrays;

/** RSA signatures with PKCS #1 v1.5 (RFC 8017, 8.2), with PSS (8.1), and as IKE signs (RFC 2409, 5.1: no DigestInfo). */
final class RsaSignature extends HashedSignature {
    private static final int PKCS1_OVERHEAD = 11;

    RsaSignature(SignatureScheme scheme, Digests digests) {
        super(scheme, digests);
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        super.checkKey(key, newMode);
        if (needed() > Rsa.length(key)) {
            throw EngineException.illegalValue(
                    scheme().name() + " needs a modulus of " + needed() + " bytes, this has " + Rsa.length(key));
        }
    }

    private int needed() {
        int hash = scheme().digest().length();
        return switch (scheme().padding()) {
            case PAD_PKCS1_PSS -> 2 * hash + 2;
            case PAD_PKCS1 -> scheme().digest().digestInfoPrefix().length + hash + PKCS1_OVERHEAD;
            default -> hash + PKCS1_OVERHEAD;
        };
    }

    @Override
    byte[] signHash(KeyData key, RandomSource random, byte[] hash) {
        if (scheme().padding() == Padding.PAD_PKCS1_PSS) {
            byte[] salt = new byte[hash.length];
            random.nextBytes(salt);
            return Rsa.apply(key, pss(key).encode(hash, salt));
        }
        return Rsa.apply(key, pkcs1(hash, Rsa.length(key)));
    }

    @Override
    boolean verifyHash(KeyData key, byte[] hash, byte[] signature) {
        if (signature.length != Rsa.length(key)) {
            return false;
        }
        byte[] block = recovered(key, signature);
        return block != null && (scheme().padding() == Padding.PAD_PKCS1_PSS
                ? pss(key).verify(hash, block) : same(pkcs1(hash, block.length), block));
    }

    /** Null for a signature that is not below the modulus. */
    private static byte[] recovered(KeyData key, byte[] signature) {
        try {
            return Rsa.apply(key, signature);
        } catch (EngineException tooLarge) {
            return null;
        }
    }

    private Pss pss(KeyData key) {
        return new Pss(digests(), scheme().digest(), Rsa.length(key), Rsa.modulus(key).bitLength() - 1);
    }

    private byte[] pkcs1(byte[] hash, int length) {
        byte[] prefix = scheme().padding() == Padding.PAD_PKCS1 ? scheme().digest().digestInfoPrefix() : new byte[0];
        byte[] block = new byte[length];
        int end = length - prefix.length - hash.length;
        block[1] = 1;
        Arrays.fill(block, 2, end - 1, (byte) 0xFF);
        System.arraycopy(prefix, 0, block, end, prefix.length);
        System.arraycopy(hash, 0, block, length - hash.length, hash.length);
        return block;
    }

    @Override
    int signatureLength(KeyData key) {
        return Rsa.length(key);
    }

    @Override
    public SignatureOperation copy() {
        return copied(new RsaSignature(scheme(), digests()));
    }
}
