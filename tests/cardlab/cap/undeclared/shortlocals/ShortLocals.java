package shortlocals;

/** Ints in locals that no table declares: without int the kit takes each for a short when it is read. */
class ShortLocals {
    static short kept;

    static void compared(short a) { int b = a + a; if (b > 3) kept = a; }
    static void divided(short a) { int b = a + a; kept = (short) (b / 2); }
    static void shifted(short a) { int b = a << 8; kept = (short) (b >> 2); }
    static void shiftedUnsigned(short a) { int b = a >>> 2; if (b > 3) kept = a; }
    static void indexed(short a, byte[] d) { int b = a + a; kept = d[b]; }
    static void sized(short a) { int b = a - 1; byte[] made = new byte[b]; kept = (short) made.length; }
    static void summed(short a) { int b = a * a; int c = b + b; kept = (short) c; if (c > b) kept = 4; }
    static void negated(short a) { int b = -a; if (b > 0) kept = a; }
    static void chosen(short a, boolean z) { int b = z ? a + a : a; if (b > 0) kept = a; }
    static void switched(short a) { int b = a + a; switch (b) { case 1: kept = 3; break; default: kept = 4; } }
    static void copied(short a) { int b = a + a; int c = b; if (c == b) kept = 2; kept = (short) (c % 3); }
    static void masked(short a) { int b = (a + a) | 5; if (b > 3) kept = a; }
    static short narrowed(byte a) { byte b = a; b = (byte) (b + a); short c = b; return (short) (b - c); }
    static byte cut(short a) { int b = a + a; byte c = (byte) b; if (c > 3) kept = a; return (byte) b; }
    static void truth(short a) { boolean c = a > 3; if (c) kept = a; }
    static short looped(short a) { short sum = 0; for (short i = 0; i < a; i++) { int b = sum + i; sum = (short) b; } return sum; }
    static void reused(short a, Object o) { { int b = a + a; if (b > 3) kept = a; } { Object p = o; if (p == null) kept = 0; } }
    static void tried(short a) { int b = a + a; try { kept = a; } finally { if (b > a) kept = (short) b; } }
}
