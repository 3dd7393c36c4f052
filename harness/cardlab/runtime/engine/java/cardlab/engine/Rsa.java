package cardlab.engine;

import java.math.BigInteger;

/**
 * RSA on numbers (RFC 8017, 5). Computed as a card does: whatever the numbers of the key are, without looking for small
 * factors or proving that they belong together.
 */
final class Rsa {
    private Rsa() {}

    /** Bytes of the modulus: what goes in and comes out. */
    static int length(KeyData key) {
        return Keys.modulusBytes(key);
    }

    static BigInteger modulus(KeyData key) {
        if (key.layout().family() == KeyFamily.RSA_CRT_PRIVATE) {
            return Keys.number(key, KeyPart.P).multiply(Keys.number(key, KeyPart.Q));
        }
        return Keys.number(key, KeyPart.MODULUS);
    }

    /** The operation of this key on a block; ILLEGAL_USE when its value is not below the modulus. */
    static byte[] apply(KeyData key, byte[] block) {
        BigInteger value = new BigInteger(1, block);
        if (value.compareTo(modulus(key)) >= 0) {
            throw EngineException.illegalUse("the block is not below the modulus");
        }
        return Keys.fixed(Arithmetic.computed(() -> power(key, value)), length(key));
    }

    private static BigInteger power(KeyData key, BigInteger value) {
        if (key.layout().family() != KeyFamily.RSA_CRT_PRIVATE) {
            return value.modPow(Keys.number(key, KeyPart.EXPONENT), Keys.number(key, KeyPart.MODULUS));
        }
        BigInteger p = Keys.number(key, KeyPart.P);
        BigInteger q = Keys.number(key, KeyPart.Q);
        BigInteger first = value.modPow(Keys.number(key, KeyPart.DP1), p);
        BigInteger second = value.modPow(Keys.number(key, KeyPart.DQ1), q);
        BigInteger factor = first.subtract(second).multiply(Keys.number(key, KeyPart.PQ)).mod(p);
        return second.add(factor.multiply(q));
    }
}
