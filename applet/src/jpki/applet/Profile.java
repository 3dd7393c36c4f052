package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** What the install parameters chose, and where a command came from (D5). */
final class Profile {

    static final byte PHONE = 0x01;
    static final byte CARD = 0x02;
    /** Beside a profile: the second suite instead of the first. */
    private static final byte SECOND_SUITE = 0x10;

    /** AccessSource of the indicator. */
    static final byte SOURCE_INTERNAL = 0x01;
    static final byte SOURCE_CONTACT = 0x02;
    static final byte SOURCE_CONTACTLESS = 0x03;

    /** APDU.PROTOCOL_MEDIA_HCI_APDU_GATE, and PROTOCOL_MEDIA_CONTACTLESS_TYPE_F too; the API has them since 3.0.5. */
    private static final byte MEDIA_HCI_APDU_GATE = (byte) 0xB0;

    /** Of commands that never come from the air. */
    final Right contact;
    /** Of commands that only a phone's applet has. */
    final Right phone;
    /**
     * To set one's PIN: in a phone the user's own application is inside; a plastic card has no inside, and a reader in the
     * air may be all.
     */
    final Right ownPin;

    /** Profile and suite, as they were given. */
    final byte value;
    /** The one medium besides DEFAULT that is not contactless; DEFAULT when none was named. */
    final byte contactMedium;

    /** @param parameters the value of tag C9: nothing (phone); a profile and suite; then a medium; then the load file's hash */
    Profile(Alarm alarm, byte[] parameters, short offset, short length) {
        boolean hash = length == (short) (2 + Identification.HASH_LENGTH);
        value = length == 0 ? PHONE : parameters[offset];
        contactMedium = length < 2 ? APDU.PROTOCOL_MEDIA_DEFAULT : parameters[(short) (offset + 1)];
        boolean medium = mayBeContact(contactMedium) || (hash && contactMedium == APDU.PROTOCOL_MEDIA_DEFAULT);
        if ((length > 2 && !hash) || (!isPhone() && profile() != CARD) || (length >= 2 && !medium)) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        contact = new Place(alarm, this, Place.CONTACT);
        phone = new Place(alarm, this, Place.PHONE);
        ownPin = new Place(alarm, this, Place.OWN_PIN);
    }

    /** One of the questions below, asked twice. */
    private static final class Place extends Right {

        private static final byte CONTACT = 0;
        private static final byte PHONE = 1;
        private static final byte OWN_PIN = 2;

        private final Profile profile;
        private final byte kind;

        Place(Alarm alarm, Profile profile, byte kind) {
            super(alarm);
            this.profile = profile;
            this.kind = kind;
        }

        short first() {
            return holds() ? YES : NO;
        }

        short second() {
            return holds() ? ALSO : NO;
        }

        private boolean holds() {
            switch (kind) {
                case CONTACT:
                    return !profile.isContactless();
                case PHONE:
                    return profile.isPhone();
                case OWN_PIN:
                    return !profile.isPhone() || !profile.isContactless();
                default:
                    return false;
            }
        }
    }

    /** Types A and B are contactless on every card, and a reserved value is known to nobody. */
    private static boolean mayBeContact(byte medium) {
        return medium == APDU.PROTOCOL_MEDIA_USB || medium == MEDIA_HCI_APDU_GATE;
    }

    /** Allocates: for the installation only. */
    Suite suite(Alarm alarm) {
        return (value & SECOND_SUITE) != 0 ? (Suite) new EcSuite(alarm) : new RsaSuite(alarm);
    }

    private byte profile() {
        return (byte) (value & ~SECOND_SUITE);
    }

    boolean isPhone() {
        return profile() == PHONE;
    }

    byte accessSource() {
        if (isContactless()) {
            return SOURCE_CONTACTLESS;
        }
        return isPhone() ? SOURCE_INTERNAL : SOURCE_CONTACT;
    }

    /** Every medium that is not certainly a contact, or was said to be one at installation, counts as contactless. */
    boolean isContactless() {
        byte medium = (byte) (APDU.getProtocol() & APDU.PROTOCOL_MEDIA_MASK);
        return medium != APDU.PROTOCOL_MEDIA_DEFAULT && medium != contactMedium;
    }

    /** State of a PIN that the TSM sets: a phone's is temporary. */
    short stateOfNewPin() {
        return isPhone() ? Pin.SETTABLE : Pin.ACTIVE;
    }
}
