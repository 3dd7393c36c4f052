package arith;

/** Short arithmetic: every binary and unary operator, byte and short operands, compound assignments. */
public class Arith {
    static short add(short a, short b) { return (short) (a + b); }
    static short sub(short a, short b) { return (short) (a - b); }
    static short mul(short a, short b) { return (short) (a * b); }
    static short div(short a, short b) { return (short) (a / b); }
    static short rem(short a, short b) { return (short) (a % b); }
    static short neg(short a) { return (short) -a; }
    static short and(short a, short b) { return (short) (a & b); }
    static short or(short a, short b) { return (short) (a | b); }
    static short xor(short a, short b) { return (short) (a ^ b); }
    static short not(short a) { return (short) ~a; }
    static short shl(short a, short b) { return (short) (a << b); }
    static short shr(short a, short b) { return (short) (a >> b); }
    static short shl3(short a) { return (short) (a << 3); }
    static short ushr4(short a) { return (short) ((a & 0x7fff) >>> 4); }
    static byte toByte(short a) { return (byte) a; }
    static byte byteAdd(byte a, byte b) { return (byte) (a + b); }
    static short mask(byte a) { return (short) (a & 0xff); }
    static short pair(byte hi, byte lo) { return (short) ((hi << 8) | (lo & 0xff)); }
    static short chain(short a, short b, short c) { return (short) ((short) (a + b) * c); }
    static short nested(short a, short b, short c) { return (short) (a + b + c - (a & b)); }

    static short compound(short a, byte b) {
        a += b;
        a -= 3;
        a *= b;
        a /= 7;
        a %= 5;
        a &= 0x1234;
        a |= 0x55;
        a ^= b;
        a <<= 2;
        a >>= 1;
        b += 1;
        b -= a;
        b++;
        --b;
        return (short) (a + b);
    }

    static boolean compare(short a, short b) {
        return a < b || a > b && a != 0 || a == b;
    }

    static boolean logic(boolean a, boolean b) {
        return (a & b) | (a ^ !b);
    }

    static short ternary(short a, short b) {
        return a > b ? a : b;
    }

    static short increments(short n) {
        short sum = 0;
        for (short i = 0; i < n; i++) {
            sum++;
            sum += 2;
            sum += 127;
            sum += -128;
            sum -= 1;
            sum += 128;
            sum += 1000;
            sum -= 129;
            i += 1;
        }
        for (byte i = 10; i > 0; i--) {
            sum--;
        }
        return sum;
    }
}
