package cardlab.engine;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.BitSet;
import org.bouncycastle.math.Primes;

/**
 * Primes for RSA keys (FIPS 186-5, A.1.3): the two highest bits are set, so a product of two has all its bits, and p - 1 has
 * no factor in common with the public exponent.
 *
 * <p>From a random number on, what has a small factor is crossed out before anything is raised to a power: that leaves half
 * as many powers, which are what a key takes its time for.
 */
final class RsaPrimes {
    /** Numbers are crossed out by the primes below. */
    private static final int SMALL = 1 << 15;
    /** Odd numbers that are looked at from one random number on: a prime of 2,048 bits is among them four times in five. */
    private static final int WINDOW = 1 << 10;
    /** Rounds of Miller-Rabin with random bases (FIPS 186-5, Table B.1 asks for 4 or fewer; small keys are of no use anyway). */
    private static final int ROUNDS = 5;

    private final SecureRandom random;
    private final BigInteger exponent;
    private final int[] small = smallPrimes();

    RsaPrimes(SecureRandom random, BigInteger exponent) {
        this.random = random;
        this.exponent = exponent;
    }

    /** The next prime with so many bits. */
    BigInteger next(int bits) {
        while (true) {
            BigInteger start = new BigInteger(bits, random).setBit(bits - 1).setBit(bits - 2).setBit(0);
            BitSet composite = sieve(start);
            for (int i = composite.nextClearBit(0); i < WINDOW; i = composite.nextClearBit(i + 1)) {
                BigInteger candidate = start.add(BigInteger.valueOf(2L * i));
                if (candidate.bitLength() == bits && isSuitable(candidate)) {
                    return candidate;
                }
            }
        }
    }

    /** Which of {@code start}, {@code start + 2}, ... have a small factor. */
    private BitSet sieve(BigInteger start) {
        BitSet composite = new BitSet(WINDOW);
        for (int prime : small) {
            int rest = start.mod(BigInteger.valueOf(prime)).intValue();
            // The first i with rest + 2 i = 0 modulo the prime: half of what is missing, made even
            int missing = rest == 0 ? 0 : prime - rest;
            for (int i = (missing & 1) == 0 ? missing / 2 : (missing + prime) / 2; i < WINDOW; i += prime) {
                composite.set(i);
            }
        }
        return composite;
    }

    private boolean isSuitable(BigInteger candidate) {
        return candidate.subtract(BigInteger.ONE).gcd(exponent).equals(BigInteger.ONE)
                && Primes.isMRProbablePrimeToBase(candidate, BigInteger.TWO)
                && Primes.isMRProbablePrime(candidate, random, ROUNDS);
    }

    private static int[] smallPrimes() {
        BitSet composite = new BitSet(SMALL);
        for (int i = 3; i * i < SMALL; i += 2) {
            for (int j = i * i; !composite.get(i) && j < SMALL; j += 2 * i) {
                composite.set(j);
            }
        }
        return java.util.stream.IntStream.range(3, SMALL).filter(one -> (one & 1) == 1 && !composite.get(one)).toArray();
    }
}
