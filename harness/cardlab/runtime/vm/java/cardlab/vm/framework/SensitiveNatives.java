package cardlab.vm.framework;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.Space;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/**
 * SensitiveArrays (Java Card API 3.0.5). Such an array is one with a flag in its header: memory of this machine changes by
 * writes alone, so what assertIntegrity() looks for cannot happen to it.
 */
final class SensitiveNatives {
    private static final String SYSTEM_EXCEPTION = "javacard/framework/SystemException";
    private static final int ILLEGAL_VALUE = 1;
    private static final int ILLEGAL_TRANSIENT = 3;

    private SensitiveNatives() {}

    static void bind(Binder binder) {
        binder.type("javacard/framework/SensitiveArrays")
                .method("isIntegritySensitiveArraysSupported", "()Z", call -> 1)
                .method("makeIntegritySensitiveArray", "(BBS)Ljava/lang/Object;", SensitiveNatives::make)
                .method("isIntegritySensitive", "(Ljava/lang/Object;)Z", call -> isSensitive(call, call.ref(0)) ? 1 : 0)
                .method("assertIntegrity", "(Ljava/lang/Object;)V", SensitiveNatives::assertIntegrity)
                .method("clearArray", "(Ljava/lang/Object;)S", SensitiveNatives::clearArray);
    }

    private static Heap heap(Call call) {
        return ((NativeCall) call).heap();
    }

    private static int make(Call call) {
        int type = call.number(0);
        int memory = call.number(1);
        int length = call.number(2);
        if (type < 1 || type > 5 || memory < Space.PERSISTENT || memory > Space.DESELECT) {
            throw call.thrown(SYSTEM_EXCEPTION, ILLEGAL_VALUE);
        }
        if (length < 0) {
            throw call.thrown("java/lang/NegativeArraySizeException");
        }
        int context = Framework.card(call).interpreter().firewall().context();
        if (memory == Space.DESELECT && !Framework.card(call).isSelectedContext(context)) {
            throw call.thrown(SYSTEM_EXCEPTION, ILLEGAL_TRANSIENT);
        }
        int owner = Framework.card(call).interpreter().firewall().owner();
        return heap(call).newSensitiveArray(BlockKind.BOOLEAN_ARRAY + type - 1, length, memory, owner);
    }

    /** False for what is no array. NullPointerException, SecurityException. */
    private static boolean isSensitive(Call call, int object) {
        ((NativeCall) call).requireUsable(object);
        return heap(call).isSensitive(object);
    }

    /** SystemException.ILLEGAL_VALUE for an array that is not sensitive, or no array. */
    private static int assertIntegrity(Call call) {
        if (!isSensitive(call, call.ref(0))) {
            throw call.thrown(SYSTEM_EXCEPTION, ILLEGAL_VALUE);
        }
        return 0;
    }

    /** Zeros, false or null in every element, not as part of a transaction; returns their number. */
    private static int clearArray(Call call) {
        int array = call.ref(0);
        assertIntegrity(call);
        int length = heap(call).length(array);
        int bytes = heap(call).contentBytes(array);
        if (call.arrayType(array) == ArrayType.REFERENCE) {
            heap(call).write(array, 0, new byte[bytes], 0, bytes);
        } else {
            heap(call).writeNonAtomic(array, 0, new byte[bytes], 0, bytes);
        }
        return length;
    }
}
