package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** Tries to reach what is in this process but on no card. */
public class Snooping extends Applet {
    private Snooping(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Snooping(array, offset);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        try {
            switch (apdu.getBuffer()[ISO7816.OFFSET_INS]) {
                case 0x01:
                    cardlab.jcardsim.CardRuntime.current().cutPowerAt(0);
                    return;
                case 0x02:
                    javacard.framework.ApduPort.clear(apdu);
                    return;
                default:
                    new org.globalplatform.GPSystem();
            }
        } catch (NoClassDefFoundError hidden) {
            ISOException.throwIt((short) 0x6A81);
        }
    }
}
