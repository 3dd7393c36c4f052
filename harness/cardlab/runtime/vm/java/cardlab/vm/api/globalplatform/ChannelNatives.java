package cardlab.vm.api.globalplatform;

import cardlab.vm.jcre.SystemObjects;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import java.util.Arrays;

/** SecureChannel and what extends it: one object for all applets; the card manager knows whose session it is. */
final class ChannelNatives {
    private static final String APDU = "javacard/framework/APDU";
    private static final int OFFSET_LC = 4;
    private static final int OFFSET_CDATA = 5;
    private static final int SW_SECURITY = 0x6982;

    private ChannelNatives() {}

    static void bind(Binder binder) {
        binder.hidden("cardlab/globalplatform/SecureChannel", "java/lang/Object", "org/globalplatform/SecureChannel",
                        "org/globalplatform/SecureChannelx", "org/globalplatform/SecureChannelx2")
                .entryPoints(SystemObjects.SECURE_CHANNEL, 1, false)
                .method("processSecurity", "(Ljavacard/framework/APDU;)S", ChannelNatives::processSecurity)
                .method("processSecurity", "([BSSS)S", call -> exchange(call, Manager.PROCESS_SECURITY, call.number(4)))
                .method("unwrap", "([BSS)S", call -> exchange(call, Manager.UNWRAP, call.number(2)))
                .method("wrap", "([BSS)S", call -> exchange(call, Manager.WRAP, call.number(2)))
                .method("decryptData", "([BSS)S", call -> exchange(call, Manager.DECRYPT_DATA, call.number(2)))
                .method("encryptData", "([BSS)S", call -> exchange(call, Manager.ENCRYPT_DATA, call.number(2)))
                .method("resetSecurity", "()V", ChannelNatives::resetSecurity)
                .method("getSecurityLevel", "()B", call -> Manager.byteOf(call, Manager.GET_SECURITY_LEVEL))
                .method("setSecurityLevel", "(B)V", ChannelNatives::setSecurityLevel);
    }

    /** Part of an array goes out, the result comes into the array; returns the result's length. */
    private static int exchange(Call call, int service, int resultOffset) {
        byte[] part = call.bytes(call.ref(1), call.number(2), call.number(3));
        byte[] result = Manager.ask(call, service, part);
        call.write(call.ref(1), resultOffset, result);
        return result.length;
    }

    /** Receives the command's data when the applet has not, and leaves the answer behind the header. */
    private static int processSecurity(Call call) {
        int apdu = call.ref(1);
        int length = call.invoke(apdu, APDU, "getCurrentState", "()B") == 0
                ? receive(call, apdu)
                : call.invoke(apdu, APDU, "getIncomingLength", "()S");
        int buffer = call.invoke(apdu, APDU, "getBuffer", "()[B") & 0xFFFF;
        byte[] command = call.bytes(buffer, 0, length == 0 ? OFFSET_LC : OFFSET_CDATA + length);
        if (length != 0) {
            command = Arrays.copyOf(command, command.length);
            command[OFFSET_LC] = (byte) length; // how much arrived counts, not what the buffer says by now
        }
        byte[] response = Manager.ask(call, Manager.PROCESS_SECURITY, command);
        call.write(buffer, OFFSET_CDATA, response);
        return response.length;
    }

    /** All of the command's data, however many come at a time; returns their length. */
    private static int receive(Call call, int apdu) {
        int received = call.invoke(apdu, APDU, "setIncomingAndReceive", "()S");
        int length = call.invoke(apdu, APDU, "getIncomingLength", "()S");
        while (received < length) {
            received += call.invoke(apdu, APDU, "receiveBytes", "(S)S", OFFSET_CDATA + received);
        }
        return length;
    }

    private static int resetSecurity(Call call) {
        Manager.ask(call, Manager.RESET_SECURITY);
        return 0;
    }

    /** 6982: the API's answer where a security domain does not support this. */
    private static int setSecurityLevel(Call call) {
        throw call.thrown("javacard/framework/ISOException", SW_SECURITY);
    }
}
