package javacard.framework;

/** The card's side of an APDU object. In this package because applets must not see it as methods of APDU. */
public final class ApduPort {
    private ApduPort() {}

    /** Make the buffer so many bytes long, and let response data out without Le or not. */
    public static void configure(APDU apdu, int bufferSize, boolean dataWithoutLe) {
        apdu.configure(bufferSize, dataWithoutLe);
    }

    /** Take in a command; false, with nothing changed, when it is malformed. */
    public static boolean load(APDU apdu, byte[] command) {
        return apdu.load(command);
    }

    /** Put bytes, no more than it is long, into the buffer, for an applet that another application passes data to. */
    public static void loadRaw(APDU apdu, byte[] bytes) {
        apdu.loadRaw(bytes);
    }

    /** Forget the command, zero the buffer and let no applet at it. */
    public static void clear(APDU apdu) {
        apdu.clear();
    }

    /** Whether this is the buffer. */
    public static boolean owns(APDU apdu, byte[] array) {
        return apdu.owns(array);
    }

    /** Whether the applet that gets the command implements ExtendedLength, and so may answer more than 256 bytes. */
    public static void setExtendedApplet(APDU apdu, boolean allowed) {
        apdu.setExtendedApplet(allowed);
    }

    /** Whether the command came in its extended form. */
    public static boolean isExtended(APDU apdu) {
        return apdu.isExtended();
    }

    /** The greatest number of data bytes that may be answered. */
    public static int expectedLength(APDU apdu) {
        return apdu.expectedLength();
    }
}
