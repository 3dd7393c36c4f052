package spare;

import javacard.framework.APDU;
import javacard.framework.Applet;

/** Classes from which files are made that break one rule of the verifier only: see `tests/cardlab/cap/by_hand.py`. */
public class Spare extends Applet {
    static final byte[] ARRAY = {1, 2};
    static Object reference;

    Spare() {
        register();
    }

    public static void install(byte[] data, short at, byte length) {
        new Spare();
        Rest.room((short) 1, ARRAY, null, new Child());
        Rest.objects(new Child());
        reference = new Empty();
    }

    public void process(APDU apdu) {
    }
}

class Empty {
}

class Unused {
    short never;
    Last last;
}

interface Nothing {
    void nothing();
}

interface Again {
    void nothing();
}

interface Both {
    void nothing();

    void more();
}

interface Alike extends Nothing, Again {
}

class Parent implements Nothing, Again {
    short number;
    byte[] bytes;

    Parent(boolean z) {
        number = z ? (short) 1 : 2;
    }

    public void nothing() {
    }

    protected void guarded() {
    }

    public short get(short a) {
        return number;
    }

    boolean truth() {
        return true;
    }

    boolean lie() {
        return false;
    }

    static void still() {
    }

    private void own() {
        still();
    }

    void ask() {
        own();
        get(number);
    }
}

class Child extends Parent {
    Child() {
        super(true);
    }

    public short get(short a) {
        return (short) (super.get(a) + 1);
    }
}

/** Room for other code. */
class Rest {
    public static byte first;
    public static byte second;

    public static void install(byte[] data, short at, byte length) {
    }

    static void prepare(byte[] data, short at, byte length) {
    }

    static short room(short a, byte[] b, Object o, Child c) {
        a = c.number;
        b = c.bytes;
        o = b;
        a = (short) (a + a + a);
        a = (short) (a * a * a);
        c.bytes = b;
        c.number = a;
        Parent[] all = {c, null};
        try {
            all[a] = (Parent) o;
        } catch (NullPointerException e) {
            Spare.reference = e;
        }
        return a;
    }

    static short objects(Parent p) {
        p.number++;
        p.ask();
        p.number = (short) (p.number * p.number);
        return p.number;
    }
}

class Last {
    short last() {
        return 0;
    }
}
