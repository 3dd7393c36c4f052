package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** Does little, so that a runtime can be made for it alone. */
public final class Fixed extends Applet {
    private static final byte COUNT = 1;
    private static final byte ECHO = 2;
    private static final byte PROTOCOL = 3;
    private static final byte REFUSE = 4;
    private static final byte INSTALLED_WITH = 5;

    private final byte[] parameters;
    private final byte[] sinceReset;
    private byte count;

    private Fixed(byte[] array, short offset, byte length) {
        parameters = new byte[length];
        Util.arrayCopyNonAtomic(array, offset, parameters, (short) 0, length);
        sinceReset = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_RESET);
    }

    /** Refuses with the status word that the application data are, when they are one. */
    public static void install(byte[] array, short offset, byte length) {
        Fixed made = new Fixed(array, offset, length);
        short last = (short) (offset + length - 3);
        if (array[last] == 2) {
            ISOException.throwIt(Util.getShort(array, (short) (last + 1)));
        }
        made.register(array, (short) (offset + 1), array[offset]);
    }

    @Override
    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case COUNT:
                count++;
                sinceReset[0]++;
                buffer[0] = count;
                buffer[1] = sinceReset[0];
                apdu.setOutgoingAndSend((short) 0, (short) 2);
                break;
            case ECHO:
                apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, apdu.setIncomingAndReceive());
                break;
            case PROTOCOL:
                buffer[0] = APDU.getProtocol();
                apdu.setOutgoingAndSend((short) 0, (short) 1);
                break;
            case REFUSE:
                ISOException.throwIt(Util.getShort(buffer, ISO7816.OFFSET_P1));
                break;
            case INSTALLED_WITH:
                Util.arrayCopyNonAtomic(parameters, (short) 0, buffer, (short) 0, (short) parameters.length);
                apdu.setOutgoingAndSend((short) 0, (short) parameters.length);
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }
}
