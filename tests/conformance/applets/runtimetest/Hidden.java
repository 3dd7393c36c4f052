package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.TransactionException;
import javacard.framework.Util;

/** Does what class files in a Java VM hide and a card shows; INS says what. */
public class Hidden extends Applet {
    private static final short LARGE = 16000;

    private final byte[] large = new byte[LARGE];
    private final byte[] small = new byte[8];
    private byte[] kept;
    private Object made;
    private short count;
    private short calls;
    private boolean reselected;

    /** Application data 01: never return. */
    public static void install(byte[] array, short offset, byte length) {
        Hidden applet = new Hidden();
        short privileges = (short) (offset + 1 + array[offset]);
        short data = (short) (privileges + 1 + array[privileges]);
        if (array[data] == 1 && array[(short) (data + 1)] == 1) {
            while (true) {
                applet.count++;
            }
        }
        applet.register(array, (short) (offset + 1), array[offset]);
    }

    @Override
    public boolean select() {
        reselected = reSelectingApplet();
        return true;
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            buffer[0] = (byte) (reselected ? 1 : 0);
            apdu.setOutgoingAndSend((short) 0, (short) 1);
            return;
        }
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01: count += 5; calls++; break;
            case 0x02: answer(apdu, count, calls); break;
            case 0x03: spin(); break;
            case 0x04: kept = buffer; break;
            case 0x05: allocate(); break;
            case 0x06: answer(apdu, changedBytes(), (short) 0); break;
            case 0x07: fillAndAbort(); answer(apdu, small[0], small[1]); break;
            case 0x08: answer(apdu, (short) (localIsNull() ? 1 : 0), (short) (made == null ? 1 : 0)); break;
            case 0x09: JCSystem.beginTransaction(); count++; break;
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void spin() {
        while (true) {
            count++;
        }
    }

    /** 200 times 16,000 bytes. */
    private void allocate() {
        for (short i = 0; i < 200; i++) {
            made = new byte[LARGE];
        }
    }

    /** How many bytes one transaction can change; what it changed is rolled back. */
    private short changedBytes() {
        short changed = 0;
        JCSystem.beginTransaction();
        try {
            for (; changed < LARGE; changed++) {
                large[changed] = 1;
            }
        } catch (TransactionException full) {
            if (full.getReason() != TransactionException.BUFFER_FULL) {
                throw full;
            }
        }
        JCSystem.abortTransaction();
        return changed;
    }

    private void fillAndAbort() {
        JCSystem.beginTransaction();
        Util.arrayFillNonAtomic(small, (short) 0, (short) 1, (byte) 7);
        small[1] = 7;
        JCSystem.abortTransaction();
    }

    private boolean localIsNull() {
        Object local = null;
        JCSystem.beginTransaction();
        local = new byte[5];
        made = local;
        JCSystem.abortTransaction();
        return local == null;
    }

    private static void answer(APDU apdu, short first, short second) {
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, first);
        Util.setShort(buffer, (short) 2, second);
        apdu.setOutgoingAndSend((short) 0, (short) 4);
    }
}
