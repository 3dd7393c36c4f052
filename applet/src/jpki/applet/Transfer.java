package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** Command data in, response data out; both live in the APDU buffer. */
final class Transfer {

    private Transfer() {
    }

    /** Receives all command data to ISO7816.OFFSET_CDATA and returns its length; long ones are refused (6700). */
    static short receive(APDU apdu) {
        short received = apdu.setIncomingAndReceive();
        if (received == 0) {
            return 0;
        }
        if (apdu.getOffsetCdata() != ISO7816.OFFSET_CDATA) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        return receiveRest(apdu, received);
    }

    /** The same for a command that may have an extended length: 6700 only for more data than the buffer holds. */
    static short receiveExtended(APDU apdu) {
        short received = apdu.setIncomingAndReceive();
        if (received == 0) {
            return 0;
        }
        byte[] buffer = apdu.getBuffer();
        short offset = apdu.getOffsetCdata();
        short length = apdu.getIncomingLength();
        if (length < 0 || length > (short) (buffer.length - offset)) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        receiveRest(apdu, received);
        Util.arrayCopyNonAtomic(buffer, offset, buffer, ISO7816.OFFSET_CDATA, length);
        return length;
    }

    private static short receiveRest(APDU apdu, short received) {
        short offset = apdu.getOffsetCdata();
        short length = apdu.getIncomingLength();
        while (received < length) {
            received += apdu.receiveBytes((short) (offset + received));
        }
        return length;
    }

    static void receiveExactly(APDU apdu, short length) {
        requireLength(receive(apdu), length);
    }

    /**
     * No command data, where a response is expected: else 6700. With T=0 the fifth byte of such a command is Le and says
     * nothing of data (ISO/IEC 7816-3:2006, 12.2.3): receiving would ask the terminal for bytes that it does not have.
     */
    static void receiveNothing(APDU apdu) {
        if ((byte) (APDU.getProtocol() & APDU.PROTOCOL_TYPE_MASK) != APDU.PROTOCOL_T0) {
            receiveExactly(apdu, (short) 0);
        }
    }

    static void requireLength(short actual, short expected) {
        if (actual != expected) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
    }

    static void requireParameters(byte[] command, short expected) {
        if (Util.getShort(command, ISO7816.OFFSET_P1) != expected) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
    }

    /** Overwrites all of it: a command, its data and what was made of an answer, or a file. */
    static void wipe(byte[] buffer) {
        Util.arrayFillNonAtomic(buffer, (short) 0, (short) buffer.length, (byte) 0);
    }

    /** Sends {@code length} bytes from the start of the APDU buffer. */
    static void send(APDU apdu, short length) {
        apdu.setOutgoingAndSend((short) 0, length);
    }
}
