package cardlab.vm.api.extensions;

import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.MemoryType;
import cardlab.vm.natives.NativePackage;
import java.nio.ByteBuffer;

/** javacardx.framework.util.intx. */
public final class Intx implements NativePackage {
    private static final String SYSTEM_EXCEPTION = "javacard/framework/SystemException";
    private static final int ILLEGAL_VALUE = 1;

    @Override
    public String name() {
        return "javacardx.framework.util.intx";
    }

    @Override
    public void bind(Binder binder) {
        binder.type("javacardx/framework/util/intx/JCint")
                .method("makeInt", "(BBBB)I", call -> (call.number(0) & 0xFF) << 24 | (call.number(1) & 0xFF) << 16
                        | (call.number(2) & 0xFF) << 8 | call.number(3) & 0xFF)
                .method("makeInt", "(SS)I", call -> call.number(0) << 16 | call.number(1) & 0xFFFF)
                .method("getInt", "([BS)I", call -> ByteBuffer.wrap(call.bytes(call.ref(0), call.number(1), 4)).getInt())
                .method("setInt", "([BSI)S", Intx::setInt)
                .method("makeTransientIntArray", "(SB)[I", Intx::makeTransientIntArray);
    }

    private static int setInt(Call call) {
        byte[] bytes = ByteBuffer.allocate(4).putInt(call.wide(2)).array();
        call.write(call.ref(0), call.number(1), bytes);
        return call.number(1) + bytes.length;
    }

    /** SystemException.ILLEGAL_VALUE for another event than CLEAR_ON_RESET (1) and CLEAR_ON_DESELECT (2). */
    private static int makeTransientIntArray(Call call) {
        int event = call.number(1);
        if (event != 1 && event != 2) {
            throw call.thrown(SYSTEM_EXCEPTION, ILLEGAL_VALUE);
        }
        if (call.number(0) < 0) {
            throw call.thrown("java/lang/NegativeArraySizeException");
        }
        return call.newArray(ArrayType.INT, call.number(0), MemoryType.values()[event]);
    }
}
