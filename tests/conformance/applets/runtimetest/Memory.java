package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.SystemException;
import javacard.framework.Util;

/** Takes as much memory as its application data or a command ask for. */
public class Memory extends Applet {
    private byte[] held;
    private final Object[] transients = new Object[8];
    private byte count;

    private Memory(byte[] array, short offset) {
        short privileges = (short) (offset + 1 + array[offset]);
        short parameters = (short) (privileges + 1 + array[privileges]);
        if (array[parameters] != 0) {
            held = new byte[Util.getShort(array, (short) (parameters + 1))];
        }
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Memory(array, offset);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short number = Util.getShort(buffer, ISO7816.OFFSET_P1);
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01:
                held = number == 0 ? null : new byte[number];
                return;
            case 0x02:
                makeTransient(number, JCSystem.CLEAR_ON_RESET);
                return;
            case 0x03:
                makeTransient(number, JCSystem.CLEAR_ON_DESELECT);
                return;
            case 0x04:
                Util.setShort(buffer, (short) 0, JCSystem.getAvailableMemory(JCSystem.MEMORY_TYPE_PERSISTENT));
                Util.setShort(buffer, (short) 2, JCSystem.getAvailableMemory(JCSystem.MEMORY_TYPE_TRANSIENT_RESET));
                Util.setShort(buffer, (short) 4, JCSystem.getAvailableMemory(JCSystem.MEMORY_TYPE_TRANSIENT_DESELECT));
                apdu.setOutgoingAndSend((short) 0, (short) 6);
                return;
            case 0x05:
                transients[--count] = null;
                JCSystem.requestObjectDeletion();
                return;
            case 0x06: // a transient array that the transaction takes back
                JCSystem.beginTransaction();
                makeTransient(number, JCSystem.CLEAR_ON_RESET);
                JCSystem.abortTransaction();
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void makeTransient(short length, byte event) {
        try {
            transients[count] = JCSystem.makeTransientByteArray(length, event);
            count++;
        } catch (SystemException full) {
            ISOException.throwIt((short) (0x6A00 + full.getReason()));
        }
    }
}
