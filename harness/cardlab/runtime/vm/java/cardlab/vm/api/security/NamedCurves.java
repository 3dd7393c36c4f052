package cardlab.vm.api.security;

import cardlab.engine.NamedCurve;
import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/** NamedParameterSpec (Java Card API 3.1). Field: the number of the curve. */
final class NamedCurves {
    private static final String SPEC = "javacard/security/NamedParameterSpec";
    private static final int NUMBER = 0;

    private final Cryptography cryptography;

    NamedCurves(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type(SPEC).fields(0, 1)
                .method("getInstance", "(S)L" + SPEC + ";", Cryptography.guarded(this::getInstance))
                .method("getName", "()S", call -> call.field(call.self(), NUMBER));
    }

    private int getInstance(Call call) {
        NamedCurve curve = cryptography.engine(call).curve(call.number(0));
        int made = call.newObject(SPEC);
        call.setField(made, NUMBER, curve.number());
        return made;
    }

    /** The curve of a NamedParameterSpec. NullPointerException, SecurityException. */
    static NamedCurve of(Call call, int spec) {
        ((NativeCall) call).requireUsable(spec);
        return NamedCurve.of(call.field(spec, NUMBER));
    }
}
