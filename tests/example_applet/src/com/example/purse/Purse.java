package com.example.purse;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.Util;

/** A small purse: money goes in after the PIN, comes out freely, and each movement is written down with the balance. */
public final class Purse extends Applet {
    static final byte CLA_PURSE = (byte) 0x80;
    static final byte INS_VERIFY = 0x20;
    static final byte INS_CREDIT = 0x30;
    static final byte INS_DEBIT = 0x40;
    static final byte INS_READ = 0x52;

    static final short SW_PIN_TRIES = 0x63C0;
    static final short SW_NOT_ENOUGH = 0x6A84;
    static final short LIMIT = 10000;
    static final byte PIN_LENGTH = 4;
    static final byte PIN_TRIES = 3;

    private final OwnerPIN pin = new OwnerPIN(PIN_TRIES, PIN_LENGTH);
    private short balance;
    private short movements;

    private Purse(byte[] parameters, short offset, byte length) {
        if (length != PIN_LENGTH) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        pin.update(parameters, offset, length);
    }

    /** Parameters: AID, privileges, application data (the PIN), each with its length before it (JCRE 3.0.4, 3.1). */
    public static void install(byte[] parameters, short offset, byte length) {
        short privileges = (short) (offset + 1 + parameters[offset]);
        short data = (short) (privileges + 1 + parameters[privileges]);
        new Purse(parameters, (short) (data + 1), parameters[data]).register(parameters, (short) (offset + 1),
                parameters[offset]);
    }

    /** The PIN has to be given again whenever the purse is selected. */
    @Override
    public void deselect() {
        pin.reset();
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        if (buffer[ISO7816.OFFSET_CLA] != CLA_PURSE) {
            ISOException.throwIt(ISO7816.SW_CLA_NOT_SUPPORTED);
        }
        switch (buffer[ISO7816.OFFSET_INS]) {
            case INS_VERIFY: verify(apdu); break;
            case INS_CREDIT: move(amount(apdu), true); break;
            case INS_DEBIT: move((short) -amount(apdu), false); break;
            case INS_READ: read(apdu); break;
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void verify(APDU apdu) {
        byte length = (byte) receive(apdu);
        if (!pin.check(apdu.getBuffer(), ISO7816.OFFSET_CDATA, length)) {
            ISOException.throwIt((short) (SW_PIN_TRIES | pin.getTriesRemaining()));
        }
    }

    private short amount(APDU apdu) {
        if (receive(apdu) != 2) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        short amount = Util.getShort(apdu.getBuffer(), ISO7816.OFFSET_CDATA);
        if (amount <= 0 || amount > LIMIT) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        return amount;
    }

    /** All of the command's data: cards give them in blocks of their own size, with T=0 byte by byte. */
    private static short receive(APDU apdu) {
        short received = apdu.setIncomingAndReceive();
        while (received < apdu.getIncomingLength()) {
            received += apdu.receiveBytes((short) (ISO7816.OFFSET_CDATA + received));
        }
        return received;
    }

    /** Balance and count change together or not at all, whatever happens in between. */
    private void move(short amount, boolean withPin) {
        if (withPin && !pin.isValidated()) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
        JCSystem.beginTransaction();
        movements++;
        balance += amount;
        if (balance < 0 || balance > LIMIT) {
            ISOException.throwIt(SW_NOT_ENOUGH); // leaves the transaction open: the card takes both changes back
        }
        JCSystem.commitTransaction();
    }

    private void read(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, balance);
        Util.setShort(buffer, (short) 2, movements);
        apdu.setOutgoingAndSend((short) 0, (short) 4);
    }
}
