package cardtest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** An applet that can do nothing, and is not personalised through its security domain. */
public class Quiet extends Applet {
    public static void install(byte[] array, short offset, byte length) {
        new Quiet().register(array, (short) (offset + 1), array[offset]);
    }

    public void process(APDU apdu) {
        if (!selectingApplet()) {
            ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }
}
