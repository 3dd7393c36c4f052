package cardlab.vm.api.extensions;

import cardlab.vm.framework.ExceptionNatives;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.NativePackage;

/** javacardx.external: this card has no memory beside its own (ExternalException.NO_SUCH_SUBSYSTEM). */
public final class External implements NativePackage {
    private static final String EXCEPTION = "javacardx/external/ExternalException";
    private static final int NO_SUCH_SUBSYSTEM = 1;

    @Override
    public String name() {
        return "javacardx.external";
    }

    @Override
    public void bind(Binder binder) {
        ExceptionNatives.bindWithReason(binder, EXCEPTION);
        binder.type("javacardx/external/Memory")
                .method("getMemoryAccessInstance", "(B[SS)Ljavacardx/external/MemoryAccess;", call -> {
                    throw call.thrown(EXCEPTION, NO_SUCH_SUBSYSTEM);
                });
    }
}
