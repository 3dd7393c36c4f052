package channeltest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import org.globalplatform.GPSystem;

/** Is on one channel at a time. INS 02 tells where it is and what it was asked, 04 keeps P1 until deselection. */
public class Single extends Applet {
    protected final byte[] told = new byte[4];
    private byte[] fleeting;
    private boolean unwilling;

    public static void install(byte[] array, short offset, byte length) {
        new Single().register();
    }

    @Override
    public boolean select() {
        told[0]++;
        return !unwilling;
    }

    @Override
    public void deselect() {
        told[2]++;
    }

    protected boolean isWilling() {
        return !unwilling;
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x02:
                tell(apdu, buffer);
                break;
            case 0x04:
                memory()[0] = buffer[ISO7816.OFFSET_P1];
                break;
            case 0x06:
                unwilling = buffer[ISO7816.OFFSET_P1] != 0;
                break;
            case 0x50:
            case (byte) 0x82:
                short count = GPSystem.getSecureChannel().processSecurity(apdu);
                apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, count);
                break;
            case 0x08:
                short length = (short) (apdu.setIncomingAndReceive() + ISO7816.OFFSET_CDATA);
                apdu.setOutgoingAndSend((short) 0, GPSystem.getSecureChannel().unwrap(buffer, (short) 0, length));
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private byte[] memory() {
        if (fleeting == null) {
            fleeting = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
        }
        return fleeting;
    }

    private void tell(APDU apdu, byte[] buffer) {
        byte cla = buffer[ISO7816.OFFSET_CLA];
        buffer[0] = APDU.getCLAChannel();
        buffer[1] = JCSystem.getAssignedChannel();
        buffer[2] = cla;
        for (short i = 0; i < told.length; i++) {
            buffer[(short) (3 + i)] = told[i];
        }
        buffer[7] = memory()[0];
        apdu.setOutgoingAndSend((short) 0, (short) 8);
    }
}
