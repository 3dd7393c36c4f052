package arrays;

/** Arrays of each type: creation, load, store, length, compound stores. */
public class Arrays {
    byte[] b;
    short[] s;
    boolean[] z;
    Object[] o;
    Arrays[] mine;
    static byte[] sb;

    void create(short n) {
        b = new byte[n];
        s = new short[10];
        z = new boolean[n];
        o = new Object[3];
        mine = new Arrays[n];
        sb = new byte[300];
    }

    short read(short i) {
        return (short) (b[i] + s[i] + b.length + (z[0] ? 1 : 0));
    }

    void write(short i, byte v) {
        b[i] = v;
        s[i] = v;
        z[i] = true;
        o[i] = this;
        mine[i] = this;
        b[i]++;
        b[i] += 3;
        s[i] <<= 1;
        b[i++] = 1;
        b[++i] ^= 0x5a;
    }

    Object get(short i) {
        return mine[i] == null ? o[i] : mine[i];
    }

    byte[] literal() {
        return new byte[] {1, 2, 3};
    }

    short[] literalShort() {
        return new short[] {1000, 2000};
    }

    static short swap(byte[] a, short i, short j) {
        byte t = a[i];
        a[i] = a[j];
        a[j] = t;
        return a[i];
    }
    static void dup2(short[] a, short i) {
        short x = a[i]++;
        a[x] = a[i] = x;
    }
    static Arrays typed(Object x) {
        if (x instanceof byte[]) { return null; }
        if (x instanceof short[]) { return null; }
        if (x instanceof boolean[]) { return null; }
        if (x instanceof Object[]) { return null; }
        if (x instanceof Arrays[]) { return ((Arrays[]) x)[0]; }
        byte[] bb = (byte[]) x;
        short[] ss = (short[]) x;
        return (Arrays) x;
    }
}
