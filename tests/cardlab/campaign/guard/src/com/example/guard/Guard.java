package com.example.guard;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** Two secrets: one behind a single decision, one behind two that look at different data. */
public final class Guard extends Applet {
    private static final byte INS_OPEN = 0x10;
    private static final byte INS_PLAIN = 0x20;
    private static final byte INS_DOUBLE = 0x30;
    private static final short OPEN = 0x5A3C;
    private static final short ALSO_OPEN = (short) 0xC396;
    private static final short LEVEL = 0x40;
    private static final short CODE = 0x1234;

    private final byte[] plainSecret = {'p', 'l', 'a', 'i', 'n'};
    private final byte[] doubleSecret = {'t', 'w', 'i', 'c', 'e'};
    private final short[] first = JCSystem.makeTransientShortArray((short) 1, JCSystem.CLEAR_ON_RESET);
    private final short[] second = JCSystem.makeTransientShortArray((short) 1, JCSystem.CLEAR_ON_RESET);

    public static void install(byte[] parameters, short offset, byte length) {
        new Guard().register(parameters, (short) (offset + 1), parameters[offset]);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte ins = apdu.getBuffer()[ISO7816.OFFSET_INS];
        if (ins == INS_OPEN) {
            open(apdu);
        } else if (ins == INS_PLAIN) {
            plain(apdu);
        } else if (ins == INS_DOUBLE) {
            twice(apdu);
        } else {
            ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void open(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (Util.getShort(buffer, ISO7816.OFFSET_P1) == CODE) {
            first[0] = OPEN;
            second[0] = ALSO_OPEN;
        }
    }

    private boolean isOpen() {
        return first[0] >= LEVEL;
    }

    private void plain(APDU apdu) {
        if (!isOpen()) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
        send(apdu, plainSecret);
    }

    private void twice(APDU apdu) {
        requireFirst();
        requireSecond();
        send(apdu, doubleSecret);
    }

    private void requireFirst() {
        if (first[0] != OPEN) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
    }

    private void requireSecond() {
        if (second[0] != ALSO_OPEN) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
    }

    private static void send(APDU apdu, byte[] secret) {
        short length = Util.arrayCopyNonAtomic(secret, (short) 0, apdu.getBuffer(), (short) 0, (short) secret.length);
        apdu.setOutgoingAndSend((short) 0, length);
    }
}
