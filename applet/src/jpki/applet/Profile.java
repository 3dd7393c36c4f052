package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** What the install parameters chose, and where a command came from (D5). */
final class Profile {

    static final byte PHONE = 0x01;
    static final byte CARD = 0x02;

    /** AccessSource of the indicator. */
    static final byte SOURCE_INTERNAL = 0x01;
    static final byte SOURCE_CONTACT = 0x02;
    static final byte SOURCE_CONTACTLESS = 0x03;

    private final byte value;

    /** @param parameters the value of tag C9, at most one byte: absent means phone */
    Profile(byte[] parameters, short offset, short length) {
        if (length == 0) {
            value = PHONE;
            return;
        }
        if (length != 1 || (parameters[offset] != PHONE && parameters[offset] != CARD)) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        value = parameters[offset];
    }

    byte value() {
        return value;
    }

    boolean isPhone() {
        return value == PHONE;
    }

    byte accessSource() {
        if (isContactless()) {
            return SOURCE_CONTACTLESS;
        }
        return isPhone() ? SOURCE_INTERNAL : SOURCE_CONTACT;
    }

    /** Every medium that is not certainly a contact counts as contactless. */
    static boolean isContactless() {
        return (byte) (APDU.getProtocol() & APDU.PROTOCOL_MEDIA_MASK) != APDU.PROTOCOL_MEDIA_DEFAULT;
    }

    static void refuseContactless() {
        if (isContactless()) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
    }

    void requirePhone() {
        if (!isPhone()) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
    }
}
