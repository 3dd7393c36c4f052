package com.licel.jcardsim.crypto;

import cardlab.jcardsim.Drbg;
import cardlab.jcardsim.RandomOwner;
import com.licel.jcardsim.base.SimulatorSystem;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;

/**
 * The randomness of key generation, ECDSA, PSS and OAEP: the generator of the card that runs on this thread.
 *
 * <p>jCardSim's class of this name starts from the same state every time, so that every card generates the same keys. This
 * one stands before it on the class path.
 */
public final class SecureRandomNullProvider extends SecureRandom {
    private static final long serialVersionUID = 1L;

    public SecureRandomNullProvider() {
        super(new CardSource(), null);
    }

    private SecureRandomNullProvider(SecureRandomSpi source) {
        super(source, null);
    }

    /**
     * For what asks Bouncy Castle's default source, which points of curves do to blind their coordinates. That shows in
     * no answer, and other runtimes do not draw for it, so it must not change what the card draws next.
     */
    public static SecureRandomNullProvider withoutBlinding() {
        return new SecureRandomNullProvider(new UnblindedSource());
    }

    private static final class UnblindedSource extends CardSource {
        private static final long serialVersionUID = 1L;
        private static final SecureRandom HOST = new SecureRandom();
        private static final String CURVE = "com.licel.jcardsim.bouncycastle.math.ec.ECCurve";

        private static boolean isBlinding() {
            return StackWalker.getInstance().walk(calls -> calls.anyMatch(one -> one.getClassName().startsWith(CURVE)));
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            if (isBlinding()) {
                HOST.nextBytes(bytes);
            } else {
                super.engineNextBytes(bytes);
            }
        }
    }

    private static class CardSource extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;

        private static Drbg ofThisCard() {
            return ((RandomOwner) SimulatorSystem.instance()).random();
        }

        @Override
        protected void engineSetSeed(byte[] seed) {
            ofThisCard().reseed(seed);
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            ofThisCard().generate(bytes, 0, bytes.length);
        }

        @Override
        protected byte[] engineGenerateSeed(int length) {
            byte[] bytes = new byte[length];
            engineNextBytes(bytes);
            return bytes;
        }
    }
}
