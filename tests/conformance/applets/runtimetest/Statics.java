package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.Util;

/** Counts in static memory. */
public class Statics extends Applet {
    private static final byte[] TABLE = new byte[4];

    private static short count;
    private static byte[] made;

    private Statics(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        if (made == null) {
            made = new byte[4];
        }
        new Statics(array, offset);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        count++;
        TABLE[0]++;
        made[0]++;
        Util.setShort(buffer, (short) 0, count);
        buffer[2] = TABLE[0];
        buffer[3] = made[0];
        apdu.setOutgoingAndSend((short) 0, (short) 4);
    }
}
