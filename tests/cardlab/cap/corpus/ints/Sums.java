package ints;

/** Shorts and bytes that are computed as ints because more than 16 bits are looked at. */
class Sums {
    short s; byte b; int i; static short ss; static byte sb; static int si;
    static int both(short a) { short x; int y = x = (short) (a + 1); return x + y; }
    static int both2(short a) { byte x; int y = x = (byte) a; return x + y; }
    int both3(short a, short[] d) { i = s = a; si = ss = a; i = b = (byte) a; i = d[0] = a; s = ss = a; return i = s; }
    short ret(short a) { return ss = s = a; }
    int reti(short a) { return ss = a; }
    static int shift(short a, int b, byte c) { return (a << b) + (b << a) + (c >>> b) + (b >>> c) + (a >> 40); }
    static int m(int a) { return a * -1 + 32767 - 32768 + -32769 + 127 - 128 + 128; }
    static short loc(short p) { { int x = p; p += x; } { short x = p; p += x; } { byte[] x = null; p = (short) x.length; } return p; }
    static byte chain(byte a, byte b, byte c) { return (byte) (a + b + c); }
    static boolean cmpsum(byte a, byte b, byte c) { return a + b + c > 100; }
    static boolean cmpsum2(byte a, byte b) { return a + b > 100; }
    static boolean cmpsum3(byte a, byte b) { return a * b > 100 && a - b < 1000 && -a > b; }
    static boolean cmpsum4(short a, short b) { return (a & b) > 100 && (a | b) < 1000 && (a ^ 0x7FFF) > b && ~a == b; }
    static boolean cmpbig(short a) { return a == 40000 || a < 100000; }
    static boolean cmpeq(short a, short b) { return a + 1 == 0 || a - b != 0 || a * b < 0; }
    static int sum(int[] a, byte[] d) { int r = 0; for (short k = 0; k < a.length; k++) { r += a[k]; r += d[k]; r -= (short) (d[k] << 8); } return r; }
    static int get(byte[] d, short at) { return (d[at] << 24) | ((d[(short) (at + 1)] & 0xFF) << 16) | ((d[(short) (at + 2)] & 0xFF) << 8) | (d[(short) (at + 3)] & 0xFF); }
    static void set(byte[] d, short at, int v) { d[at] = (byte) (v >> 24); d[(short) (at + 1)] = (byte) (v >> 16); d[(short) (at + 2)] = (byte) (v >> 8); d[(short) (at + 3)] = (byte) v; }
    static int ex(int a) { try { a = a / si; } catch (ArithmeticException e) { a = -1; } finally { si = a; } return a; }
    static int nested(int a, int b) { return a > b ? a > 0 ? a : -a : b == 0 ? 1 : b; }
    static Object o(Object[] q, int n) { Object x = q[(short) n]; return x == null ? q : x; }
    static int call(short a) { return m(a) + m(a + a) + m((byte) a) + sum(new int[] {a, a + a, 5}, new byte[] {1, (byte) a}); }
    static short mod(short a, short b) { return (short) ((a + b) % 7); }
    static int lots(int a, int b, int c, int d, int e, int f, int g, int h) { int x = a + b; int y = x + c; int z = y + d; return z + e + f + g + h; }
    static short sl(short a) { a <<= 2; a >>= 1; a >>>= 3; a += a; a *= 3; a /= 2; a %= 5; a &= 7; a |= 8; a ^= 9; return a; }
}
