package shared;

import javacard.framework.*;

/** An applet that shares an object, by interfaces of its own. */
public class Shared extends Applet implements Wallet {
    private short balance;

    public static void install(byte[] buffer, short offset, byte length) {
        new Shared().register(buffer, (short) (offset + 1), buffer[offset]);
    }

    public Shareable getShareableInterfaceObject(AID client, byte parameter) {
        return client.partialEquals(null, (short) 0, parameter) ? this : null;
    }

    public boolean select() { return balance > 0; }
    public void deselect() { }

    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case (byte) 0x10: credit(Util.getShort(buffer, ISO7816.OFFSET_CDATA)); break;
            case (byte) 0x20: apdu.setOutgoingAndSend((short) 0, status(buffer)); break;
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    public short credit(short amount) { balance += amount; return balance; }

    public short status(byte[] out) { return Util.setShort(out, (short) 0, balance); }

    static short ask(AID server, byte[] out) {
        Wallet wallet = (Wallet) JCSystem.getAppletShareableInterfaceObject(server, (byte) 0);
        wallet.credit((short) 5);
        return wallet.status(out);
    }

    /** Public, not shareable. */
    public interface Other {
        byte KIND = 7;
    }
}

interface Wallet extends Purse {
    short status(byte[] out);
}
