package com.example.ledger;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * A sum and the number of its entries, which belong together: written one after the other, or in a transaction. A text that is
 * erased as a whole, by the next selection when the power failed meanwhile.
 */
public final class Ledger extends Applet {
    private static final byte INS_LOOSE = 0x10;
    private static final byte INS_WHOLE = 0x20;
    private static final byte INS_READ = 0x30;
    private static final byte INS_ERASE = 0x40;
    private static final short LENGTH = 8;

    private short sum;
    private short entries;
    private final byte[] text = new byte[LENGTH];
    private boolean isErasing;

    private Ledger() {
        Util.arrayFillNonAtomic(text, (short) 0, LENGTH, (byte) 0x55);
    }

    public static void install(byte[] parameters, short offset, byte length) {
        new Ledger().register(parameters, (short) (offset + 1), parameters[offset]);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            finishErasing();
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short amount = (short) (buffer[ISO7816.OFFSET_P1] & 0xFF);
        byte ins = buffer[ISO7816.OFFSET_INS];
        if (ins == INS_LOOSE) {
            enter(amount);
        } else if (ins == INS_WHOLE) {
            JCSystem.beginTransaction();
            enter(amount);
            JCSystem.commitTransaction();
        } else if (ins == INS_READ) {
            Util.setShort(buffer, (short) 0, sum);
            Util.setShort(buffer, (short) 2, entries);
            Util.arrayCopyNonAtomic(text, (short) 0, buffer, (short) 4, LENGTH);
            apdu.setOutgoingAndSend((short) 0, (short) (4 + LENGTH));
        } else if (ins == INS_ERASE) {
            isErasing = true;
            finishErasing();
        } else {
            ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void enter(short amount) {
        sum += amount;
        entries++;
    }

    private void finishErasing() {
        if (isErasing) {
            Util.arrayFillNonAtomic(text, (short) 0, LENGTH, (byte) 0);
            isErasing = false;
        }
    }
}
