package ints;

import javacard.framework.APDU;
import javacard.framework.Applet;

/** Every instruction for int that a compiler can emit (JCVM 3.0.5, 7.5), ints in fields, arrays, locals, arguments. */
public class Ints extends Applet {
    static final int[] TABLE = {1, 70000, -2000000000};
    static int count = 100000;
    static int zero;
    static short small;
    int field;
    byte narrow;
    int second = 0x12345678;
    int[] array;

    Ints(int first, short length) {
        field = first;
        array = new int[length];
    }

    public static void install(byte[] data, short at, byte length) {
        new Ints(length, length).register();
    }

    public void process(APDU apdu) {
        byte[] data = apdu.getBuffer();
        int answer = calls(data[0]);
        data[0] = (byte) (answer >> 24);
        data[1] = (byte) (answer >>> 16);
    }

    static int constants(byte which) {
        switch (which) {
            case 0: return -1;
            case 1: return 0;
            case 2: return 1;
            case 3: return 5;
            case 4: return 6;
            case 5: return -128;
            case 6: return 128;
            case 7: return 32767;
            case 8: return 32768;
            case 9: return Integer.MIN_VALUE;
            default: return 3;
        }
    }

    static int arithmetic(int a, int b) {
        int sum = a + b;
        int difference = a - b;
        int product = a * b;
        int quotient = a / b;
        int rest = a % b;
        int bits = (a & b) | (a ^ ~b);
        return sum + difference * product - quotient / (rest | 1) + bits + -a;
    }

    static int shifts(int a, short by, byte small) {
        return (a << by) + (a >> small) + (a >>> 3) + (a << a);
    }

    static int mixed(short a, byte b, int c) {
        int sum = a + b + c;
        short cut = (short) sum;
        byte cutMore = (byte) sum;
        sum += a;
        sum -= b;
        sum++;
        sum += 1000;
        sum += 100000;
        return sum + cut * cutMore + (short) (a * b) + a * b;
    }

    static short compare(int a, int b) {
        short found = 0;
        if (a == b) found |= 1;
        if (a != b) found |= 2;
        if (a < b) found |= 4;
        if (a >= b) found |= 8;
        if (a > b) found |= 16;
        if (a <= b) found |= 32;
        if (a == 0) found |= 64;
        if (a < 0) found |= 128;
        if (a >= 0) found |= 256;
        if (a > 0 || b <= 0) found |= 512;
        if (a != 0) found |= 1024;
        return found;
    }

    static int overflow(short a, short b) {
        if (a + b > 0) return a * b;
        return (a + b) / 2;
    }

    static short tableSwitch(int a) {
        switch (a) {
            case 1: return 10;
            case 2: return 20;
            case 3: return 30;
            default: return 0;
        }
    }

    static short lookupSwitch(int a) {
        switch (a) {
            case -100000: return 1;
            case 7: return 2;
            case 100000: return 3;
            default: return 0;
        }
    }

    int fields(Ints other) {
        field++;
        field += other.second;
        other.field = field - 1;
        second = other.field = 9;
        narrow = (byte) second;
        count += field;
        zero = count++;
        small = (short) zero;
        return this.field;
    }

    int elements(int[] values, short at, int index) {
        values[at] = array[0];
        values[at] += 5;
        values[(short) index]++;
        array[at] = values[(short) (at + 1)] = TABLE[1];
        return values[at] + TABLE.length + array.length;
    }

    Object casts(Object o) {
        if (o instanceof int[]) {
            return (int[]) o;
        }
        return new int[5];
    }

    int loops(int limit) {
        int sum = 0;
        for (int i = 0; i < limit; i++) {
            for (short j = 0; j < 10; j++) {
                sum += i * j;
                if (sum > 1000000) {
                    break;
                }
            }
        }
        return sum;
    }

    static int many(int a, short b, int c, byte d, int e) {
        int f = a + c;
        int g = e + b;
        int h = f = g;
        h -= d;
        return f + g + h;
    }

    int calls(int a) {
        return many(a, (short) 3, field, (byte) 4, 100000) + loops(a) + elements(array, (short) 0, a);
    }

    static int conditional(boolean z, short a, int b) {
        int chosen = z ? a : b;
        byte low = (byte) (z ? a : b);
        boolean positive = chosen > 0;
        return positive ? chosen : low;
    }

    static int tries(int a) {
        try {
            return a / zero;
        } catch (ArithmeticException e) {
            zero = a;
        } finally {
            count--;
        }
        return zero;
    }
}
