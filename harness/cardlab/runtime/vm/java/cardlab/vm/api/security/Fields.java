package cardlab.vm.api.security;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.Call;

/** Writes that natives of several packages make. */
public final class Fields {
    private Fields() {}

    /** Set a field of the object that is called, unless it has the value: memory that does not change is not worn. */
    public static void change(Call call, int number, int value) {
        if (call.field(call.self(), number) != (short) value) {
            call.setField(call.self(), number, value);
        }
    }

    /** One element of a short array, whose bounds have been looked at. */
    public static void writeShort(Call call, int array, int index, int value) {
        ((NativeCall) call).heap().put2(array, 2 * index, value, WriteKind.ARRAY);
    }
}
