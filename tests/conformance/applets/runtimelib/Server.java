package runtimelib;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Shareable;

/** An applet of a library package that shares itself. */
public class Server extends Applet implements Counter {
    private short count;

    private Server(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Server(array, offset);
    }

    public short next() {
        return ++count;
    }

    public byte first(byte[] array) {
        return array[0];
    }

    /** Parameter 1: an exception. */
    public Shareable getShareableInterfaceObject(AID client, byte parameter) {
        if (parameter == 1) {
            ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED);
        }
        return client == null ? null : this;
    }

    public void process(APDU apdu) {}
}
