package minimal;

import javacard.framework.*;

/** The smallest applet: one constructor, install and process. */
public class Minimal extends Applet {
    protected Minimal() {
        register();
    }

    public static void install(byte[] buffer, short offset, byte length) {
        new Minimal();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    }
}
