package jpki.applet;

/** Codes of the card interface (docs/reference/applet.md) that javacard.framework.ISO7816 does not name. */
final class Iso {

    static final byte CLA_PLAIN = (byte) 0x80;
    static final byte CLA_SECURED = (byte) 0x84;

    static final byte INS_VERIFY = 0x20;
    static final byte INS_CHANGE_REFERENCE_DATA = 0x24;
    static final byte INS_SIGN = 0x2A;
    static final byte INS_SET_PIN = 0x2C;
    static final byte INS_SIGN_WITH_INDICATOR = 0x2E;
    static final byte INS_GENERATE_KEY_PAIR = 0x46;
    static final byte INS_INITIALIZE_UPDATE = 0x50;
    static final byte INS_EXTERNAL_AUTHENTICATE = (byte) 0x82;
    static final byte INS_GET_CHALLENGE = (byte) 0x84;
    static final byte INS_READ_BINARY = (byte) 0xB0;
    static final byte INS_GET_DATA = (byte) 0xCA;
    static final byte INS_REGISTER_DEVICE_KEY = (byte) 0xDA;
    static final byte INS_STORE_CERTIFICATE = (byte) 0xE2;
    static final byte INS_DELETE = (byte) 0xE4;
    static final byte INS_GET_STATUS = (byte) 0xF2;

    /** P2: the EF that is selected now, instead of a reference. */
    static final byte REF_SELECTED = (byte) 0x80;
    static final byte REF_AUTHENTICATION_KEY = (byte) 0x97;
    static final byte REF_AUTHENTICATION_PIN = (byte) 0x98;
    static final byte REF_SIGNING_KEY = (byte) 0x9A;
    static final byte REF_SIGNING_PASSWORD = (byte) 0x9B;

    /** Nobody but who disturbs the card sees it (ISO/IEC 7816-4:2020, Table 6: 66xx, security-related issues). */
    static final short SW_ATTACK = 0x6600;
    static final short SW_TRIES_LEFT = 0x63C0;
    static final short SW_SECURE_MESSAGING_WRONG = 0x6988;
    static final short SW_WRONG_FILE = 0x6981;
    static final short SW_KEY_IN_USE = 0x6A89;
    static final short SW_REFERENCE_NOT_FOUND = 0x6A88;
    static final short SW_MEMORY_FAILURE = 0x6581;

    private static final byte MORE_CHANNELS = 0x40;
    private static final byte SECURED_ON_MORE_CHANNELS = 0x20;

    private Iso() {
    }

    /**
     * The class as it is on the basic channel. Platforms pass on the number of the logical channel in it, and phones
     * open channels 1 to 3 or 4 to 19 (ISO/IEC 7816-4:2020, 5.4.1; GPCS 2.3.1, 11.1.4). The buffer keeps the class as
     * it came, for the security domain.
     */
    static byte withoutChannel(byte cla) {
        if ((cla & MORE_CHANNELS) == 0) {
            return (byte) (cla & 0xFC);
        }
        byte plain = (byte) (cla & 0x90);
        return (cla & SECURED_ON_MORE_CHANNELS) == 0 ? plain : (byte) (plain | 0x04);
    }
}
