package unsafe;

/** What a narrow machine computes like Java although an intermediate value overflows: nothing looks at it. */
public class Unsafe {
    static short sum(short a, short b, short c) { return (short) (a + b + c - (a << 3)); }
    static short masked(short a, short b) { return (short) ((a + b) & 0xFF); }
    static boolean maskedTest(short a, short b) { return ((a + b) & 0xFF) > 3; }
    static short shifted(short a) { return (short) (a >>> 3); }
    static byte narrowed(short a, byte b) { return (byte) (a * b); }
    static boolean bytes(byte a, byte b) { return a + b > 5 && a - b < 5 && a * b != 5 && -a > 3; }
    static byte index(byte[] d, byte a, byte b) { return d[a + b]; }
    static short shiftCount(short a, short b) { return (short) (a << (b + 1)); }
    static short remainder(short a, byte b) { return (short) (a % b / 3); }
    static byte kept(byte a, byte b) { return (byte) ((a & b) | (a ^ b) >> 2); }
    static short pair(byte[] d, short o) { return (short) ((d[o] << 8) | (d[(short) (o + 1)] & 0xFF)); }
    static short joined(boolean z, short a, byte b) { return (short) (z ? a + b : a); }
}
