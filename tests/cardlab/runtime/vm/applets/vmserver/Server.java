package vmserver;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.AppletEvent;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.MultiSelectable;
import javacard.framework.Shareable;
import javacard.framework.Util;

/** Shares itself. Parameter 1 throws, 2 is not shareable by the client's AID. */
public class Server extends Applet implements Deposit, AppletEvent, MultiSelectable {
    public static byte[] open = new byte[4];
    private short counter;
    private final byte[] scratch = new byte[16];
    private byte[] deselected;

    public static void install(byte[] array, short offset, byte length) {
        new Server().register();
    }

    @Override
    public Shareable getShareableInterfaceObject(AID client, byte parameter) {
        if (parameter == 1) {
            ISOException.throwIt((short) 0x6A01);
        }
        if (parameter == 2 && (JCSystem.getPreviousContextAID() != null || client == null)) {
            return null;
        }
        return this;
    }

    @Override
    public short sum(byte[] array, short n) {
        short sum = 0;
        for (short i = 0; i < n; i++) {
            sum += array[i];
        }
        return sum;
    }

    @Override
    public short caller() {
        AID previous = JCSystem.getPreviousContextAID();
        if (previous == null) {
            return -1;
        }
        byte length = previous.getBytes(scratch, (short) 0);
        return scratch[(short) (length - 1)];
    }

    @Override
    public Object secret() {
        return scratch;
    }

    @Override
    public short count() {
        return ++counter;
    }

    @Override
    public void fail() {
        ISOException.throwIt((short) 0x6A99);
    }

    @Override
    public Deposit again() {
        return this;
    }

    @Override
    public void uninstall() {
        open[0]++;
    }

    @Override
    public boolean select(boolean already) {
        open[1] = (byte) (already ? 2 : 1);
        return true;
    }

    @Override
    public void deselect(boolean still) {
        open[2] = (byte) (still ? 2 : 1);
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            if (deselected == null) {
                deselected = JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_DESELECT);
            }
            return;
        }
        switch (buffer[1]) {
            case 1:
                Util.setShort(buffer, (short) 0, counter);
                apdu.setOutgoingAndSend((short) 0, (short) 2);
                break;
            case 2:
                Util.arrayCopyNonAtomic(open, (short) 0, buffer, (short) 0, (short) 4);
                apdu.setOutgoingAndSend((short) 0, (short) 4);
                break;
            case 3:
                deselected[0] = buffer[2];
                break;
            case 4:
                buffer[0] = deselected[0];
                buffer[1] = APDU.getCLAChannel();
                buffer[2] = JCSystem.getAssignedChannel();
                apdu.setOutgoingAndSend((short) 0, (short) 3);
                break;
            default:
                ISOException.throwIt((short) 0x6D00);
        }
    }
}
