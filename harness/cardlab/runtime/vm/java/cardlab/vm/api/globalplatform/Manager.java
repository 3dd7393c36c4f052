package cardlab.vm.api.globalplatform;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.jcre.Jcre;
import cardlab.vm.natives.Call;
import java.util.Arrays;

/** The card manager as applets reach it: services by number, which are those of cardlab.runtime.interface.Service. */
final class Manager {
    static final int PROCESS_SECURITY = 1;
    static final int UNWRAP = 2;
    static final int WRAP = 3;
    static final int DECRYPT_DATA = 4;
    static final int ENCRYPT_DATA = 5;
    static final int RESET_SECURITY = 6;
    static final int GET_SECURITY_LEVEL = 7;
    static final int GET_CARD_STATE = 8;
    static final int GET_APPLICATION_STATE = 9;
    static final int SET_APPLICATION_STATE = 10;
    static final int LOCK_CARD = 11;
    static final int TERMINATE_CARD = 12;
    static final int SET_HISTORICAL_BYTES = 13;
    static final int GET_PRIVILEGES = 14;

    private static final String ISO_EXCEPTION = "javacard/framework/ISOException";
    private static final int SW_OK = 0x9000;
    private static final int SW_BYTES = 2;

    private Manager() {}

    static Jcre card(Call call) {
        return (Jcre) ((NativeCall) call).environment();
    }

    /** The result of a service; ISOException with the card manager's status word when it is not 9000. */
    static byte[] ask(Call call, int service, byte... argument) {
        byte[] answer = call.service(service, argument);
        if (statusWord(answer) != SW_OK) {
            throw call.thrown(ISO_EXCEPTION, (short) statusWord(answer));
        }
        return Arrays.copyOfRange(answer, SW_BYTES, answer.length);
    }

    private static int statusWord(byte[] answer) {
        return (answer[0] & 0xFF) << 8 | answer[1] & 0xFF;
    }

    /** The result of a service; null when it was refused. */
    static byte[] askOrNull(Call call, int service, byte... argument) {
        byte[] answer = call.service(service, argument);
        return statusWord(answer) == SW_OK ? Arrays.copyOfRange(answer, SW_BYTES, answer.length) : null;
    }

    /** A service that answers with one byte. */
    static int byteOf(Call call, int service, byte... argument) {
        return ask(call, service, argument)[0];
    }

    /** A service that says with 01 that it was done; a refusal is false, as the API wants it. */
    static int done(Call call, int service, byte... argument) {
        byte[] answer = askOrNull(call, service, argument);
        return answer != null && answer.length == 1 && answer[0] == 1 ? 1 : 0;
    }
}
