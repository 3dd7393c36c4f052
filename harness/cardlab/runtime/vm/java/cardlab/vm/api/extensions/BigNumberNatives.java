package cardlab.vm.api.extensions;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.MemoryType;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.function.BinaryOperator;

/** BigNumber. Fields: value, and greatest value, both as long as the constructor said. */
final class BigNumberNatives {
    private static final String BIG_NUMBER = "javacardx/framework/math/BigNumber";
    private static final int VALUE = 0;
    private static final int MAXIMUM = 1;

    private BigNumberNatives() {}

    static void bind(Binder binder) {
        binder.type(BIG_NUMBER).fields(2, 0)
                .method("<init>", "(S)V", BigNumberNatives::construct)
                .method("getMaxBytesSupported", "()S", call -> Mathematics.MOST)
                .method("setMaximum", "([BSSB)V", call -> store(call, MAXIMUM, argument(call)))
                .method("init", "([BSSB)V", call -> put(call, argument(call)))
                .method("add", "([BSSB)V", call -> combine(call, BigInteger::add))
                .method("subtract", "([BSSB)V", call -> combine(call, BigInteger::subtract))
                .method("multiply", "([BSSB)V", call -> combine(call, BigInteger::multiply))
                .method("compareTo", "(L" + BIG_NUMBER + ";)B", BigNumberNatives::compareToNumber)
                .method("compareTo", "([BSSB)B", call -> value(call, call.self()).compareTo(argument(call)))
                .method("toBytes", "([BSSB)V", BigNumberNatives::toBytes)
                .method("getByteLength", "(B)S",
                        call -> Decimals.bytes(call, value(call, call.self()), call.number(1)).length)
                .method("reset", "()V", call -> put(call, BigInteger.ZERO));
    }

    private static int construct(Call call) {
        int length = call.number(1);
        if (length <= 0 || length > Mathematics.MOST) {
            throw Decimals.wrong(call);
        }
        call.setField(call.self(), VALUE, call.newArray(ArrayType.BYTE, length, MemoryType.PERSISTENT));
        int maximum = call.newArray(ArrayType.BYTE, length, MemoryType.PERSISTENT);
        byte[] ones = new byte[length];
        Arrays.fill(ones, (byte) 0xFF);
        call.writeInside(maximum, 0, ones);
        call.setField(call.self(), MAXIMUM, maximum);
        return 0;
    }

    private static BigInteger number(Call call, int object, int field) {
        return new BigInteger(1, call.inside(call.refField(object, field)));
    }

    private static BigInteger value(Call call, int object) {
        return number(call, object, VALUE);
    }

    private static BigInteger argument(Call call) {
        return Decimals.number(call, call.bytes(call.ref(1), call.number(2), call.number(3)), call.number(4));
    }

    /** ArithmeticException when it needs more bytes than there are. */
    private static int store(Call call, int field, BigInteger number) {
        int array = call.refField(call.self(), field);
        int length = call.inside(array).length;
        call.writeInside(array, 0, Decimals.padded(call, Decimals.hexadecimal(number), length));
        return 0;
    }

    /** ArithmeticException when it is negative or above the maximum; the value stays then. */
    private static int put(Call call, BigInteger number) {
        if (number.signum() < 0 || number.compareTo(number(call, call.self(), MAXIMUM)) > 0) {
            throw Decimals.wrong(call);
        }
        return store(call, VALUE, number);
    }

    private static int combine(Call call, BinaryOperator<BigInteger> operation) {
        return put(call, operation.apply(value(call, call.self()), argument(call)));
    }

    private static int compareToNumber(Call call) {
        ((NativeCall) call).requireUsable(call.ref(1));
        return value(call, call.self()).compareTo(value(call, call.ref(1)));
    }

    private static int toBytes(Call call) {
        int length = call.number(3);
        call.require(call.ref(1), call.number(2), length);
        if (length == 0) {
            throw Decimals.wrong(call);
        }
        byte[] bytes = Decimals.bytes(call, value(call, call.self()), call.number(4));
        call.write(call.ref(1), call.number(2), Decimals.padded(call, bytes, length));
        return 0;
    }
}
