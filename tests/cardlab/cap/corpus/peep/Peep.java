package peep;

/** Sequences that shorten: increments of locals, fields of this object. */
public class Peep {
    short s;
    byte b;
    boolean z;
    Object o;
    Peep p;
    static short st;

    void increments(short q, byte c) {
        short r = q;
        r++; r--; r += 3; r -= 5; r += 127; r += 128; r += -128; r -= 128; r -= -127; r -= 127; r -= -128; r -= 129;
        r = (short) (1 + r); r = (short) (r + q); r = (short) (q + 1); r = (short) (r + 1); r = (short) (r + 0);
        c++; c += 5;
        st = r; st++; st += c;
    }

    void puts(short a, Object x, boolean f, byte[] d) {
        s = 1; s = a; s = 300; s = 20; s = -1; b = d[0]; o = null; o = x; o = this; p = p.p;
        s = st; s = p.s; s = (short) -a; s = (short) (a + 1); s = f ? a : 2; s++; s += 2; s <<= 1;
        z = f; z = !z; z &= f; (f ? this : p).s = a;
        p.s = s; this.p.p.s = s; s = s; o = d; o = new byte[a];
    }

    short gets(short[] a) {
        short r = s;
        a[s] = s; a[s++] = b; r = s--; r = ++s; r += p.s + p.p.b;
        if (z) { r = s; }
        while (s > 0) { s = r; r--; }
        return z ? s : b;
    }

    Object chain(Object x) {
        o = p = null;
        return o = x;
    }
}
