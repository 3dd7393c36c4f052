package cardlab.vm.api.extensions;

import cardlab.vm.interpreter.LastResult;
import cardlab.vm.interpreter.LastResult.Kind;
import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.NativePackage;
import java.util.function.IntPredicate;

/** javacardx.security: SensitiveResult. SecurityException where the last result is none, of another type, or another one. */
public final class SensitiveResults implements NativePackage {
    @Override
    public String name() {
        return "javacardx.security";
    }

    @Override
    public void bind(Binder binder) {
        binder.type("javacardx/security/SensitiveResult")
                .method("assertTrue", "()V", call -> check(call, Kind.BOOLEAN, value -> value != 0))
                .method("assertFalse", "()V", call -> check(call, Kind.BOOLEAN, value -> value == 0))
                .method("assertNegative", "()V", call -> check(call, Kind.NUMBER, value -> value < 0))
                .method("assertPositive", "()V", call -> check(call, Kind.NUMBER, value -> value > 0))
                .method("assertZero", "()V", call -> check(call, Kind.NUMBER, value -> value == 0))
                .method("assertEquals", "(S)V", call -> check(call, Kind.NUMBER, value -> value == call.number(0)))
                .method("assertGreaterThan", "(S)V", call -> check(call, Kind.NUMBER, value -> value > call.number(0)))
                .method("assertLessThan", "(S)V", call -> check(call, Kind.NUMBER, value -> value < call.number(0)))
                .method("assertEquals", "(Ljava/lang/Object;)V",
                        call -> check(call, Kind.REFERENCE, value -> value == call.ref(0)))
                .method("reset", "()V", SensitiveResults::reset);
    }

    private static LastResult last(Call call) {
        return ((NativeCall) call).interpreter().lastResult();
    }

    private static int check(Call call, Kind kind, IntPredicate holds) {
        if (last(call).kind() != kind || !holds.test(last(call).value())) {
            throw call.thrown("java/lang/SecurityException");
        }
        return 0;
    }

    private static int reset(Call call) {
        last(call).forget();
        return 0;
    }
}
