package ints;

/** Places in every place: fields, statics, arrays, arguments of interfaces, results; and what becomes int only because of them. */
class Places {
    static int[] more = {5, -6, 70000};
    public static final int CONSTANT = 123456;
    public int open; protected int[] guarded; short s; private int hidden; private Object o; byte b;
    static int si = -5; static int sz; static short ss = 7; static byte sb = 3; static boolean z = true; static Object so;
    interface Calc { int calc(int a, short b, int[] c); byte small(int a); }
    static class Adder implements Calc {
        public int calc(int a, short b, int[] c) { return a + b + c[0]; }
        public byte small(int a) { return (byte) (a >> 3); }
        Adder() { }
    }
    void process() { Calc c = new Adder(); open = c.calc(1, (short) 2, guarded); b = c.small(open); }
    static int bytes(byte a, byte b) { int x = a + b; int y = a * b - a; x += a - b; return x + y + (a + b) * (a - b); }
    static short cut(short a, short b) { return (short) ((a + b) / 2); }
    static short cut2(short a, short b, short c) { return (short) ((a * b) >> 3); }
    static short cut3(short a, short b) { if ((short) (a + b) > 5) return (short) (a + b); return (short) -a; }
    static boolean cmp(short a, short b, short c) { return a + b > c; }
    static boolean cmp2(short a, byte b) { return (a << 1) == b || -a < b; }
    static int both(short a) { short x; int y = x = (short) (a + 1); return x + y; }
    static int neg(byte a, short b) { return -a + -b + ~a + (a ^ b) + (a & b) + (b | 1); }
    static int sh(short a, byte b) { return (a << 3) + (a >> b) + (a >>> 2) + (b << a); }
    static short idx(byte[] d, short a) { return d[(short) (a + 1)]; }
    static int tern(boolean z, byte a, short b, int c) { return (z ? a : b) + (z ? c : b) + (z ? 1 : 100000); }
    static short sw(short a, short b) { switch (a + b) { case 1: return 3; case 2: return 4; case 40000: return 5; default: return 0; } }
    static short sw2(short a, short b) { switch (a + b) { case 1: return 3; case 2: return 4; case 3: return 5; default: return 0; } }
    int inc(int[] a, short i, Places q) { a[i]++; ++a[i]; int x = a[i]--; q.hidden += x++; x = q.hidden++; q.hidden <<= 2; si += 3; sz = si++; return --si; }
    void put() { hidden = 7; this.open = 100000; open = CONSTANT; hidden = s; s = (short) hidden; b = (byte) (hidden = 4); }
    int par(int a) { hidden = a; this.open = a; short t = 3; hidden = t; return hidden; }
    int[] arr(short n) { int[] x = new int[n]; int[] y = {1, 2, 3}; x[0] = y[n] = x.length; guarded = x; return y; }
    static int loop(short n) { int r = 0; for (short i = 0; i < n; i++) r += i * i; for (int j = n; j > 0; j -= 2) r ^= j; while (r > n) r /= 2; do { r++; } while (r < 0); return r; }
    static void voids(int a, int b, short c) { c += a; c++; c = (short) (c * 3); byte d = (byte) b; d += c; d += a; a = d; b -= c; so = null; }
    static short cmpz(int a, Object q) { return (short) (a != 0 && q == null ? 1 : a >= 0 ? 2 : 3); }
    static int div(short a, short b, byte c) { return a / b + a % b + c / b + c % c; }
    static short divs(short a, short b, byte c) { return (short) (a / b + c / c + a % b); }
    static boolean bool(int a, boolean p) { boolean q = a > 3; return q & p | a == 4; }
}
