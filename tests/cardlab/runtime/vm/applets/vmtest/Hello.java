package vmtest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** A counter and a store. */
public class Hello extends Applet {
    private static final byte[] GREETING = {'h', 'e', 'l', 'l', 'o'};
    private short count;
    private short calls;
    private final byte[] store = new byte[64];

    public static void install(byte[] array, short offset, byte length) {
        new Hello().register();
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x00:
                Util.arrayCopyNonAtomic(GREETING, (short) 0, buffer, (short) 0, (short) 5);
                apdu.setOutgoingAndSend((short) 0, (short) 5);
                break;
            case 0x01:
                count += buffer[ISO7816.OFFSET_P1];
                calls++;
                break;
            case 0x02:
                Util.setShort(buffer, (short) 0, count);
                Util.setShort(buffer, (short) 2, calls);
                apdu.setOutgoingAndSend((short) 0, (short) 4);
                break;
            case 0x03:
                Util.arrayCopy(buffer, ISO7816.OFFSET_CDATA, store, (short) 0, apdu.setIncomingAndReceive());
                break;
            case 0x04:
                Util.arrayCopyNonAtomic(store, (short) 0, buffer, (short) 0, (short) 8);
                apdu.setOutgoingAndSend((short) 0, (short) 8);
                break;
            case 0x05:
                JCSystem.beginTransaction();
                count += buffer[ISO7816.OFFSET_P1];
                calls++;
                JCSystem.commitTransaction();
                break;
            case 0x06:
                while (true) {
                    count = 0;
                }
            case 0x07:
                Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, store, (short) 0, apdu.setIncomingAndReceive());
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }
}
