package cardlab.engine;

import java.math.BigInteger;
import java.util.Arrays;

/** SEQUENCE { INTEGER r, INTEGER s }: how DSA and ECDSA signatures are encoded (ANSI X9.62, E.8). */
final class Der {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 2;
    private static final int LONG_FORM = 0x81;

    private Der() {}

    static byte[] encode(BigInteger r, BigInteger s) {
        byte[] first = r.toByteArray();
        byte[] second = s.toByteArray();
        int content = 4 + first.length + second.length;
        byte[] out = new byte[content + (content < 0x80 ? 2 : 3)];
        int at = 0;
        out[at++] = SEQUENCE;
        if (content >= 0x80) {
            out[at++] = (byte) LONG_FORM;
        }
        out[at++] = (byte) content;
        at = integer(out, at, first);
        integer(out, at, second);
        return out;
    }

    private static int integer(byte[] out, int at, byte[] value) {
        out[at] = INTEGER;
        out[at + 1] = (byte) value.length;
        System.arraycopy(value, 0, out, at + 2, value.length);
        return at + 2 + value.length;
    }

    /** The most bytes for numbers below one of {@code bits} bits. */
    static int length(int bits) {
        int content = 2 * (2 + bits / 8 + 1);
        return content + (content < 0x80 ? 2 : 3);
    }

    /** The two numbers; null for anything that is not their one encoding. */
    static BigInteger[] decode(byte[] encoded) {
        int[] at = {0};
        if (!header(encoded, at)) {
            return null;
        }
        BigInteger r = number(encoded, at);
        BigInteger s = r == null ? null : number(encoded, at);
        boolean good = s != null && r.signum() >= 0 && s.signum() >= 0 && Arrays.equals(encode(r, s), encoded);
        return good ? new BigInteger[] {r, s} : null;
    }

    private static boolean header(byte[] encoded, int[] at) {
        if (encoded.length < 8 || encoded[0] != SEQUENCE) {
            return false;
        }
        at[0] = (encoded[1] & 0xFF) == LONG_FORM ? 3 : 2;
        return true;
    }

    private static BigInteger number(byte[] encoded, int[] at) {
        int start = at[0] + 2;
        if (start > encoded.length || encoded[at[0]] != INTEGER) {
            return null;
        }
        int end = start + (encoded[at[0] + 1] & 0xFF);
        if (end > encoded.length || end == start) {
            return null;
        }
        at[0] = end;
        return new BigInteger(Arrays.copyOfRange(encoded, start, end));
    }
}
