package cardlab.vm.api.extensions;

import cardlab.vm.framework.ExceptionNatives;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.NativePackage;

/** javacardx.framework.tlv. */
public final class Tlv implements NativePackage {
    @Override
    public String name() {
        return "javacardx.framework.tlv";
    }

    @Override
    public void bind(Binder binder) {
        ExceptionNatives.bindWithReason(binder, Ber.EXCEPTION);
        TagNatives.bind(binder);
        TlvNatives.bind(binder);
    }
}
