package cardlab.vm.framework;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.jcre.Jcre;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.NativePackage;

/** javacard.framework (Java Card API 3.2) without array views and static resources. */
public final class Framework implements NativePackage {
    @Override
    public String name() {
        return "javacard.framework";
    }

    @Override
    public void bind(Binder binder) {
        ExceptionNatives.bindWithReason(binder, "javacard/framework/CardRuntimeException", "javacard/framework/CardException",
                "javacard/framework/ISOException", "javacard/framework/APDUException", "javacard/framework/PINException",
                "javacard/framework/SystemException", "javacard/framework/TransactionException", "javacard/framework/UserException");
        binder.type("javacard/framework/CardRuntimeException").fields(0, 1);
        binder.type("javacard/framework/CardException").fields(0, 1);
        binder.type("javacard/framework/UserException").method("<init>", "()V", ExceptionNatives::construct);
        AidNatives.bind(binder);
        ApduNatives.bind(binder);
        AppletNatives.bind(binder);
        PinNatives.bind(binder);
        SensitiveNatives.bind(binder);
        SystemNatives.bind(binder);
        UtilNatives.bind(binder);
    }

    /** The runtime environment of the card that makes a call. */
    static Jcre card(Call call) {
        return (Jcre) ((NativeCall) call).environment();
    }
}
