package cardlab.vm.framework;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import java.util.Arrays;

/** Util. */
final class UtilNatives {
    private UtilNatives() {}

    static void bind(Binder binder) {
        binder.type("javacard/framework/Util")
                .method("arrayCopy", "([BS[BSS)S", UtilNatives::arrayCopy)
                .method("arrayCopyNonAtomic", "([BS[BSS)S", UtilNatives::arrayCopyNonAtomic)
                .method("arrayFill", "([BSSB)S", UtilNatives::arrayFill)
                .method("arrayFillNonAtomic", "([BSSB)S", UtilNatives::arrayFillNonAtomic)
                .method("arrayCompare", "([BS[BSS)B", UtilNatives::arrayCompare)
                .method("makeShort", "(BB)S", call -> call.number(0) << 8 | call.number(1) & 0xFF)
                .method("getShort", "([BS)S", UtilNatives::getShort)
                .method("setShort", "([BSS)S", UtilNatives::setShort);
    }

    private static Heap heap(Call call) {
        return ((NativeCall) call).heap();
    }

    /** Both ranges are looked at before anything changes; a length of 0 has its bounds looked at as well. */
    private static void requireBoth(Call call) {
        call.require(call.ref(0), call.number(1), call.number(4));
        call.require(call.ref(2), call.number(3), call.number(4));
    }

    private static int arrayCopy(Call call) {
        requireBoth(call);
        byte[] from = heap(call).read(call.ref(0), call.number(1), call.number(4));
        heap(call).write(call.ref(2), call.number(3), from, 0, from.length);
        return call.number(3) + call.number(4);
    }

    private static int arrayCopyNonAtomic(Call call) {
        requireBoth(call);
        byte[] from = heap(call).read(call.ref(0), call.number(1), call.number(4));
        warnIfInTransaction(call, call.ref(2), "arrayCopyNonAtomic()");
        heap(call).writeNonAtomic(call.ref(2), call.number(3), from, 0, from.length);
        return call.number(3) + call.number(4);
    }

    private static int arrayFill(Call call) {
        byte[] from = filling(call);
        heap(call).write(call.ref(0), call.number(1), from, 0, from.length);
        return call.number(1) + call.number(2);
    }

    private static int arrayFillNonAtomic(Call call) {
        byte[] from = filling(call);
        warnIfInTransaction(call, call.ref(0), "arrayFillNonAtomic()");
        heap(call).writeNonAtomic(call.ref(0), call.number(1), from, 0, from.length);
        return call.number(1) + call.number(2);
    }

    private static byte[] filling(Call call) {
        call.require(call.ref(0), call.number(1), call.number(2));
        byte[] from = new byte[call.number(2)];
        Arrays.fill(from, (byte) call.number(3));
        return from;
    }

    private static void warnIfInTransaction(Call call, int array, String what) {
        if (heap(call).journal().isOpen() && heap(call).isPersistent(array)) {
            call.warn(what + " in a transaction: what it writes stays when the transaction is aborted");
        }
    }

    private static int arrayCompare(Call call) {
        requireBoth(call);
        int length = call.number(4);
        byte[] left = heap(call).read(call.ref(0), call.number(1), length);
        byte[] right = heap(call).read(call.ref(2), call.number(3), length);
        return Integer.signum(Arrays.compareUnsigned(left, right));
    }

    private static int getShort(Call call) {
        call.require(call.ref(0), call.number(1), 2);
        return (short) heap(call).get2(call.ref(0), call.number(1));
    }

    /** Two bytes, one after the other. */
    private static int setShort(Call call) {
        int at = call.number(1);
        call.require(call.ref(0), at, 2);
        heap(call).put1(call.ref(0), at, call.number(2) >> 8, WriteKind.ARRAY);
        heap(call).put1(call.ref(0), at + 1, call.number(2), WriteKind.ARRAY);
        return at + 2;
    }
}
