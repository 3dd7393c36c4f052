package kinds;

import javacard.framework.OwnerPIN;
import javacard.framework.Shareable;
import javacard.framework.UserException;

/** Interfaces of interfaces, abstract and final classes, members of every visibility: for the verifier's rules. */
public abstract class Kinds implements Middle {
    public static short shared = 3;
    protected static byte[] bytes;
    static boolean hidden;
    private static Object last;
    public byte publicByte;
    public byte[] publicBytes;
    protected boolean protectedFlag;
    protected short[] protectedShorts;
    short packageShort;
    Object packageObject;
    private byte privateByte;
    private Kinds next;

    protected Kinds(byte b) {
        privateByte = b;
        publicByte = (byte) (b + 1);
        protectedFlag = b > 0;
    }

    public short low(short a, byte[] b) {
        return (short) (a + b[0] + privateByte);
    }

    public final boolean middle(boolean z) {
        return z && protectedFlag && !check();
    }

    public abstract byte high(byte b, Object o);

    abstract short packageAbstract(short a);

    final short packageFinal(byte[] b, short at) {
        packageShort = b[at];
        publicBytes = b;
        return (short) (packageShort * (short) 2);
    }

    private boolean check() {
        return next == null && packageObject != null;
    }

    protected static Kinds make(boolean open, byte b) throws UserException {
        last = open ? (Kinds) new Open(b) : new Shut(b);
        if (last instanceof Shut && hidden) {
            UserException.throwIt(shared);
        }
        return (Kinds) last;
    }
}

interface Low {
    short low(short a, byte[] b);
}

interface Middle extends Low {
    boolean middle(boolean z);
}

interface High extends Middle, Shareable {
    byte high(byte b, Object o);
}

class Open extends Kinds implements High {
    Open(byte b) {
        super(b);
        protectedShorts = new short[b];
    }

    public short low(short a, byte[] b) {
        return super.low((short) (a + 1), b);
    }

    public byte high(byte b, Object o) {
        return o instanceof Low ? (byte) ((Low) o).low(b, bytes) : b;
    }

    short packageAbstract(short a) {
        switch (a) {
            case -300: return 1;
            case 7: return packageFinal(bytes, a);
            case 1000: return protectedShorts[0];
            default: return 0;
        }
    }
}

final class Shut extends Kinds {
    Shut(byte b) {
        super(b);
    }

    public byte high(byte b, Object o) {
        Kinds[] all = {this, (Kinds) o};
        return all[1].high(b, all);
    }

    short packageAbstract(short a) {
        try {
            return (short) (((High) (Object) this).high((byte) a, null) / a);
        } catch (ArithmeticException e) {
            return 0;
        } catch (RuntimeException e) {
            return 1;
        } finally {
            hidden = true;
        }
    }
}

class Pin extends OwnerPIN {
    Pin(byte tries) {
        super(tries, (byte) 8);
    }

    void validate() {
        setValidatedFlag(!getValidatedFlag());
    }

    public void reset() {
        super.reset();
    }
}
