package jpki.applet;

import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.KeyPair;
import javacard.security.PrivateKey;
import javacard.security.PublicKey;

/** What the slots' keys are and how they sign, chosen at installation: all in which one such choice differs from another. */
abstract class Suite {

    final Alarm alarm;
    /** The messageDigest attribute up to the digest, of the hash whose length is its last byte. */
    final byte[] digestHead;
    final short hashLength;
    /** How many answers the public key template takes. */
    final byte keyParts;
    /** RAM for what goes into a signature or comes out of it. */
    final byte[] work;

    Suite(Alarm alarm, byte[] digestHead, byte keyParts, short workLength) {
        this.alarm = alarm;
        this.digestHead = digestHead;
        this.keyParts = keyParts;
        hashLength = digestHead[(short) (digestHead.length - 1)];
        work = JCSystem.makeTransientByteArray(workLength, JCSystem.CLEAR_ON_DESELECT);
    }

    /** For the installation only. */
    abstract KeyPair allocate();

    abstract void generate(KeyPair pair);

    /** Puts one part of the public key template (ISO/IEC 7816-8) at the start of the buffer; returns its length. */
    abstract short publicKey(PublicKey key, byte part, byte[] buffer);

    /** Whether plain SIGN takes this P1. */
    abstract boolean hasForm(byte form);

    abstract boolean fits(byte form, short length);

    /** Whether data for plain SIGN could make a signature that passes for one with an indicator (C6). */
    abstract boolean isLikeIndicator(byte form, byte[] buffer, short length);

    /** Signs {@code length} bytes at ISO7816.OFFSET_CDATA; the signature is put at 0. Returns its length, always the same. */
    abstract short sign(PrivateKey key, byte form, byte[] buffer, short length);

    /** Signs signed attributes, likewise. */
    abstract short signAttributes(PrivateKey key, Indicator indicator, byte[] buffer);

    /** What was hashed, padded or converted does not stay in RAM. */
    final void forget() {
        Util.arrayFillNonAtomic(work, (short) 0, (short) work.length, (byte) 0);
    }
}
