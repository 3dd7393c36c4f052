package cardlab.vm.framework;

import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/** Applet. */
final class AppletNatives {
    private static final int ILLEGAL_VALUE = 1;
    private static final int ILLEGAL_AID = 4;

    private AppletNatives() {}

    static void bind(Binder binder) {
        binder.type("javacard/framework/Applet")
                .method("<init>", "()V", ExceptionNatives::construct)
                .method("install", "([BSB)V", AppletNatives::install)
                .method("reSelectingApplet", "()Z", call -> Framework.card(call).isReselecting() ? 1 : 0)
                .method("register", "()V", call -> register(call, null))
                .method("register", "([BSB)V", AppletNatives::registerAs)
                .method("selectingApplet", "()Z", call -> Framework.card(call).isSelecting() ? 1 : 0)
                .method("deselect", "()V", ExceptionNatives::construct)
                .method("getShareableInterfaceObject", "(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;", call -> 0)
                .method("select", "()Z", call -> 1);
    }

    /** An applet that does not have its own (API: ISOException with SW_FUNC_NOT_SUPPORTED). */
    private static int install(Call call) {
        throw call.thrown("javacard/framework/ISOException", 0x6A81);
    }

    private static int registerAs(Call call) {
        int length = call.number(3);
        byte[] aid = call.bytes(call.ref(1), call.number(2), length);
        if (length < 5 || length > 16) {
            throw call.thrown("javacard/framework/SystemException", ILLEGAL_VALUE);
        }
        return register(call, aid);
    }

    private static int register(Call call, byte[] aid) {
        if (!Framework.card(call).register(call.self(), aid)) {
            throw call.thrown("javacard/framework/SystemException", ILLEGAL_AID);
        }
        return 0;
    }
}
