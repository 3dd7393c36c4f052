package inttest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;

/** Computes with ints: INS names the operation, the data are two ints; the answer is one. */
public class IntTest extends Applet {
    private static final int[] TABLE = {1, -70000, 0x12345678};
    private static int changed = 70000;
    private final int[] kept = new int[4];
    private int last;
    private byte fraction;

    /** Called through an interface, with ints and a short between them. */
    interface Operation {
        int apply(int a, short between, int b);
    }

    static class Weighed implements Operation {
        Weighed() {
        }

        public int apply(int a, short between, int b) {
            return a * between - b;
        }
    }

    public static void install(byte[] data, short at, byte length) {
        new IntTest().register();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] data = apdu.getBuffer();
        apdu.setIncomingAndReceive();
        int a = read(data, ISO7816.OFFSET_CDATA);
        int b = read(data, (short) (ISO7816.OFFSET_CDATA + 4));
        write(data, compute(data[ISO7816.OFFSET_INS], a, b));
        apdu.setOutgoingAndSend((short) 0, (short) 4);
    }

    private static int read(byte[] d, short at) {
        return d[at] << 24 | (d[(short) (at + 1)] & 0xFF) << 16 | (d[(short) (at + 2)] & 0xFF) << 8
            | d[(short) (at + 3)] & 0xFF;
    }

    private static void write(byte[] d, int value) {
        d[0] = (byte) (value >> 24);
        d[1] = (byte) (value >> 16);
        d[2] = (byte) (value >> 8);
        d[3] = (byte) value;
    }

    private int compute(byte operation, int a, int b) {
        switch (operation) {
            case 0: return a + b;
            case 1: return a - b;
            case 2: return a * b;
            case 3: return a / b;
            case 4: return a % b;
            case 5: return a & b;
            case 6: return a | b;
            case 7: return a ^ b;
            case 8: return a << b;
            case 9: return a >> b;
            case 10: return a >>> b;
            case 11: return -a;
            case 12: return (a < b ? 1 : 0) + (a <= b ? 2 : 0) + (a == b ? 4 : 0) + (a > 0 ? 8 : 0) + (b != 0 ? 16 : 0);
            case 13: return (short) a * (short) b;
            case 14: return ((short) a + (short) b) / 2;
            case 15: return keep(a, b);
            case 16: return named(a);
            case 17: return loop((short) a);
            case 18: return new Weighed().apply(a, (short) b, b);
            case 19: return fields(a, b);
            default: return safe(a, b);
        }
    }

    private int keep(int a, int b) {
        kept[0] = kept[1] = a;
        kept[2] = kept[3] = 0;
        kept[(short) (b & 3)] += TABLE[2];
        return kept[0] ^ kept[1]++ ^ kept[3] ^ TABLE[1] + kept.length;
    }

    private static int named(int a) {
        switch (a) {
            case -100000: return 1;
            case 0: return 2;
            case 0x7FFFFFFF: return 3;
            default: return a;
        }
    }

    private static int loop(short times) {
        int sum = 0;
        for (int i = times & 0xFF; i > 0; i -= 3) {
            sum += i * i;
            sum ^= times << 7;
        }
        return sum;
    }

    private int fields(int a, int b) {
        last = a;
        fraction = (byte) b;
        int before = changed;
        changed += last++;
        changed -= fraction;
        int difference = changed - before;
        changed = before;
        return difference ^ last;
    }

    private static int safe(int a, int b) {
        try {
            return a / b;
        } catch (ArithmeticException e) {
            return ~a;
        }
    }
}
