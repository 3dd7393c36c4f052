package intlocals;

/** Locals that no table declares where int may be used: one that is an int anywhere in a method is one everywhere. */
class IntLocals {
    static short kept;
    static byte small;
    static int wide;

    static void shortFirst(short a, int b) { { short x = a; kept = x; } { int y = b; wide = y; } }
    static void intFirst(short a, int b) { { int y = b; wide = y; } { short x = a; kept = x; } }
    static void between(short a, int b) { { short x = a; kept = x; } { int y = b; wide = y; } { short z = a; kept = z; } }
    static void computed(short a, int b) { { short x = a; kept = x; x = (short) (x + a); kept = x; } { int y = b; wide = y; } }
    static void added(short a) { { short x = a; kept = (short) (x + x); } { short y = a; wide = y; } }
    static void reference(short a, int b) { { short x = a; kept = (short) (x + x); } { Object y = null; kept = y == null ? a : kept; } { int z = b; wide = z; } }
    static void branches(short a, int b) { { short x = a; if (a > 3) kept = x; } { int y = b; if (b > 3) wide = y; } }
    static void shortLoop(short a, int b) { for (short i = 0; i < a; i++) kept = i; for (int i = 0; i < b; i++) wide = i; }
    static void intLoop(short a, int b) { for (int i = 0; i < b; i++) wide = i; for (short i = 0; i < a; i++) kept = i; }
    static void counted(short a) { for (int i = 0; i < a; i++) kept = a; }
    static void readAsInt(short a, int b) { short x = a; kept = x; x = (short) b; wide = x; }
    static void readInSum(short a, int b) { short x = a; kept = x; x = (short) b; wide = x + b; }
    static void bytes(short a, int b) { byte d = (byte) b; d += a; d += b; a = d; }
    static void bytesAgain(short a, int b) { byte d = (byte) a; d += a; kept = d; d += b; a = d; }
    static void overflow(short a) { int b = a + a; if (b > 3) kept = a; kept = (short) (b / 3); }
    static void overflowAgain(short a) { int b = a + 1; int c = b + 1; kept = (short) (c >> 2); }
    static void stored(int c) { int b = c; small = (byte) b; }
    static void large(short a) { int b = 5; kept = (short) b; { short c = (short) b; kept = c; } b = 100000; kept = (short) b; }
    static void twoBytes(short a) { byte b = (byte) a; if (b + b > 3) kept = a; if (b + a > 3) kept = a; }
    static int returned(short a) { short b = a; short c = b; kept = c; return b; }
    static void indexByInt(int c, byte[] d) { int b = c; kept = d[b]; }
    static void indexByShort(short a, int c, byte[] d) { short b = (short) c; kept = (short) (b + c); d[b] = 3; }
    static void sized(int c) { int b = c; byte[] z = new byte[b]; kept = (short) z.length; }
    static void element(short a, int[] c) { short x = (short) c[a]; c[x] = x; }
    static void each(short a, short[] d) { for (short x : d) kept = x; short z = a; kept = z; }
    static void cases(short a) { switch (a) { case 1: { int x = a + a; kept = (short) (x >> 1); break; } default: { short y = a; kept = y; } } }
    static void guarded(short a, int c) { try { c = a; } finally { kept = (short) c; } }
}
