package house;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Shareable;
import javacard.framework.Util;

/** An applet with static arrays of every type, a service of its own and two applet classes: for the verifier's rules. */
public class House extends Applet implements Door {
    static final byte[] NAMES = {1, 2, 3};
    static final short[] STREETS = {100, 200};
    static final boolean[] LIT = {true, false};
    static Object guest;
    static short visits = 5;
    static byte rooms = 4;
    static boolean locked;
    private final Object[] things = new Object[3];
    private byte[] buffer;

    House(byte[] data, short at, byte length) {
        buffer = new byte[length];
        Util.arrayCopyNonAtomic(data, at, buffer, (short) 0, length);
        things[0] = buffer;
        things[1] = new Shed(this);
    }

    public static void install(byte[] data, short at, byte length) {
        new House(data, at, length).register();
    }

    public Shareable getShareableInterfaceObject(javacard.framework.AID client, byte parameter) {
        return parameter == 0 ? this : (Shareable) things[1];
    }

    public boolean open(byte[] key, short at) {
        visits++;
        guest = key;
        return !locked && key[at] == NAMES[0] && LIT[1];
    }

    public void process(APDU apdu) {
        byte[] data = apdu.getBuffer();
        switch (data[ISO7816.OFFSET_INS]) {
            case 1:
                Util.setShort(data, (short) 0, visits);
                apdu.setOutgoingAndSend((short) 0, (short) 2);
                return;
            case 2:
                data[0] = (byte) (((Door) things[1]).open(data, (short) 0) ? STREETS[0] : rooms);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }
}

class Shed implements Door {
    private final House house;

    Shed(House house) {
        this.house = house;
    }

    public boolean open(byte[] key, short at) {
        return key != null && house.open(key, (short) (at + 1));
    }
}
