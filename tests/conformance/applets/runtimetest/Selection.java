package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.AppletEvent;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** Remembers how it was selected and deselected, and misbehaves when told to. */
public class Selection extends Applet implements AppletEvent {
    private static final byte SELECT_REFUSES = 1;
    private static final byte SELECT_THROWS = 2;
    private static final byte SELECT_LEAVES_TRANSACTION = 3;
    private static final byte DESELECT_THROWS = 4;
    private static final byte PROCESS_THROWS = 5;
    private static final byte UNINSTALL_THROWS = 6;

    private final byte[] seen = new byte[32];
    private final byte[] asked = new byte[32];
    private final byte[] session;
    private final byte[] power;
    private byte mode;
    private byte selected;
    private byte deselected;
    private byte touched;

    private Selection(byte[] array, short offset) {
        session = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
        power = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_RESET);
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Selection(array, offset);
    }

    public boolean select() {
        selected++;
        Util.arrayCopyNonAtomic(APDU.getCurrentAPDUBuffer(), (short) 0, asked, (short) 0, (short) asked.length);
        if (mode == SELECT_LEAVES_TRANSACTION) {
            JCSystem.beginTransaction();
            touched = 1;
        }
        if (mode == SELECT_THROWS) {
            ISOException.throwIt((short) 0x6A81);
        }
        return mode != SELECT_REFUSES;
    }

    public void deselect() {
        deselected++;
        Util.arrayFillNonAtomic(seen, (short) 0, (short) seen.length, (byte) 0);
        try {
            byte[] buffer = APDU.getCurrentAPDUBuffer();
            Util.arrayCopyNonAtomic(buffer, (short) 0, seen, (short) 0, (short) seen.length);
            // What is left in the buffer must not reach the applet that is selected next.
            Util.arrayFillNonAtomic(buffer, (short) 0, (short) buffer.length, (byte) 0x77);
        } catch (SecurityException hidden) {
            seen[0] = (byte) 0xFF;
        }
        if (mode == DESELECT_THROWS) {
            JCSystem.beginTransaction();
            touched = 1;
            ISOException.throwIt((short) 0x6A81);
        }
    }

    public void uninstall() {
        if (mode == UNINSTALL_THROWS) {
            ISOException.throwIt((short) 0x6A81);
        }
    }

    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            if (mode == PROCESS_THROWS) {
                ISOException.throwIt((short) 0x6283);
            }
            apdu.setOutgoingAndSend((short) 0, (short) 16);
            return;
        }
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01:
                mode = buffer[ISO7816.OFFSET_P1];
                return;
            case 0x02:
                buffer[0] = selected;
                buffer[1] = deselected;
                buffer[2] = touched;
                buffer[3] = session[0];
                buffer[4] = power[0];
                apdu.setOutgoingAndSend((short) 0, (short) 5);
                return;
            case 0x03:
                Util.arrayCopy(seen, (short) 0, buffer, (short) 0, (short) seen.length);
                apdu.setOutgoingAndSend((short) 0, (short) seen.length);
                return;
            case 0x04:
                session[0] = buffer[ISO7816.OFFSET_P1];
                power[0] = buffer[ISO7816.OFFSET_P2];
                return;
            case 0x05:
                buffer[0] = APDU.getProtocol();
                apdu.setOutgoingAndSend((short) 0, (short) 1);
                return;
            case 0x06:
                apdu.setOutgoingAndSend((short) 0, JCSystem.getAID().getBytes(buffer, (short) 0));
                return;
            case 0x07:
                Util.arrayCopy(asked, (short) 0, buffer, (short) 0, (short) asked.length);
                apdu.setOutgoingAndSend((short) 0, (short) asked.length);
                return;
            case ISO7816.INS_SELECT:
                ISOException.throwIt(ISO7816.SW_FILE_NOT_FOUND);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }
}
