package user;

import javacard.framework.*;
import library.*;

/** An applet that extends, implements, calls and catches what a library of ours exports. */
public class User extends Applet {
    private Base base;

    public static void install(byte[] buffer, short offset, byte length) {
        new User().register();
    }

    User() { base = new Step((short) (Base.VERSION + Counter.KIND)); }

    public void process(APDU apdu) {
        try {
            if (base.same(apdu)) { Trouble.fail(base.next((byte) 2)); }
        } catch (Trouble t) {
            ISOException.throwIt(t.getReason());
        }
        Counter counter = Base.last(base);
        base.visible = counter.count();
        Base.shared++;
    }
}

class Step extends Base {
    private short step;

    Step(short start) { super(start); reference = this; }

    public short next(byte by) {
        step += by;
        touch();
        visible += step;
        return super.count();
    }

    protected void touch() { super.touch(); cache = null; }
}
