package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;

/** Keeps what no card has. */
public class Holding extends Applet {
    private final Object held = new java.util.ArrayList<Object>();

    private Holding(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Holding(array, offset);
    }

    public void process(APDU apdu) {
        held.hashCode();
    }
}
