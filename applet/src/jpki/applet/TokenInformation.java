package jpki.applet;

import javacard.framework.Util;

/** EF 0006: a PKCS #11 token information record (CK_TOKEN_INFO), words big-endian. */
final class TokenInformation {

    static final short LENGTH = 160;

    /** Label, manufacturer, model, serial number: blank but for the label. */
    private static final short TEXT_LENGTH = 96;

    private static final byte[] PHONE_LABEL = {
        'J', 'P', 'K', 'I', 'A', 'P', 'G', 'P', 'S', 'E', 'T', 'O', 'K', 'E', 'N'
    };
    private static final byte[] CARD_LABEL = {
        'J', 'P', 'K', 'I', 'A', 'P', 'I', 'C', 'C', 'T', 'O', 'K', 'E', 'N', '2'
    };

    /** Flags; sessions allowed and open; longest and shortest PIN; four unknown memory sizes; versions; no clock. */
    private static final byte[] NUMBERS = {
        0x00, 0x00, 0x04, 0x0D,
        0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x06,
        (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF,
        (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF,
        '0', '3', '0', '1',
        '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9',
    };

    private TokenInformation() {
    }

    /** Allocates: for the installation only. */
    static byte[] record(Profile profile) {
        byte[] label = profile.isPhone() ? PHONE_LABEL : CARD_LABEL;
        byte[] record = new byte[LENGTH];
        Util.arrayFillNonAtomic(record, (short) 0, TEXT_LENGTH, (byte) ' ');
        Util.arrayCopyNonAtomic(label, (short) 0, record, (short) 0, (short) label.length);
        Util.arrayCopyNonAtomic(NUMBERS, (short) 0, record, TEXT_LENGTH, (short) NUMBERS.length);
        return record;
    }
}
