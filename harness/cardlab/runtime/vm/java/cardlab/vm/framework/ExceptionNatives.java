package cardlab.vm.framework;

import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;

/** What exception classes have in common; other API packages bind theirs with it. */
public final class ExceptionNatives {
    private ExceptionNatives() {}

    /** Classes below CardException or CardRuntimeException: constructor with a reason, throwIt, getReason, setReason. */
    public static void bindWithReason(Binder binder, String... classNames) {
        for (String name : classNames) {
            ClassBinder type = binder.type(name);
            type.method("<init>", "(S)V", ExceptionNatives::constructWithReason);
            type.method("throwIt", "(S)V", call -> {
                throw call.thrown(name, call.number(0));
            });
            type.method("getReason", "()S", call -> call.field(call.self(), 0));
            type.method("setReason", "(S)V", ExceptionNatives::setReason);
        }
    }

    /** A constructor with nothing to do. */
    static int construct(Call call) {
        return 0;
    }

    private static int constructWithReason(Call call) {
        return setReason(call);
    }

    private static int setReason(Call call) {
        call.setField(call.self(), 0, call.number(1));
        return 0;
    }
}
