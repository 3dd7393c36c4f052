package fields;

/** Fields of every type, reached through this, through another object, and statically; many fields. */
public class Fields {
    byte b;
    short s;
    boolean z;
    Object o;
    private byte pb;
    protected short ps;
    public Fields next;
    static short ss;
    static byte sb;
    static boolean sz;
    static Object so;

    short all() {
        b = 1;
        s = 2;
        z = true;
        o = this;
        pb = (byte) s;
        return (short) (b + s + pb + (z ? 1 : 0));
    }

    short other(Fields f) {
        f.b = b;
        f.s = s;
        f.z = z;
        f.o = o;
        f.next.next = f;
        f.s++;
        f.next.b += 2;
        s += 5;
        return (short) (f.b + f.s + f.next.pb);
    }

    static short statics() {
        sb = (byte) ss;
        ss += 1;
        sz = !sz;
        so = null;
        ss++;
        return (short) (sb + ss);
    }

    Object ref(Fields f) {
        return f.o == o ? f.next.o : this.next;
    }
}

class Sub extends Fields {
    short extra;
    Object more;
    byte last;
    short use() {
        extra = s;
        more = o;
        ps = last;
        return ps;
    }
}
