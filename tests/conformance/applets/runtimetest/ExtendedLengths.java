package runtimetest;

import javacardx.apdu.ExtendedLength;

/** The same for extended commands. */
public class ExtendedLengths extends Lengths implements ExtendedLength {
    protected ExtendedLengths(byte[] array, short offset) {
        super(array, offset);
    }

    public static void install(byte[] array, short offset, byte length) {
        new ExtendedLengths(array, offset);
    }
}
