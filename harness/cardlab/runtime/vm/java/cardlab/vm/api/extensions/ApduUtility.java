package cardlab.vm.api.extensions;

import cardlab.vm.natives.Binder;
import cardlab.vm.natives.NativePackage;

/** javacardx.apdu.util: what a class byte says (ISO/IEC 7816-4:2013, 5.4.1). */
public final class ApduUtility implements NativePackage {
    private static final int FURTHER = 0x40;

    @Override
    public String name() {
        return "javacardx.apdu.util";
    }

    @Override
    public void bind(Binder binder) {
        binder.type("javacardx/apdu/util/APDUUtil")
                .method("getCLAChannel", "(B)B", call -> channel(call.number(0)))
                .method("isSecureMessagingCLA", "(B)Z", call -> isSecured(call.number(0)) ? 1 : 0)
                .method("isCommandChainingCLA", "(B)Z", call -> (call.number(0) & 0x10) != 0 ? 1 : 0)
                .method("isISOInterindustryCLA", "(B)Z", call -> call.number(0) >= 0 ? 1 : 0)
                .method("isValidCLA", "(B)Z", call -> isValid(call.number(0)) ? 1 : 0);
    }

    private static int channel(int cla) {
        return (cla & FURTHER) == 0 ? cla & 3 : (cla & 0x0F) + 4;
    }

    private static boolean isSecured(int cla) {
        return (cla & FURTHER) == 0 ? (cla & 0x0C) != 0 : (cla & 0x20) != 0;
    }

    /** Not FF, nor 20 to 3F, which are reserved. */
    private static boolean isValid(int cla) {
        return cla != -1 && (cla & 0xE0) != 0x20;
    }
}
