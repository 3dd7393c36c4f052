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
     * For what asks the library's default source. What the library draws for itself comes from the host: to blind the
     * coordinates of points, and to look at a modulus that it has not met. That shows in no answer, other runtimes do not
     * draw for it, and so it must not change what the card draws next.
     */
    public static SecureRandomNullProvider ofWhatShows() {
        return new SecureRandomNullProvider(new ShownSource());
    }

    private static final class ShownSource extends CardSource {
        private static final long serialVersionUID = 1L;
        private static final SecureRandom HOST = new SecureRandom();
        private static final String LIBRARY = "com.licel.jcardsim.bouncycastle.";
        private static final String CURVE = LIBRARY + "math.ec.ECCurve";
        private static final String KEY = LIBRARY + "crypto.params.RSAKeyParameters";

        private static boolean isForItself() {
            return StackWalker.getInstance().walk(calls -> calls.map(StackWalker.StackFrame::getClassName)
                    .anyMatch(name -> name.startsWith(CURVE) || name.equals(KEY)));
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            if (isForItself()) {
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
