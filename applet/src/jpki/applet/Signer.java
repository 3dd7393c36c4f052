package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.MessageDigest;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/**
 * Uses of the private keys. PKCS #1 v1.5 is for plain signatures only and RSASSA-PSS for those with an indicator only,
 * so a signature of one kind does not pass for one of the other (C6; docs/reference/applet.md says how firmly).
 */
final class Signer {

    private static final byte RAW = 0x00;
    private static final byte HASH_ON_CARD = 0x01;
    private static final byte WRAP_HASH = 0x02;
    private static final byte HASH_ON_CARD_AND_WRAP = 0x03;

    private static final byte BY_PIN = 0x00;
    /** The same for an application for certificates, which is no document: the content type says so. */
    private static final byte APPLICATION_BY_PIN = 0x10;

    /** A 2048-bit block less the padding's 11 bytes (RFC 8017, 7.2.1). */
    private static final short MAX_RAW_LENGTH = 245;
    /** Of raw data that may end as PSS does: the padding then fixes 135 bits of what PSS would show. */
    private static final short MAX_FREE_LENGTH = 239;
    /** What every RSASSA-PSS block ends in (RFC 8017, 9.1.1). */
    private static final byte PSS_TRAILER = (byte) 0xBC;
    private static final short HASH_LENGTH = 32;
    /** A hash and a DER ECDSA signature of 8 to 72 bytes. */
    private static final short MIN_PROVED_LENGTH = 40;
    private static final short MAX_PROVED_LENGTH = 104;

    /** DigestInfo of a SHA-256 hash, without the hash (RFC 8017, 9.2, note 1). */
    private static final byte[] DIGEST_INFO_HEAD = {
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, (byte) 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    };

    private final Files files;
    private final Profile profile;
    private final Indicator indicator;
    private final Cipher plainCipher = Cipher.getInstance(Cipher.ALG_RSA_PKCS1, false);
    private final Signature indicatorSignature = Signature.getInstance(Signature.ALG_RSA_SHA_256_PKCS1_PSS, false);
    private final MessageDigest sha256 = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
    /** What plain SIGN pads and signs: a cipher that pads must not write over its input (API 3.0.4, Cipher.doFinal). */
    private final byte[] plain = JCSystem.makeTransientByteArray(MAX_RAW_LENGTH, JCSystem.CLEAR_ON_DESELECT);

    Signer(Files files, Profile profile, Indicator indicator) {
        this.files = files;
        this.profile = profile;
        this.indicator = indicator;
    }

    void sign(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        byte form = buffer[ISO7816.OFFSET_P1];
        if (form < RAW || form > HASH_ON_CARD_AND_WRAP) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        KeySlot slot = files.slotOfKeyOrSelected(buffer[ISO7816.OFFSET_P2]);
        short length = Transfer.receiveExtended(apdu);
        requireLength(form, length);
        slot.pin.requireVerified();
        slot.requireKey(Iso.SW_REFERENCE_NOT_FOUND);
        refuseLikePss(form, buffer, length);
        slot.countUse();
        length = prepare(form, buffer, length);
        plainCipher.init(slot.privateKey(), Cipher.MODE_ENCRYPT);
        Transfer.send(apdu, plainCipher.doFinal(plain, (short) 0, length, buffer, (short) 0));
    }

    private static void requireLength(byte form, short length) {
        boolean right = length > 0;
        if (form == RAW) {
            right = length > 0 && length <= MAX_RAW_LENGTH;
        }
        if (form == WRAP_HASH) {
            right = length == HASH_LENGTH;
        }
        if (!right) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
    }

    /** Whoever fills almost the whole block could choose it so that it verifies as RSASSA-PSS too (C6). */
    private static void refuseLikePss(byte form, byte[] buffer, short length) {
        if (form == RAW && length > MAX_FREE_LENGTH
            && buffer[(short) (ISO7816.OFFSET_CDATA + length - 1)] == PSS_TRAILER) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
    }

    /** Makes what is padded and signed of the command data; returns its length. */
    private short prepare(byte form, byte[] buffer, short length) {
        short end = 0;
        if (form == WRAP_HASH || form == HASH_ON_CARD_AND_WRAP) {
            end = Util.arrayCopyNonAtomic(
                DIGEST_INFO_HEAD, (short) 0, plain, (short) 0, (short) DIGEST_INFO_HEAD.length);
        }
        if (form == HASH_ON_CARD || form == HASH_ON_CARD_AND_WRAP) {
            return (short) (end + sha256.doFinal(buffer, ISO7816.OFFSET_CDATA, length, plain, end));
        }
        return Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, plain, end, length);
    }

    void signWithIndicator(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        byte method = buffer[ISO7816.OFFSET_P1];
        boolean application = method == APPLICATION_BY_PIN;
        boolean byPin = application || method == BY_PIN;
        if (!byPin && !DeviceKeys.isMethod(method)) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        KeySlot slot = files.slotOfKey(buffer[ISO7816.OFFSET_P2]);
        if (application && !slot.isSigning()) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        if (byPin) {
            Transfer.receiveExactly(apdu, HASH_LENGTH);
            slot.pin.requireVerified();
            slot.requireKey(Iso.SW_REFERENCE_NOT_FOUND);
            method = slot.pinMethod;
        } else {
            requireProof(apdu, slot, method);
        }
        slot.countUse();
        indicator.compose(application, slot, method, profile.accessSource(), buffer, ISO7816.OFFSET_CDATA);
        indicatorSignature.init(slot.privateKey(), Signature.MODE_SIGN);
        short length = indicatorSignature.sign(
            indicator.attributes(), indicator.start(), indicator.length(), buffer, (short) 0);
        Transfer.send(apdu, length);
    }

    /** Device authentication instead of the PIN, for this one signature (C3). */
    private void requireProof(APDU apdu, KeySlot slot, byte method) {
        byte[] buffer = apdu.getBuffer();
        if (slot.isSigning()) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        short length = Transfer.receive(apdu);
        if (length < MIN_PROVED_LENGTH || length > MAX_PROVED_LENGTH) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        profile.requirePhone();
        slot.pin.requireActive();
        slot.requireKey(Iso.SW_REFERENCE_NOT_FOUND);
        slot.deviceKeys.requireRegistered(method);
        slot.deviceKeys.requireProof(method, Iso.REF_AUTHENTICATION_KEY, buffer, ISO7816.OFFSET_CDATA, length);
    }

    /** What was hashed or padded does not stay in RAM. */
    void forget() {
        Util.arrayFillNonAtomic(plain, (short) 0, MAX_RAW_LENGTH, (byte) 0);
    }

    void sendSignedAttributes(APDU apdu) {
        Transfer.receiveNothing(apdu);
        short length = indicator.length();
        if (length == 0) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        Util.arrayCopyNonAtomic(indicator.attributes(), indicator.start(), apdu.getBuffer(), (short) 0, length);
        Transfer.send(apdu, length);
    }
}
