package cardlab.engine;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.util.Memoable;

/** The inner state of a digest, of whichever library. */
interface HashState {
    void update(byte[] in, int offset, int length);

    byte[] finish();

    HashState copy();

    /** Of ALG_NULL: what was given, which the applet hashed itself. ILLEGAL_USE beyond what any order of a curve has. */
    record OfNothing(ByteArrayOutputStream given) implements HashState {
        private static final int LIMIT = 128;

        @Override
        public void update(byte[] in, int offset, int length) {
            if (given.size() + length > LIMIT) {
                throw EngineException.illegalUse("ALG_NULL takes a hash of up to " + LIMIT + " bytes");
            }
            given.write(in, offset, length);
        }

        @Override
        public byte[] finish() {
            return given.toByteArray();
        }

        @Override
        public HashState copy() {
            ByteArrayOutputStream copy = new ByteArrayOutputStream();
            copy.writeBytes(given.toByteArray());
            return new OfNothing(copy);
        }
    }

    /** The JDK's, which the virtual machine has in hardware where there is some. */
    record OfJdk(MessageDigest digest) implements HashState {
        @Override
        public void update(byte[] in, int offset, int length) {
            digest.update(in, offset, length);
        }

        @Override
        public byte[] finish() {
            return digest.digest();
        }

        @Override
        public HashState copy() {
            return new OfJdk(Digests.cloned(digest));
        }
    }

    /** Bouncy Castle's. */
    record OfLibrary(ExtendedDigest digest) implements HashState {
        @Override
        public void update(byte[] in, int offset, int length) {
            digest.update(in, offset, length);
        }

        @Override
        public byte[] finish() {
            byte[] value = new byte[digest.getDigestSize()];
            digest.doFinal(value, 0);
            return value;
        }

        @Override
        public HashState copy() {
            return new OfLibrary((ExtendedDigest) ((Memoable) digest).copy());
        }
    }
}
