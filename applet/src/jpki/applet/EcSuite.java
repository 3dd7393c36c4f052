package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.Util;
import javacard.security.ECKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.PrivateKey;
import javacard.security.PublicKey;
import javacard.security.Signature;

/**
 * ECDSA on P-384 with SHA-384: an assumption about the next card, of which nothing but that is public.
 *
 * <p>ECDSA has no padding that would tell one kind of signature from another. So plain signatures are over data that the
 * card sees and hashes itself, and never over what begins as signed attributes do (C6): it signs no hash that it is given.
 */
final class EcSuite extends Suite {

    private static final byte HASH_ON_CARD = 0x01;
    /** What signed attributes begin with, a SET. */
    private static final byte SET = 0x31;

    /** messageDigest, without the digest. */
    private static final byte[] DIGEST_HEAD = {
        0x30, 0x3F,
        0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x09, 0x04,
        0x31, 0x32,
        0x04, 0x30,
    };

    /** The public key template up to the point of 97 bytes (ISO/IEC 7816-8, 5.2.2). */
    private static final short TEMPLATE = 0x7F49;
    private static final short TEMPLATE_LENGTH_AND_POINT = 0x6386;
    private static final byte POINT_LENGTH = 97;
    private static final short POINT = 5;

    private static final short NUMBER_LENGTH = 48;
    private static final short SIGNATURE_LENGTH = (short) (2 * NUMBER_LENGTH);
    /** SEQUENCE of two INTEGERs, which may have a byte for the sign (RFC 3279, 2.2.3). */
    private static final short MAX_DER_LENGTH = 104;
    private static final short DER_HEAD = 2;

    private final Signature signature = Signature.getInstance(Signature.ALG_ECDSA_SHA_384, false);

    EcSuite(Alarm alarm) {
        super(alarm, DIGEST_HEAD, (byte) 1, MAX_DER_LENGTH);
    }

    KeyPair allocate() {
        return new KeyPair(KeyPair.ALG_EC_FP, KeyBuilder.LENGTH_EC_FP_384);
    }

    /** Clearing a key may take its curve as well. */
    void generate(KeyPair pair) {
        Curve.set((ECKey) pair.getPublic(), Curve.P384, work, (short) 0);
        Curve.set((ECKey) pair.getPrivate(), Curve.P384, work, (short) 0);
        pair.genKeyPair();
    }

    /** The whole template, 102 bytes. */
    short publicKey(PublicKey key, byte part, byte[] buffer) {
        Util.setShort(buffer, (short) 0, TEMPLATE);
        Util.setShort(buffer, (short) 2, TEMPLATE_LENGTH_AND_POINT);
        buffer[(short) (POINT - 1)] = POINT_LENGTH;
        return (short) (POINT + ((ECPublicKey) key).getW(buffer, POINT));
    }

    boolean hasForm(byte form) {
        return form == HASH_ON_CARD;
    }

    boolean fits(byte form, short length) {
        return length > 0;
    }

    boolean isLikeIndicator(byte form, byte[] buffer, short length) {
        return buffer[ISO7816.OFFSET_CDATA] == SET;
    }

    /** From a place that no variable holds: elsewhere in the buffer there may be other data. */
    short sign(PrivateKey key, byte form, byte[] buffer, short length) {
        signature.init(key, Signature.MODE_SIGN);
        signature.sign(buffer, ISO7816.OFFSET_CDATA, length, work, (short) 0);
        alarm.require(buffer[ISO7816.OFFSET_CDATA] != SET);
        return convert(buffer);
    }

    short signAttributes(PrivateKey key, Indicator indicator, byte[] buffer) {
        signature.init(key, Signature.MODE_SIGN);
        signature.sign(indicator.attributes, indicator.start(), indicator.length(), work, (short) 0);
        return convert(buffer);
    }

    /** DER, of a length that varies, to r and s of 48 bytes each (BSI TR-03111, 5.2.1). */
    private short convert(byte[] buffer) {
        short from = DER_HEAD;
        Util.arrayFillNonAtomic(buffer, (short) 0, SIGNATURE_LENGTH, (byte) 0);
        for (short end = NUMBER_LENGTH; end <= SIGNATURE_LENGTH; end += NUMBER_LENGTH) {
            short length = work[(short) (from + 1)];
            from += (short) (length + 2);
            if (length > NUMBER_LENGTH) {
                length = NUMBER_LENGTH;
            }
            Util.arrayCopyNonAtomic(work, (short) (from - length), buffer, (short) (end - length), length);
        }
        return SIGNATURE_LENGTH;
    }
}
