package cardlab.vm.api.service;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.jcre.Jcre;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.JavaCardException;

/** Dispatcher. */
final class DispatcherNatives {
    private static final String SERVICE = ServiceFramework.PACKAGE + "Service";
    private static final String ISO_EXCEPTION = "javacard/framework/ISOException";
    private static final int PROCESS_NONE = 0;
    private static final int PROCESS_INPUT_DATA = 1;
    private static final int PROCESS_COMMAND = 2;
    private static final int PROCESS_OUTPUT_DATA = 3;
    private static final String[] METHODS = {null, "processDataIn", "processCommand", "processDataOut"};
    private static final int SW_OK = 0x9000;
    private static final int SW_INS_NOT_SUPPORTED = 0x6D00;
    private static final int SW_UNKNOWN = 0x6F00;

    private DispatcherNatives() {}

    static void bind(Binder binder) {
        binder.type(ServiceFramework.PACKAGE + "Dispatcher").fields(Registry.REFERENCES, Registry.SHORTS)
                .method("<init>", "(S)V", DispatcherNatives::construct)
                .method("addService", "(L" + SERVICE + ";B)V", DispatcherNatives::addService)
                .method("removeService", "(L" + SERVICE + ";B)V", DispatcherNatives::removeService)
                .method("dispatch", "(Ljavacard/framework/APDU;B)Ljava/lang/Exception;", DispatcherNatives::dispatch)
                .method("process", "(Ljavacard/framework/APDU;)V", DispatcherNatives::process);
    }

    private static Registry registry(Call call) {
        return new Registry(call, call.self());
    }

    private static void requireParameter(Call call, boolean isLegal) {
        if (!isLegal) {
            throw ServiceFramework.error(call, ServiceFramework.ILLEGAL_PARAM);
        }
    }

    private static int construct(Call call) {
        requireParameter(call, call.number(1) >= 0);
        registry(call).make(call.number(1));
        return 0;
    }

    /** A service, not null, and a phase; PROCESS_NONE is one, though nobody calls services then. */
    private static void requireEntry(Call call) {
        boolean isPhase = call.number(2) >= PROCESS_NONE && call.number(2) <= PROCESS_OUTPUT_DATA;
        requireParameter(call, isPhase && call.isInstance(call.ref(1), SERVICE));
    }

    private static int addService(Call call) {
        requireEntry(call);
        if (registry(call).find(call.ref(1), call.number(2)) >= 0) {
            return 0;
        }
        if (registry(call).isFull()) {
            throw ServiceFramework.error(call, ServiceFramework.DISPATCH_TABLE_FULL);
        }
        registry(call).add(call.ref(1), call.number(2));
        return 0;
    }

    private static int removeService(Call call) {
        requireEntry(call);
        int index = registry(call).find(call.ref(1), call.number(2));
        if (index >= 0) {
            registry(call).remove(index);
        }
        return 0;
    }

    /** Returns what a service threw, or null when none processed the command; throws the status word after sending. */
    private static int dispatch(Call call) {
        int first = call.number(2);
        requireParameter(call, first >= PROCESS_INPUT_DATA && first <= PROCESS_OUTPUT_DATA);
        return dispatchFrom(call, first);
    }

    private static int dispatchFrom(Call call, int first) {
        Command command = Command.of(call);
        int thrown = perform(command, first);
        if (thrown != 0 || !command.isProcessed()) {
            return thrown;
        }
        command.send();
        throw call.thrown(ISO_EXCEPTION, command.statusWord());
    }

    /** Returns what a service threw, or null. */
    private static int perform(Command command, int first) {
        try {
            performAll(command, first);
            return 0;
        } catch (JavaCardException thrown) {
            if (!command.call().isInstance(thrown.reference(), "java/lang/Exception")) {
                throw thrown;
            }
            return thrown.reference();
        }
    }

    private static void performAll(Command command, int first) {
        for (int phase = first; phase <= PROCESS_COMMAND; phase++) {
            perform(command, registry(command.call()), phase);
        }
        if (command.isUnsent()) {
            perform(command, registry(command.call()), PROCESS_OUTPUT_DATA);
        }
    }

    /** Until a service says that the phase is complete. The registry may change meanwhile. */
    private static void perform(Command command, Registry registry, int phase) {
        boolean isComplete = false;
        for (int index = 0; index < registry.count() && !isComplete; index++) {
            isComplete = registry.phase(index) == phase && ask(command, registry.service(index), METHODS[phase]);
        }
    }

    /** Service is no shareable interface: another context's object is out of reach (JCRE 3.0.5, 6.2.8.6). */
    private static boolean ask(Command command, int service, String method) {
        ((NativeCall) command.call()).requireObject(service);
        return command.call().invoke(service, SERVICE, method, "(Ljavacard/framework/APDU;)Z", command.apdu()) != 0;
    }

    /** A status word of 9000 is no exception here. */
    private static int process(Call call) {
        try {
            throw refused(call, dispatchFrom(call, PROCESS_INPUT_DATA));
        } catch (JavaCardException status) {
            if (isSuccess(call, status.reference())) {
                return 0;
            }
            throw status;
        }
    }

    private static boolean isSuccess(Call call, int thrown) {
        return call.className(thrown).equals(ISO_EXCEPTION) && (call.field(thrown, 0) & 0xFFFF) == SW_OK;
    }

    /** What a service throws is answered by SW_UNKNOWN, also an ISOException (API): services call fail(). */
    private static JavaCardException refused(Call call, int thrown) {
        if (thrown == 0) {
            return call.thrown(ISO_EXCEPTION, SW_INS_NOT_SUPPORTED);
        }
        ((Jcre) ((NativeCall) call).environment()).warnThrown("a service", thrown, "and Dispatcher.process() answers 6F00");
        return call.thrown(ISO_EXCEPTION, SW_UNKNOWN);
    }
}
