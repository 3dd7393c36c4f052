package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.OwnerPIN;
import javacard.framework.Util;

/** An OwnerPIN that nobody has given a value. */
public class Pins extends Applet {
    private static final byte INS_CHECK = 0x20;
    private static final byte INS_UPDATE = 0x24;
    private static final byte LIMIT = 5;
    private static final byte LONGEST = 4;

    private final OwnerPIN pin = new OwnerPIN(LIMIT, LONGEST);

    private Pins(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Pins(array, offset);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        byte length = (byte) apdu.setIncomingAndReceive();
        byte right = 0;
        if (buffer[ISO7816.OFFSET_INS] == INS_UPDATE) {
            pin.update(buffer, ISO7816.OFFSET_CDATA, length);
        } else if (buffer[ISO7816.OFFSET_INS] == INS_CHECK) {
            right = (byte) (pin.check(buffer, ISO7816.OFFSET_CDATA, length) ? 1 : 0);
        }
        Util.setShort(buffer, (short) 0, (short) ((right << 8) | pin.getTriesRemaining()));
        apdu.setOutgoingAndSend((short) 0, (short) 2);
    }
}
