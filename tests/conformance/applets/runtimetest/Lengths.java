package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** Answers and receives as many bytes as it is told. */
public class Lengths extends Applet {
    private static final short SIZE = 1024;

    private final byte[] pattern = new byte[SIZE];

    protected Lengths(byte[] array, short offset) {
        for (short i = 0; i < SIZE; i++) {
            pattern[i] = (byte) i;
        }
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Lengths(array, offset);
    }

    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet() && buffer[ISO7816.OFFSET_P2] == 0) {
            answer(apdu, (short) 8);
            return;
        }
        short number = Util.getShort(buffer, ISO7816.OFFSET_P1);
        switch (buffer[ISO7816.OFFSET_INS]) {
            case ISO7816.INS_SELECT:
                return;
            case 0x01: // P1P2 bytes, whatever Le says
                answer(apdu, number);
                return;
            case 0x02:
                echo(apdu);
                return;
            case 0x03:
                tellLengths(apdu);
                return;
            case 0x04: // four bytes, then P1P2 as status word
                answer(apdu, (short) 4);
                ISOException.throwIt(number);
                return;
            case 0x05: // what lies behind the first P1P2 bytes of the buffer
                apdu.setOutgoingAndSend(number, (short) (200 - number));
                return;
            case 0x06: // the same bytes with the whole buffer used
                apdu.setIncomingAndReceive();
                apdu.setOutgoing();
                apdu.setOutgoingLength((short) 256);
                apdu.sendBytes((short) 5, (short) 256);
                return;
            case 0x0A: // the whole buffer, however long
                apdu.setOutgoing();
                apdu.setOutgoingLength((short) buffer.length);
                apdu.sendBytes((short) 0, (short) buffer.length);
                return;
            case 0x07: // P1P2 bytes without block chaining
                apdu.setOutgoingNoChaining();
                apdu.setOutgoingLength(number);
                apdu.sendBytesLong(pattern, (short) 0, number);
                return;
            case 0x08: // a programming error where there is no such byte; nothing is changed where there is one
                buffer[0] = pattern[number];
                return;
            case 0x09:
                sum(apdu);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void answer(APDU apdu, short count) {
        apdu.setOutgoing();
        apdu.setOutgoingLength(count);
        apdu.sendBytesLong(pattern, (short) 0, count);
    }

    private void echo(APDU apdu) {
        short count = apdu.setIncomingAndReceive();
        short offset = apdu.getOffsetCdata();
        apdu.setOutgoing();
        apdu.setOutgoingLength(count);
        apdu.sendBytes(offset, count);
    }

    private void tellLengths(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        short first = apdu.setIncomingAndReceive();
        short all = apdu.getIncomingLength();
        short data = apdu.getOffsetCdata();
        short expected = apdu.setOutgoing();
        Util.setShort(buffer, (short) 0, first);
        Util.setShort(buffer, (short) 2, all);
        Util.setShort(buffer, (short) 4, data);
        Util.setShort(buffer, (short) 6, expected);
        apdu.setOutgoingLength((short) 8);
        apdu.sendBytes((short) 0, (short) 8);
    }

    /** The number of blocks and the sum of all data bytes, received the way the API asks for. */
    private void sum(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        short blocks = 0;
        short sum = 0;
        short count = apdu.setIncomingAndReceive();
        short offset = apdu.getOffsetCdata();
        while (count > 0) {
            blocks++;
            for (short i = 0; i < count; i++) {
                sum += (short) (buffer[(short) (offset + i)] & 0xFF);
            }
            count = apdu.receiveBytes(offset);
        }
        apdu.setOutgoing();
        apdu.setOutgoingLength((short) 4);
        Util.setShort(buffer, (short) 0, blocks);
        Util.setShort(buffer, (short) 2, sum);
        apdu.sendBytes((short) 0, (short) 4);
    }
}
