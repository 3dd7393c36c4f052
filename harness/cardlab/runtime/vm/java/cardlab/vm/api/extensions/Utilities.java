package cardlab.vm.api.extensions;

import cardlab.vm.framework.ExceptionNatives;
import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.memory.Heap;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.NativePackage;
import java.math.BigInteger;
import java.util.Arrays;

/** javacardx.framework.util: arrays of bytes, shorts and ints alike. The heap keeps elements most significant byte first. */
public final class Utilities implements NativePackage {
    private static final String EXCEPTION = "javacardx/framework/util/UtilException";
    private static final int ILLEGAL_VALUE = 1;
    private static final int TYPE_MISMATCHED = 2;

    @Override
    public String name() {
        return "javacardx.framework.util";
    }

    @Override
    public void bind(Binder binder) {
        ExceptionNatives.bindWithReason(binder, EXCEPTION);
        binder.type("javacardx/framework/util/ArrayLogic")
                .method("arrayCopyRepack", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", call -> copy(call, true))
                .method("arrayCopyRepackNonAtomic", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", call -> copy(call, false))
                .method("arrayFillGeneric", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", call -> fill(call, true))
                .method("arrayFillGenericNonAtomic", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", call -> fill(call, false))
                .method("arrayCompareGeneric", "(Ljava/lang/Object;SLjava/lang/Object;SS)B", Utilities::compare)
                .method("arrayFindGeneric", "(Ljava/lang/Object;S[BS)S", Utilities::find);
    }

    /** Bytes of an element. NullPointerException; ILLEGAL_VALUE for what is no array of bytes, shorts or ints. */
    private static int cell(Call call, int array) {
        if (array == 0) {
            throw call.thrown("java/lang/NullPointerException");
        }
        ArrayType type = call.arrayType(array);
        if (type != ArrayType.BYTE && type != ArrayType.SHORT && type != ArrayType.INT) {
            throw call.thrown(EXCEPTION, ILLEGAL_VALUE);
        }
        return type.cell();
    }

    private static byte[] elements(Call call, int array, int offset, int count) {
        int cell = cell(call, array);
        call.require(array, offset, count);
        byte[] all = call.inside(array);
        return Arrays.copyOfRange(all, offset * cell, (offset + count) * cell);
    }

    private static void write(Call call, int array, int offset, byte[] bytes, boolean atomic) {
        int cell = cell(call, array);
        call.require(array, offset, bytes.length / cell);
        Heap heap = ((NativeCall) call).heap();
        if (atomic) {
            heap.write(array, offset * cell, bytes, 0, bytes.length);
        } else {
            heap.writeNonAtomic(array, offset * cell, bytes, 0, bytes.length);
        }
    }

    private static int copy(Call call, boolean atomic) {
        int target = cell(call, call.ref(3));
        byte[] bytes = elements(call, call.ref(0), call.number(1), call.number(2));
        if (bytes.length % target != 0) {
            throw call.thrown(EXCEPTION, ILLEGAL_VALUE);
        }
        write(call, call.ref(3), call.number(4), bytes, atomic);
        return call.number(4) + bytes.length / target;
    }

    private static void requireSameType(Call call, int first, int second) {
        if (cell(call, first) != cell(call, second)) {
            throw call.thrown(EXCEPTION, TYPE_MISMATCHED);
        }
    }

    private static int fill(Call call, boolean atomic) {
        requireSameType(call, call.ref(0), call.ref(3));
        int count = call.number(2);
        call.require(call.ref(0), call.number(1), count);
        byte[] one = elements(call, call.ref(3), call.number(4), 1);
        byte[] bytes = new byte[count * one.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = one[i % one.length];
        }
        write(call, call.ref(0), call.number(1), bytes, atomic);
        return call.number(1) + count;
    }

    /** By the elements' values, which are signed; bytes are compared as Util.arrayCompare() does, unsigned. */
    private static int compare(Call call) {
        requireSameType(call, call.ref(0), call.ref(2));
        int cell = cell(call, call.ref(0));
        byte[] left = elements(call, call.ref(0), call.number(1), call.number(4));
        byte[] right = elements(call, call.ref(2), call.number(3), call.number(4));
        if (cell == 1) {
            return Integer.signum(Arrays.compareUnsigned(left, right));
        }
        for (int at = 0; at < left.length; at += cell) {
            int order = element(left, at, cell).compareTo(element(right, at, cell));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static BigInteger element(byte[] bytes, int at, int cell) {
        return new BigInteger(Arrays.copyOfRange(bytes, at, at + cell));
    }

    private static int find(Call call) {
        int cell = cell(call, call.ref(0));
        int count = call.length(call.ref(0)) - call.number(1);
        byte[] all = elements(call, call.ref(0), call.number(1), count);
        byte[] wanted = call.bytes(call.ref(2), call.number(3), cell);
        for (int i = 0; i < count; i++) {
            if (Arrays.equals(wanted, Arrays.copyOfRange(all, i * cell, (i + 1) * cell))) {
                return call.number(1) + i;
            }
        }
        return -1;
    }
}
