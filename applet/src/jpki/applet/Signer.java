package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.PrivateKey;

/** Uses of the private keys: plain signatures, and those with an indicator. Neither passes for the other (C6; Suite). */
final class Signer {

    private static final byte BY_PIN = 0x00;
    /** The same for an application for certificates, which is no document: the content type says so. */
    private static final byte APPLICATION_BY_PIN = 0x10;

    /** Of a DER ECDSA signature with P-256, behind the hash. */
    private static final short MIN_PROOF_LENGTH = 8;
    private static final short MAX_PROOF_LENGTH = 72;

    private final Alarm alarm;
    private final Suite suite;
    private final Files files;
    private final Profile profile;
    private final Indicator indicator;

    Signer(Alarm alarm, Suite suite, Files files, Profile profile, Indicator indicator) {
        this.alarm = alarm;
        this.suite = suite;
        this.files = files;
        this.profile = profile;
        this.indicator = indicator;
    }

    void sign(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        byte form = buffer[ISO7816.OFFSET_P1];
        if (!suite.hasForm(form)) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        KeySlot slot = files.slotOfKeyOrSelected(buffer[ISO7816.OFFSET_P2]);
        short length = Transfer.receiveExtended(apdu);
        if (!suite.fits(form, length)) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        slot.pin.require(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        slot.requireKey(Iso.SW_REFERENCE_NOT_FOUND);
        if (suite.isLikeIndicator(form, buffer, length)) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        alarm.same(buffer[ISO7816.OFFSET_INS], Iso.INS_SIGN);
        alarm.same(slot, files.slotOfKeyOrSelected(buffer[ISO7816.OFFSET_P2]));
        length = suite.sign(slot.privateKey(slot.pin), form, buffer, length);
        slot.confirmUse(slot.pin);
        Transfer.send(apdu, length);
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
            Transfer.receiveExactly(apdu, suite.hashLength);
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
        short length = suite.signAttributes(key, indicator, buffer);
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
        short proof = (short) (length - suite.hashLength);
        if (proof < MIN_PROOF_LENGTH || proof > MAX_PROOF_LENGTH) {
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

    void sendSignedAttributes(APDU apdu) {
        Transfer.receiveNothing(apdu);
        short length = indicator.length();
        if (length == 0) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        Util.arrayCopyNonAtomic(indicator.attributes, indicator.start(), apdu.getBuffer(), (short) 0, length);
        Transfer.send(apdu, length);
    }
}
