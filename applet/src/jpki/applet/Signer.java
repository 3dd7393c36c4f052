package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.MessageDigest;
import javacard.security.PrivateKey;
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

    private final Alarm alarm;
    private final Files files;
    private final Profile profile;
    private final Indicator indicator;
    private final Cipher plainCipher = Cipher.getInstance(Cipher.ALG_RSA_PKCS1, false);
    private final Signature indicatorSignature = Signature.getInstance(Signature.ALG_RSA_SHA_256_PKCS1_PSS, false);
    private final MessageDigest sha256 = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
    /** What plain SIGN pads and signs: a cipher that pads must not write over its input (API 3.0.4, Cipher.doFinal). */
    private final byte[] plain = JCSystem.makeTransientByteArray(MAX_RAW_LENGTH, JCSystem.CLEAR_ON_DESELECT);

    Signer(Alarm alarm, Files files, Profile profile, Indicator indicator) {
        this.alarm = alarm;
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
        slot.pin.require(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        slot.requireKey(Iso.SW_REFERENCE_NOT_FOUND);
        if (form == RAW && isLikePss(buffer, ISO7816.OFFSET_CDATA, length)) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        alarm.same(buffer[ISO7816.OFFSET_INS], Iso.INS_SIGN);
        alarm.same(slot, files.slotOfKeyOrSelected(buffer[ISO7816.OFFSET_P2]));
        length = prepare(form, buffer, length);
        plainCipher.init(slot.privateKey(slot.pin), Cipher.MODE_ENCRYPT);
        short end = plainCipher.doFinal(plain, (short) 0, length, buffer, (short) 0);
        alarm.require(!isLikePss(plain, (short) 0, length));
        slot.confirmUse(slot.pin);
        Transfer.send(apdu, end);
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
    private static boolean isLikePss(byte[] data, short offset, short length) {
        return length > MAX_FREE_LENGTH && data[(short) (offset + length - 1)] == PSS_TRAILER;
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
        byte p1 = buffer[ISO7816.OFFSET_P1];
        boolean byPin = p1 == BY_PIN || p1 == APPLICATION_BY_PIN;
        if (!byPin && !DeviceKeys.isMethod(p1)) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        KeySlot slot = files.slotOfKey(buffer[ISO7816.OFFSET_P2]);
        if (p1 == APPLICATION_BY_PIN && !slot.isSigning()) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        HolderRight right = slot.pin;
        if (byPin) {
            Transfer.receiveExactly(apdu, HASH_LENGTH);
            right.require(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
            slot.requireKey(Iso.SW_REFERENCE_NOT_FOUND);
        } else {
            right = proof(apdu, slot, p1);
        }
        alarm.same(buffer[ISO7816.OFFSET_INS], Iso.INS_SIGN_WITH_INDICATOR);
        alarm.same(slot, files.slotOfKey(buffer[ISO7816.OFFSET_P2]));
        sign(apdu, slot, right, typeOf(p1));
    }

    private static byte[] typeOf(byte p1) {
        return p1 == APPLICATION_BY_PIN ? Indicator.APPLICATION : Indicator.DOCUMENT;
    }

    /** The attributes say what the right says and where the command came from, both found out again before they are signed. */
    private void sign(APDU apdu, KeySlot slot, HolderRight right, byte[] type) {
        byte[] buffer = apdu.getBuffer();
        PrivateKey key = slot.privateKey(right);
        indicator.compose(type, right.method(), profile.accessSource(), slot.uses, buffer, ISO7816.OFFSET_CDATA);
        byte[] again = typeOf(buffer[ISO7816.OFFSET_P1]);
        alarm.require(again == Indicator.DOCUMENT || slot.isSigning());
        indicator.confirm(alarm, again, right.method(), profile.accessSource(), slot.uses);
        indicatorSignature.init(key, Signature.MODE_SIGN);
        short length = indicatorSignature.sign(
            indicator.attributes(), indicator.start(), indicator.length(), buffer, (short) 0);
        slot.confirmUse(right);
        Transfer.send(apdu, length);
    }

    /** Device authentication instead of the PIN, for this one signature (C3). */
    private HolderRight proof(APDU apdu, KeySlot slot, byte method) {
        byte[] buffer = apdu.getBuffer();
        if (slot.isSigning()) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        short length = Transfer.receive(apdu);
        if (length < MIN_PROVED_LENGTH || length > MAX_PROVED_LENGTH) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        profile.phone.require(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        slot.pin.requireActive();
        slot.requireKey(Iso.SW_REFERENCE_NOT_FOUND);
        slot.deviceKeys.requireRegistered(method);
        slot.deviceKeys.prove(method, buffer, length);
        slot.deviceKeys.require(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        slot.pin.confirmActive();
        return slot.deviceKeys;
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
