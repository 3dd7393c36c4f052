package runtimelib;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
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

    public Shareable getShareableInterfaceObject(AID client, byte parameter) {
        return client == null ? null : this;
    }

    public void process(APDU apdu) {}
}
