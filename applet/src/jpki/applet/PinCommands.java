package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** VERIFY, the retry query and CHANGE REFERENCE DATA. PIN bytes never stay in the APDU buffer (B2). */
final class PinCommands {

    private static final byte NEW_DATA_ONLY = 0x01;

    private final Files files;

    PinCommands(Files files) {
        this.files = files;
    }

    /** Without data it is the retry query, which always answers 63Cx. */
    void verify(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        try {
            Pin pin = pin(buffer, (byte) 0x00);
            short length = Transfer.receive(apdu);
            if (length == 0) {
                ISOException.throwIt((short) (Iso.SW_TRIES_LEFT | pin.triesLeft()));
            }
            if (length > Pin.MAX_LENGTH) {
                ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
            }
            pin.verify(buffer, ISO7816.OFFSET_CDATA, (byte) length);
        } finally {
            wipe(buffer);
        }
    }

    void change(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        try {
            Pin pin = pin(buffer, NEW_DATA_ONLY);
            short length = Transfer.receive(apdu);
            pin.requireLength(length);
            pin.change(buffer, ISO7816.OFFSET_CDATA, (byte) length);
        } finally {
            wipe(buffer);
        }
    }

    private Pin pin(byte[] command, byte p1) {
        if (command[ISO7816.OFFSET_P1] != p1) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        return files.slotOfPinOrSelected(command[ISO7816.OFFSET_P2]).pin;
    }

    /** All behind the header: with T=1 the data may be there before they are received, and where Lc puts them. */
    static void wipe(byte[] buffer) {
        Util.arrayFillNonAtomic(
            buffer, ISO7816.OFFSET_CDATA, (short) (buffer.length - ISO7816.OFFSET_CDATA), (byte) 0);
    }
}
