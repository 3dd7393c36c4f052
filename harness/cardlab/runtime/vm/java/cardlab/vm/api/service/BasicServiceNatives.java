package cardlab.vm.api.service;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.jcre.Jcre;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/** BasicService: has no state of its own, all is in the APDU object and its buffer. */
final class BasicServiceNatives {
    private static final String APDU = "(Ljavacard/framework/APDU;";
    private static final int LONGEST_OUTPUT = 256;
    private static final short SW_OK = (short) 0x9000;

    private BasicServiceNatives() {}

    static void bind(Binder binder) {
        binder.type(ServiceFramework.PACKAGE + "BasicService")
                .method("<init>", "()V", call -> 0)
                .method("processDataIn", APDU + ")Z", call -> 0)
                .method("processCommand", APDU + ")Z", call -> 0)
                .method("processDataOut", APDU + ")Z", call -> 0)
                .method("receiveInData", APDU + ")S", BasicServiceNatives::receiveInData)
                .method("setProcessed", APDU + ")V", BasicServiceNatives::setProcessed)
                .method("isProcessed", APDU + ")Z", call -> Command.of(call).isProcessed() ? 1 : 0)
                .method("setOutputLength", APDU + "S)V", BasicServiceNatives::setOutputLength)
                .method("getOutputLength", APDU + ")S", call -> processed(call).length())
                .method("setStatusWord", APDU + "S)V", BasicServiceNatives::setStatusWord)
                .method("getStatusWord", APDU + ")S", call -> processed(call).statusWord())
                .method("fail", APDU + "S)Z", BasicServiceNatives::fail)
                .method("succeed", APDU + ")Z", call -> finish(call, SW_OK))
                .method("succeedWithStatusWord", APDU + "S)Z", call -> finish(call, call.number(2)))
                .method("getCLA", APDU + ")B", call -> Command.of(call).at(Command.OFFSET_CLA))
                .method("getINS", APDU + ")B", call -> Command.of(call).at(Command.OFFSET_INS))
                .method("getP1", APDU + ")B", call -> input(call).at(Command.OFFSET_P1))
                .method("getP2", APDU + ")B", call -> input(call).at(Command.OFFSET_P2))
                .method("selectingApplet", "()Z", BasicServiceNatives::selectingApplet);
    }

    private static Command input(Call call) {
        Command command = Command.of(call);
        if (!command.isInput()) {
            throw ServiceFramework.error(call, ServiceFramework.CANNOT_ACCESS_IN_COMMAND);
        }
        return command;
    }

    private static Command processed(Call call) {
        Command command = Command.of(call);
        if (!command.isProcessed()) {
            throw ServiceFramework.error(call, ServiceFramework.CANNOT_ACCESS_OUT_COMMAND);
        }
        return command;
    }

    /** Another service may have changed data and Lc since they came, so the buffer's Lc is the length. */
    private static int receiveInData(Call call) {
        Command command = input(call);
        if (command.isUntouched()) {
            command.receive();
        }
        return command.length();
    }

    private static int setProcessed(Call call) {
        if (!Command.of(call).isProcessed()) {
            Command.of(call).setOutgoing();
        }
        return 0;
    }

    private static int setOutputLength(Call call) {
        int length = call.number(2);
        if (length < 0 || length > Math.min(LONGEST_OUTPUT, Command.of(call).room())) {
            throw ServiceFramework.error(call, ServiceFramework.ILLEGAL_PARAM);
        }
        if (length == LONGEST_OUTPUT) {
            call.warn("setOutputLength(256): La is one byte, so the answer has no data (API, BasicService: up to 255)");
        }
        Command.of(call).setLength(length);
        return 0;
    }

    private static int setStatusWord(Call call) {
        Command.of(call).setStatusWord(call.number(2));
        return 0;
    }

    private static int fail(Call call) {
        setProcessed(call);
        Command.of(call).setLength(0);
        return finish(call, call.number(2));
    }

    private static int finish(Call call, short sw) {
        setProcessed(call);
        Command.of(call).setStatusWord(sw);
        return 1;
    }

    private static int selectingApplet(Call call) {
        return ((Jcre) ((NativeCall) call).environment()).isSelecting() ? 1 : 0;
    }
}
