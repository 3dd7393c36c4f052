package calls;

/** Invocations: virtual, special, static, interface, super, private, package-visible, chains. */
public abstract class Calls implements Shape {
    short v;

    Calls(short x) {
        v = x;
    }

    Calls() {
        this((short) 3);
    }

    public short area() { return v; }
    abstract short todo(byte a);
    private short hidden(short a) { return a; }
    short pack(short a) { return hidden(a); }
    protected void prot() { }
    public final short fin(short a, short b) { return (short) (a + b); }
    static short stat(short a, byte[] b) { return (short) (a + b[0]); }

    short drive(Calls c, Shape s, byte[] buf) {
        c.prot();
        prot();
        short r = s.area();
        r += s.scale(r, (byte) 2);
        r += c.todo((byte) 1);
        r += stat(r, buf);
        c.pack(r);
        return c.fin(r, pack(r));
    }
}

interface Shape {
    short area();
    short scale(short by, byte mode);
}

interface Extended extends Shape {
    void extra(Object o);
}

class Square extends Calls implements Extended {
    Square() {
        super((short) 7);
    }
    public short scale(short by, byte mode) { return (short) (by * mode); }
    short todo(byte a) { return a; }
    public short area() { return super.area(); }
    public void extra(Object o) { if (o.equals(this)) { extra(null); } }
    short pack(short a) { return super.pack(a); }
    public boolean equals(Object o) { return super.equals(o); }
    static void call(Extended e, Shape s) { e.extra(s); e.area(); s.area(); }
}
