package sessiontest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import org.globalplatform.GPSystem;
import org.globalplatform.SecureChannel;

/** Looks after its secure channel when it is left and when it is selected, and tells what it found. */
public class Leaver extends Applet {
    private static final byte INS_FOUND = 0x10;
    private static final byte NULL = 0x7F;
    private static final byte LEFT = 0;
    private static final byte SELECTED = 1;
    private static final byte SECRET = 2;

    /** What deselect() and select() found, and whether unwrapping had a key in deselect(). */
    private final byte[] found = JCSystem.makeTransientByteArray((short) 3, JCSystem.CLEAR_ON_RESET);

    private Leaver(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Leaver(array, offset);
    }

    public void deselect() {
        SecureChannel session = GPSystem.getSecureChannel();
        found[LEFT] = NULL;
        if (session != null) {
            found[LEFT] = session.getSecurityLevel();
            found[SECRET] = encrypts(session);
            session.resetSecurity();
        }
    }

    private static byte encrypts(SecureChannel session) {
        try {
            session.encryptData(new byte[16], (short) 0, (short) 16);
            return 1;
        } catch (ISOException none) {
            return 0;
        }
    }

    public boolean select() {
        found[SELECTED] = GPSystem.getSecureChannel().getSecurityLevel();
        return true;
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case INS_FOUND:
                buffer[0] = found[LEFT];
                buffer[1] = found[SELECTED];
                buffer[2] = found[SECRET];
                apdu.setOutgoingAndSend((short) 0, (short) 3);
                break;
            default:
                apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, GPSystem.getSecureChannel().processSecurity(apdu));
        }
    }
}
