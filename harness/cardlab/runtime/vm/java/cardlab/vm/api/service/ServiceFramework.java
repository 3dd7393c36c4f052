package cardlab.vm.api.service;

import cardlab.vm.framework.ExceptionNatives;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.JavaCardException;
import cardlab.vm.natives.NativePackage;

/** javacard.framework.service (Java Card API 3.0.5) without remote method invocation. */
public final class ServiceFramework implements NativePackage {
    static final String PACKAGE = "javacard/framework/service/";
    static final int ILLEGAL_PARAM = 1;
    static final int DISPATCH_TABLE_FULL = 2;
    static final int COMMAND_DATA_TOO_LONG = 3;
    static final int CANNOT_ACCESS_IN_COMMAND = 4;
    static final int CANNOT_ACCESS_OUT_COMMAND = 5;
    private static final String EXCEPTION = PACKAGE + "ServiceException";

    @Override
    public String name() {
        return "javacard.framework.service";
    }

    @Override
    public void bind(Binder binder) {
        ExceptionNatives.bindWithReason(binder, EXCEPTION);
        BasicServiceNatives.bind(binder);
        DispatcherNatives.bind(binder);
        binder.type(PACKAGE + "RMIService").missing();
    }

    static JavaCardException error(Call call, int reason) {
        return call.thrown(EXCEPTION, reason);
    }
}
