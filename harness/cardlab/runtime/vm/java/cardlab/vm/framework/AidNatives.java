package cardlab.vm.framework;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import java.util.Arrays;

/** AID: the length in one cell, then sixteen bytes in eight. */
public final class AidNatives {
    private static final String AID = "javacard/framework/AID";
    private static final int ILLEGAL_VALUE = 1;
    private static final int RID = 5;

    private AidNatives() {}

    static void bind(Binder binder) {
        binder.type(AID).fields(0, 9)
                .method("<init>", "([BSB)V", AidNatives::construct)
                .method("equals", "(Ljava/lang/Object;)Z", AidNatives::equalsObject)
                .method("equals", "([BSB)Z", AidNatives::equalsBytes)
                .method("RIDEquals", "(Ljavacard/framework/AID;)Z", AidNatives::ridEquals)
                .method("getBytes", "([BS)B", AidNatives::getBytes)
                .method("partialEquals", "([BSB)Z", AidNatives::partialEquals)
                .method("getPartialBytes", "(S[BSB)B", AidNatives::getPartialBytes);
    }

    /** The bytes of an AID object. */
    public static byte[] bytes(Call call, int aid) {
        return heap(call).read(aid, 2, call.field(aid, 0));
    }

    private static cardlab.vm.memory.Heap heap(Call call) {
        return Framework.card(call).heap();
    }

    private static int construct(Call call) {
        byte[] bytes = call.bytes(call.ref(1), call.number(2), call.number(3));
        if (bytes.length < RID || bytes.length > 16) {
            throw call.thrown("javacard/framework/SystemException", ILLEGAL_VALUE);
        }
        call.setField(call.self(), 0, bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            heap(call).put1(call.self(), 2 + i, bytes[i], WriteKind.FIELD);
        }
        return 0;
    }

    private static int equalsObject(Call call) {
        int other = call.ref(1);
        if (other == 0 || !call.isInstance(other, AID)) {
            return 0;
        }
        ((NativeCall) call).requireObject(other);
        return Arrays.equals(bytes(call, call.self()), bytes(call, other)) ? 1 : 0;
    }

    private static int equalsBytes(Call call) {
        if (call.ref(1) == 0) {
            return 0;
        }
        byte[] other = call.bytes(call.ref(1), call.number(2), call.number(3));
        return Arrays.equals(bytes(call, call.self()), other) ? 1 : 0;
    }

    private static int ridEquals(Call call) {
        if (call.ref(1) == 0) {
            return 0;
        }
        byte[] own = bytes(call, call.self());
        byte[] other = bytes(call, call.ref(1));
        return Arrays.equals(own, 0, RID, other, 0, RID) ? 1 : 0;
    }

    private static int getBytes(Call call) {
        byte[] own = bytes(call, call.self());
        call.write(call.ref(1), call.number(2), own);
        return own.length;
    }

    private static int partialEquals(Call call) {
        if (call.ref(1) == 0) {
            return 0;
        }
        byte[] own = bytes(call, call.self());
        int length = call.number(3);
        if (length > own.length) {
            return 0;
        }
        byte[] other = call.bytes(call.ref(1), call.number(2), length);
        return Arrays.equals(own, 0, length, other, 0, length) ? 1 : 0;
    }

    private static int getPartialBytes(Call call) {
        byte[] own = bytes(call, call.self());
        int from = call.number(1);
        int length = call.number(4) == 0 ? own.length - from : call.number(4);
        if (from < 0 || length < 0 || from + length > own.length) {
            throw call.thrown("java/lang/ArrayIndexOutOfBoundsException");
        }
        call.write(call.ref(2), call.number(3), Arrays.copyOfRange(own, from, from + length));
        return length;
    }
}
