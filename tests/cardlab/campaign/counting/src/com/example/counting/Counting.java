package com.example.counting;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.Util;

/** Counts in steps of two until it is exactly eight, then keeps the sum: a disturbed step goes past the end, and round and round. */
public final class Counting extends Applet {
    private short step = 2;

    public static void install(byte[] parameters, short offset, byte length) {
        new Counting().register(parameters, (short) (offset + 1), parameters[offset]);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        if (apdu.getBuffer()[ISO7816.OFFSET_INS] == 0x20) {
            step = apdu.getBuffer()[ISO7816.OFFSET_P1];
            return;
        }
        short sum = 0;
        for (short i = 0; i != 8; i += step) {
            sum += i;
        }
        Util.setShort(apdu.getBuffer(), (short) 0, sum);
        apdu.setOutgoingAndSend((short) 0, (short) 2);
    }
}
