package cardlab.engine;

import java.math.BigInteger;
import java.security.SecureRandom;

/** An RSA key pair (FIPS 186-5, A.1; PKCS #1, 3.2): p is the greater of the two primes. */
public record RsaKeys(BigInteger modulus, BigInteger privateExponent, BigInteger p, BigInteger q) {
    /** p and q differ in one of so many highest bits: A.1.3, step 5.4. */
    private static final int ALIKE = 100;

    /** Keys with a modulus of so many bits for a public exponent. */
    public static RsaKeys generate(int bits, BigInteger exponent, SecureRandom random) {
        RsaPrimes primes = new RsaPrimes(random, exponent);
        while (true) {
            BigInteger first = primes.next((bits + 1) / 2);
            BigInteger second = primes.next(bits / 2);
            RsaKeys made = of(first.max(second), first.min(second), exponent);
            if (made.isSound(bits)) {
                return made;
            }
        }
    }

    private static RsaKeys of(BigInteger p, BigInteger q, BigInteger exponent) {
        BigInteger first = p.subtract(BigInteger.ONE);
        BigInteger second = q.subtract(BigInteger.ONE);
        BigInteger order = first.divide(first.gcd(second)).multiply(second);
        return new RsaKeys(p.multiply(q), exponent.modInverse(order), p, q);
    }

    /** A.1.1: p and q are far apart, and the private exponent is no small one. */
    private boolean isSound(int bits) {
        return p.subtract(q).bitLength() > bits / 2 - ALIKE && privateExponent.bitLength() > bits / 2;
    }

    public BigInteger exponentOfP() {
        return privateExponent.mod(p.subtract(BigInteger.ONE));
    }

    public BigInteger exponentOfQ() {
        return privateExponent.mod(q.subtract(BigInteger.ONE));
    }

    public BigInteger inverseOfQ() {
        return q.modInverse(p);
    }
}
