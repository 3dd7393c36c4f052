package flow;

/** Branches of every kind, loops, both switches. */
public class Flow {
    static short table(short x) {
        switch (x) {
            case 0: return 10;
            case 1: return 11;
            case 2: return 12;
            case 4: return 14;
            default: return -1;
        }
    }
    static short lookup(short x) {
        switch (x) {
            case -1000: return 1;
            case 0: return 2;
            case 1000: return 3;
            case 32767: return 4;
            case -32768: return 5;
        }
        return 0;
    }
    static short byteSwitch(byte b) {
        short r = 0;
        switch (b) {
            case (byte) 0xA4: r = 1; break;
            case (byte) 0xB0: r = 2; 
            case (byte) 0xD6: r += 3; break;
            case 0x20: r = 4; break;
            default: r = 9;
        }
        return r;
    }
    static short one(short x) { switch (x) { case 5: return 1; default: return 2; } }
    static short none(short x) { switch (x) { default: return 2; } }
    static short loops(short n) {
        short i = 0;
        while (i < n) { i++; if (i == 5) { continue; } if (i >= 9) { break; } }
        do { i--; } while (i > 0);
        outer:
        for (short j = 0; j != n; j++) { for (short k = n; k >= j; --k) { if (k == j) { continue outer; } if (k <= -3) { break outer; } } }
        return i;
    }
    static boolean nulls(Object a, Object b) {
        if (a == null) { return b != null; }
        if (a != null && b == null) { return false; }
        if (a == b) { return true; }
        return a != b;
    }
    static short zeros(short a) {
        if (a == 0) { return 1; }
        if (a != 0) { a--; }
        if (a < 0) { return 2; }
        if (a > 0) { a++; }
        if (a <= 0) { return 3; }
        if (a >= 0) { a++; }
        return a;
    }
    static short compares(short a, short b) {
        if (a == b) { return 1; }
        if (a != b) { a--; }
        if (a < b) { return 2; }
        if (a > b) { a++; }
        if (a <= b) { return 3; }
        if (a >= b) { a++; }
        return a;
    }
    static boolean cond(boolean a, boolean b, boolean c) { return a ? b : !c; }
    static void forever() { while (true) { } }
}
