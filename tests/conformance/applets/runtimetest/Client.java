package runtimetest;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import runtimelib.Counter;

/** Uses an object that an applet of another package shares. */
public class Client extends Applet {
    private final byte[] own = {42};
    private Counter counter;

    private Client(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Client(array, offset);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short count = apdu.setIncomingAndReceive();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01:
                AID server = JCSystem.lookupAID(buffer, ISO7816.OFFSET_CDATA, (byte) count);
                if (server == null) {
                    ISOException.throwIt(ISO7816.SW_FILE_NOT_FOUND);
                }
                counter = (Counter) JCSystem.getAppletShareableInterfaceObject(server,
                        buffer[ISO7816.OFFSET_P1]);
                return;
            case 0x02: // in a transaction that is not finished
                JCSystem.beginTransaction();
                counter.next();
                return;
            case 0x03:
                counter = null;
                return;
            case 0x04: // lend the server an array of this applet's
                buffer[0] = counter.first(own);
                apdu.setOutgoingAndSend((short) 0, (short) 1);
                return;
            case 0x05: // lend it the APDU buffer
                buffer[0] = counter.first(buffer);
                apdu.setOutgoingAndSend((short) 0, (short) 1);
                return;
            case 0x06:
                buffer[0] = (byte) (counter == null ? 1 : 0);
                apdu.setOutgoingAndSend((short) 0, (short) 1);
                return;
            default:
                Util.setShort(buffer, (short) 0, counter.next());
                apdu.setOutgoingAndSend((short) 0, (short) 2);
        }
    }
}
