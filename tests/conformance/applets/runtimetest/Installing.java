package runtimetest;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.SystemException;
import javacard.framework.Util;

/** Behaves in install() as the first byte of its application data says. */
public class Installing extends Applet {
    private static final byte PAST_CONTENT = 13;

    /** What install() left behind beside instances, to see that nothing is left of one that failed. */
    private static short attempts;

    private final byte[] data = new byte[64];
    private short dataLength;
    private boolean aidBefore;
    private boolean aidAfter;

    private Installing() {}

    public static void install(byte[] array, short offset, byte length) {
        attempts++;
        short aid = (short) (offset + 1);
        short privileges = (short) (aid + array[offset]);
        short parameters = (short) (privileges + 1 + array[privileges]);
        byte behaviour = array[parameters] == 0 ? 0 : array[(short) (parameters + 1)];
        Installing made = new Installing();
        made.dataLength = Util.arrayCopy(array, offset, made.data, (short) 0, (short) (length & 0xFF));
        made.aidBefore = JCSystem.getAID() == null;
        if (behaviour == PAST_CONTENT) {
            made.data[0] = array[(short) (offset + (length & 0xFF))];
            behaviour = 0;
        }
        made.behave(behaviour, array, aid, array[offset]);
    }

    private void behave(byte behaviour, byte[] array, short aid, byte aidLength) {
        switch (behaviour) {
            case 0:
                register(array, aid, aidLength);
                AID own = JCSystem.getAID();
                aidAfter = own != null && own.equals(array, aid, aidLength);
                return;
            case 1:
                register();
                return;
            case 2: // no register()
                return;
            case 3:
                ISOException.throwIt(ISO7816.SW_WRONG_DATA);
                return;
            case 4:
                register(array, aid, aidLength);
                ISOException.throwIt(ISO7816.SW_WRONG_DATA);
                return;
            case 5:
                data[(short) 100] = 1;
                return;
            case 6:
                SystemException.throwIt(SystemException.NO_RESOURCE);
                return;
            case 7:
                register(array, aid, aidLength);
                register(array, aid, aidLength);
                return;
            case 8: // another AID than the one asked for
                array[aid] ^= 1;
                register(array, aid, aidLength);
                return;
            case 9:
                register(array, aid, aidLength);
                JCSystem.beginTransaction();
                return;
            case 10:
                ISOException.throwIt((short) 0x9000);
                return;
            case 11: // two kilobytes of RAM too many
                JCSystem.makeTransientByteArray((short) 30000, JCSystem.CLEAR_ON_RESET);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED);
        }
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, attempts);
        buffer[2] = (byte) (aidBefore ? 1 : 0);
        buffer[3] = (byte) (aidAfter ? 1 : 0);
        Util.arrayCopy(data, (short) 0, buffer, (short) 4, dataLength);
        apdu.setOutgoingAndSend((short) 0, (short) (4 + dataLength));
    }
}
