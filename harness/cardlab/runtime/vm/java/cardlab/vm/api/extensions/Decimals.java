package cardlab.vm.api.extensions;

import cardlab.vm.natives.Call;
import cardlab.vm.natives.JavaCardException;
import java.math.BigInteger;
import java.util.HexFormat;

/** Unsigned numbers as bytes, hexadecimal or binary coded decimal, without leading zeros. */
final class Decimals {
    static final int BCD = 1;
    static final int HEX = 2;

    private Decimals() {}

    static JavaCardException wrong(Call call) {
        return call.thrown("java/lang/ArithmeticException");
    }

    /** A number in a format of BigNumber. ArithmeticException: no such format, no bytes, no digits, too long. */
    static BigInteger number(Call call, byte[] in, int format) {
        return switch (format) {
            case BCD -> decimal(call, in);
            case HEX -> hexadecimal(call, in);
            default -> throw wrong(call);
        };
    }

    /** The bytes of a number in a format of BigNumber; at least one. */
    static byte[] bytes(Call call, BigInteger number, int format) {
        return switch (format) {
            case BCD -> decimal(number);
            case HEX -> hexadecimal(number);
            default -> throw wrong(call);
        };
    }

    static boolean isDecimal(byte[] in) {
        for (byte one : in) {
            if ((one & 0x0F) > 9 || (one >> 4 & 0x0F) > 9) {
                return false;
            }
        }
        return true;
    }

    static BigInteger decimal(Call call, byte[] in) {
        if (in.length == 0 || !isDecimal(in)) {
            throw wrong(call);
        }
        return limited(call, new BigInteger(HexFormat.of().formatHex(in)));
    }

    static BigInteger hexadecimal(Call call, byte[] in) {
        if (in.length == 0) {
            throw wrong(call);
        }
        return limited(call, new BigInteger(1, in));
    }

    private static BigInteger limited(Call call, BigInteger number) {
        if (hexadecimal(number).length > Mathematics.MOST) {
            throw wrong(call);
        }
        return number;
    }

    static byte[] decimal(BigInteger number) {
        String digits = number.toString();
        return HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
    }

    static byte[] hexadecimal(BigInteger number) {
        String digits = number.toString(16);
        return HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
    }

    /** In so many bytes; ArithmeticException when they are too few. */
    static byte[] padded(Call call, byte[] bytes, int length) {
        if (bytes.length > length) {
            throw wrong(call);
        }
        byte[] out = new byte[length];
        System.arraycopy(bytes, 0, out, length - bytes.length, bytes.length);
        return out;
    }
}
