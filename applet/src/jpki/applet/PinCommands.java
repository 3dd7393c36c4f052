package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** VERIFY, the retry query and CHANGE REFERENCE DATA. PIN bytes never stay in the APDU buffer (B2; JpkiApplet.finish). */
final class PinCommands {

    private static final byte NEW_DATA_ONLY = 0x01;

    private final Alarm alarm;
    private final Files files;
    private final Profile profile;

    PinCommands(Alarm alarm, Files files, Profile profile) {
        this.alarm = alarm;
        this.files = files;
        this.profile = profile;
    }

    /** Without data it is the retry query, which always answers 63Cx. */
    void verify(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (buffer[ISO7816.OFFSET_P1] != 0x00) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        Pin pin = files.slotOfPinOrSelected(buffer[ISO7816.OFFSET_P2]).pin;
        short length = Transfer.receive(apdu);
        if (length == 0) {
            ISOException.throwIt((short) (Iso.SW_TRIES_LEFT | pin.triesLeft()));
        }
        if (length > Pin.MAX_LENGTH) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        alarm.same(pin, files.slotOfPinOrSelected(buffer[ISO7816.OFFSET_P2]).pin);
        pin.verify(buffer, (byte) length);
        Transfer.wipe(buffer);
    }

    void change(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (buffer[ISO7816.OFFSET_P1] != NEW_DATA_ONLY) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        Pin pin = files.slotOfPinOrSelected(buffer[ISO7816.OFFSET_P2]).pin;
        short length = Transfer.receive(apdu);
        pin.requireLength(length, buffer);
        profile.ownPin.require(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        alarm.same(pin, files.slotOfPinOrSelected(buffer[ISO7816.OFFSET_P2]).pin);
        profile.ownPin.confirm();
        pin.change(buffer);
        Transfer.wipe(buffer);
    }
}
