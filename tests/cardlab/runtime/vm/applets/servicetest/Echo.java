package servicetest;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.service.BasicService;
import javacard.framework.service.SecurityService;
import javacard.framework.service.ServiceException;

/** The commands of the applet; those that it does not know are another's. */
final class Echo extends BasicService {
    static final byte ECHO = 0x10;
    static final byte STATES = 0x12;
    static final byte TOO_LONG = 0x14;
    static final byte WARNING = 0x16;
    static final byte ISO = 0x18;
    static final byte NULL = 0x1A;
    static final byte SENDS = 0x1C;
    static final byte FAILS = 0x1E;
    static final byte LENGTH = 0x20;
    static final byte SECURE = 0x22;
    static final byte UNCHANGED = 0x24;
    private static final byte OFFSET_DATA = 5;
    private final SecurityService security;
    private final byte[] noted = new byte[16];

    Echo(SecurityService security) {
        this.security = security;
    }

    public boolean processCommand(APDU apdu) {
        if (selectingApplet()) {
            return plain(apdu, (short) 0x9001);
        }
        if (isProcessed(apdu)) {
            return true;
        }
        switch (getINS(apdu)) {
            case ECHO: return echo(apdu);
            case STATES: return states(apdu);
            case TOO_LONG: setOutputLength(apdu, (short) 257); return true;
            case WARNING: return plain(apdu, (short) 0x6310);
            case UNCHANGED: return succeed(apdu);
            case ISO: ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED); return true;
            case NULL: throw new NullPointerException();
            case SENDS: return sends(apdu);
            case FAILS: receiveInData(apdu); return fail(apdu, (short) 0x6A80);
            case LENGTH: return length(apdu);
            case SECURE: return secure(apdu);
            default: return false;
        }
    }

    /** A status word without data. */
    private boolean plain(APDU apdu, short sw) {
        setOutputLength(apdu, (short) 0);
        return succeedWithStatusWord(apdu, sw);
    }

    private boolean echo(APDU apdu) {
        short length = receiveInData(apdu);
        succeed(apdu);
        setOutputLength(apdu, length);
        return true;
    }

    private boolean secure(APDU apdu) {
        boolean isSecure = security.isCommandSecure(SecurityService.PROPERTY_INPUT_INTEGRITY);
        return plain(apdu, isSecure ? (short) 0x9002 : (short) 0x6982);
    }

    /** P1, P2: a length. */
    private boolean length(APDU apdu) {
        short wanted = (short) (getP1(apdu) << 8 | getP2(apdu) & 0xFF);
        setProcessed(apdu);
        setProcessed(apdu);
        setStatusWord(apdu, (short) 0x9000);
        setOutputLength(apdu, wanted);
        return true;
    }

    private boolean sends(APDU apdu) {
        apdu.setOutgoingAndSend((short) 0, (short) 2);
        return true;
    }

    /** Which methods are refused, before and after the command is processed: their reason codes, 0 for none. */
    private boolean states(APDU apdu) {
        note(apdu, (byte) 0);
        receiveInData(apdu);
        note(apdu, (byte) 5);
        succeed(apdu);
        note(apdu, (byte) 10);
        for (short i = 0; i < 15; i++) {
            apdu.getBuffer()[(short) (OFFSET_DATA + i)] = noted[i];
        }
        setOutputLength(apdu, (short) 15);
        return true;
    }

    private void note(APDU apdu, byte at) {
        for (byte i = 0; i < 5; i++) {
            noted[(byte) (at + i)] = reason(apdu, i);
        }
    }

    private byte reason(APDU apdu, byte method) {
        try {
            switch (method) {
                case 0: getP1(apdu); break;
                case 1: getP2(apdu); break;
                case 2: getStatusWord(apdu); break;
                case 3: getOutputLength(apdu); break;
                default: return isProcessed(apdu) ? (byte) 0x7F : tryReceive(apdu);
            }
        } catch (ServiceException refused) {
            return (byte) refused.getReason();
        }
        return 0;
    }

    private byte tryReceive(APDU apdu) {
        return apdu.getCurrentState() == APDU.STATE_INITIAL ? 0 : (byte) (0x60 + receiveInData(apdu));
    }
}
