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

    /** APDU.PROTOCOL_MEDIA_HCI_APDU_GATE, and PROTOCOL_MEDIA_CONTACTLESS_TYPE_F too; the API has them since 3.0.5. */
    private static final byte MEDIA_HCI_APDU_GATE = (byte) 0xB0;

    private final byte value;
    /** The one medium besides DEFAULT that is not contactless; DEFAULT when there is none. */
    private final byte contactMedium;

    /** @param parameters the value of tag C9: nothing (phone); a profile; then a medium; then the load file's hash */
    Profile(byte[] parameters, short offset, short length) {
        boolean hash = length == (short) (2 + Identification.HASH_LENGTH);
        value = length == 0 ? PHONE : parameters[offset];
        contactMedium = length < 2 ? APDU.PROTOCOL_MEDIA_DEFAULT : parameters[(short) (offset + 1)];
        boolean medium = mayBeContact(contactMedium) || (hash && contactMedium == APDU.PROTOCOL_MEDIA_DEFAULT);
        if ((length > 2 && !hash) || (value != PHONE && value != CARD) || (length >= 2 && !medium)) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
    }

    /** Types A and B are contactless on every card, and a reserved value is known to nobody. */
    private static boolean mayBeContact(byte medium) {
        return medium == APDU.PROTOCOL_MEDIA_USB || medium == MEDIA_HCI_APDU_GATE;
    }

    byte value() {
        return value;
    }

    /** The medium named at installation, DEFAULT when none was. */
    byte contactMedium() {
        return contactMedium;
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

    /** Every medium that is not certainly a contact, or was said to be one at installation, counts as contactless. */
    private boolean isContactless() {
        byte medium = (byte) (APDU.getProtocol() & APDU.PROTOCOL_MEDIA_MASK);
        return medium != APDU.PROTOCOL_MEDIA_DEFAULT && medium != contactMedium;
    }

    void refuseContactless() {
        if (isContactless()) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
    }

    /** In a phone the user's own application is inside; a plastic card has no inside, and a reader in the air may be all. */
    void refuseContactlessPhone() {
        if (isPhone()) {
            refuseContactless();
        }
    }

    void requirePhone() {
        if (!isPhone()) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
    }
}
