package carelesstest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.MultiSelectable;
import javacard.framework.Util;

/** Does what works on most cards and should not be done; and echoes, however the data come. */
public class Careless extends Applet implements MultiSelectable {
    private static final byte INS_OPEN_TRANSACTION = 0x01;
    private static final byte INS_ALLOCATE = 0x02;
    private static final byte INS_NOT_ATOMIC = 0x03;
    private static final byte INS_ENDLESS = 0x04;
    private static final byte INS_ECHO = 0x10;

    private final byte[] kept = new byte[8];
    private byte[] given;

    private Careless(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Careless(array, offset);
    }

    public boolean select(boolean appInstAlreadyActive) {
        return true;
    }

    public void deselect(boolean appInstStillActive) {
        kept[0] = 0;
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        switch (apdu.getBuffer()[ISO7816.OFFSET_INS]) {
            case INS_OPEN_TRANSACTION:
                JCSystem.beginTransaction();
                kept[0] = 1;
                break;
            case INS_ALLOCATE:
                given = new byte[4];
                kept[2] = given[0];
                break;
            case INS_NOT_ATOMIC:
                JCSystem.beginTransaction();
                Util.arrayFillNonAtomic(kept, (short) 0, (short) kept.length, (byte) 1);
                JCSystem.commitTransaction();
                break;
            case INS_ENDLESS:
                for (;;) {
                    kept[1]++;
                }
            case INS_ECHO:
                echo(apdu);
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private static void echo(APDU apdu) {
        short received = apdu.setIncomingAndReceive();
        while (received < apdu.getIncomingLength()) {
            received += apdu.receiveBytes((short) (ISO7816.OFFSET_CDATA + received));
        }
        apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, received);
    }
}
