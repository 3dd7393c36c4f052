package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.Util;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.PrivateKey;
import javacard.security.PublicKey;
import javacard.security.RSAPublicKey;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/**
 * RSA-2048 with SHA-256. PKCS #1 v1.5 is for plain signatures only and RSASSA-PSS for those with an indicator only, so a
 * signature of one kind does not pass for one of the other (C6; docs/reference/applet.md says how firmly).
 */
final class RsaSuite extends Suite {

    private static final byte RAW = 0x00;
    private static final byte HASH_ON_CARD = 0x01;
    private static final byte WRAP_HASH = 0x02;
    private static final byte HASH_ON_CARD_AND_WRAP = 0x03;

    /** A 2048-bit block less the padding's 11 bytes (RFC 8017, 7.2.1). */
    private static final short MAX_RAW_LENGTH = 245;
    /** Of raw data that may end as PSS does: the padding then fixes 135 bits of what PSS would show. */
    private static final short MAX_FREE_LENGTH = 239;
    /** What every RSASSA-PSS block ends in (RFC 8017, 9.1.1). */
    private static final byte PSS_TRAILER = (byte) 0xBC;

    /** DigestInfo of a SHA-256 hash, without the hash (RFC 8017, 9.2, note 1). */
    private static final byte[] DIGEST_INFO_HEAD = {
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, (byte) 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    };

    /** messageDigest, without the digest. */
    private static final byte[] DIGEST_HEAD = {
        0x30, 0x2F,
        0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x09, 0x04,
        0x31, 0x22,
        0x04, 0x20,
    };

    /** The public key template up to the modulus (ISO/IEC 7816-8, 5.2.2) and the tag and length of the exponent. */
    private static final byte[] PUBLIC_KEY_HEAD = {
        0x7F, 0x49, (byte) 0x82, 0x01, 0x09, (byte) 0x81, (byte) 0x82, 0x01, 0x00,
    };
    private static final short EXPONENT_HEAD = (short) 0x8203;
    private static final short EXPONENT_LENGTH = 3;
    private static final short MODULUS_LENGTH = 256;
    private static final short HALF_LENGTH = 135;

    private final Cipher plainCipher = Cipher.getInstance(Cipher.ALG_RSA_PKCS1, false);
    private final Signature indicatorSignature = Signature.getInstance(Signature.ALG_RSA_SHA_256_PKCS1_PSS, false);
    private final MessageDigest sha256 = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);

    RsaSuite(Alarm alarm) {
        super(alarm, DIGEST_HEAD, (byte) 2, MAX_RAW_LENGTH);
    }

    KeyPair allocate() {
        return new KeyPair(KeyPair.ALG_RSA_CRT, KeyBuilder.LENGTH_RSA_2048);
    }

    void generate(KeyPair pair) {
        pair.genKeyPair();
    }

    /** First or second half of the template, 135 bytes each. */
    short publicKey(PublicKey key, byte part, byte[] buffer) {
        RSAPublicKey rsa = (RSAPublicKey) key;
        short head = (short) PUBLIC_KEY_HEAD.length;
        short first = (short) (HALF_LENGTH - head);
        rsa.getModulus(buffer, (short) 0);
        if (part == 0) {
            Util.arrayCopyNonAtomic(buffer, (short) 0, buffer, head, first);
            Util.arrayCopyNonAtomic(PUBLIC_KEY_HEAD, (short) 0, buffer, (short) 0, head);
            return HALF_LENGTH;
        }
        short end = Util.arrayCopyNonAtomic(buffer, first, buffer, (short) 0, (short) (MODULUS_LENGTH - first));
        end = Util.setShort(buffer, end, EXPONENT_HEAD);
        // 65537 as nobody set another (API 3.0.4, KeyPair.genKeyPair); some cards give leading zeros with it.
        short last = (short) (end + rsa.getExponent(buffer, end) - EXPONENT_LENGTH);
        Util.arrayCopyNonAtomic(buffer, last, buffer, end, EXPONENT_LENGTH);
        return HALF_LENGTH;
    }

    boolean hasForm(byte form) {
        return form >= RAW && form <= HASH_ON_CARD_AND_WRAP;
    }

    boolean fits(byte form, short length) {
        if (form == RAW) {
            return length > 0 && length <= MAX_RAW_LENGTH;
        }
        return form == WRAP_HASH ? length == hashLength : length > 0;
    }

    /** Whoever fills almost the whole block could choose it so that it verifies as RSASSA-PSS too. */
    boolean isLikeIndicator(byte form, byte[] buffer, short length) {
        return form == RAW && isLikePss(buffer, ISO7816.OFFSET_CDATA, length);
    }

    private static boolean isLikePss(byte[] data, short offset, short length) {
        return length > MAX_FREE_LENGTH && data[(short) (offset + length - 1)] == PSS_TRAILER;
    }

    /** A cipher that pads must not write over its input (API 3.0.4, Cipher.doFinal). */
    short sign(PrivateKey key, byte form, byte[] buffer, short length) {
        length = prepare(form, buffer, length);
        plainCipher.init(key, Cipher.MODE_ENCRYPT);
        short end = plainCipher.doFinal(work, (short) 0, length, buffer, (short) 0);
        alarm.require(!isLikePss(work, (short) 0, length));
        return end;
    }

    /** Makes what is padded and signed of the command data; returns its length. */
    private short prepare(byte form, byte[] buffer, short length) {
        short end = 0;
        if (form == WRAP_HASH || form == HASH_ON_CARD_AND_WRAP) {
            end = Util.arrayCopyNonAtomic(
                DIGEST_INFO_HEAD, (short) 0, work, (short) 0, (short) DIGEST_INFO_HEAD.length);
        }
        if (form == HASH_ON_CARD || form == HASH_ON_CARD_AND_WRAP) {
            return (short) (end + sha256.doFinal(buffer, ISO7816.OFFSET_CDATA, length, work, end));
        }
        return Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, work, end, length);
    }

    short signAttributes(PrivateKey key, Indicator indicator, byte[] buffer) {
        indicatorSignature.init(key, Signature.MODE_SIGN);
        return indicatorSignature.sign(
            indicator.attributes, indicator.start(), indicator.length(), buffer, (short) 0);
    }
}
