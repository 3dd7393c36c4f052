package cardlab.engine;

import java.security.MessageDigest;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.util.Memoable;

/** The inner state of a digest, of whichever library. */
interface HashState {
    void update(byte[] in, int offset, int length);

    byte[] finish();

    HashState copy();

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
