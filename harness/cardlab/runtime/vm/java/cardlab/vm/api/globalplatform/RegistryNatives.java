package cardlab.vm.api.globalplatform;

import cardlab.vm.framework.AidNatives;
import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.jcre.SystemObjects;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import java.util.Arrays;

/**
 * GPRegistryEntry. The entry of an applet of this machine is the entry point with its number; for others (security domains)
 * there are a few that hold an AID until reset: the length in one cell, then sixteen bytes in eight.
 */
final class RegistryNatives {
    private static final String ENTRY = "cardlab/globalplatform/RegistryEntry";
    private static final String AID = "javacard/framework/AID";
    private static final int CELLS = 9;
    private static final int SW_FUNC_NOT_SUPPORTED = 0x6A81;
    private static final int NO_RESOURCE = 5;

    private RegistryNatives() {}

    static void bind(Binder binder) {
        binder.hidden(ENTRY, "java/lang/Object", "org/globalplatform/GPRegistryEntry").fields(0, CELLS)
                .entryPoints(SystemObjects.ENTRIES + 1, SystemObjects.MOST_INSTANCES, false)
                .entryPoints(SystemObjects.FOREIGN_ENTRIES, SystemObjects.FOREIGN_ENTRY_COUNT, false)
                .method("getAID", "()Ljavacard/framework/AID;", RegistryNatives::getAid)
                .method("getPrivileges", "([BS)S", RegistryNatives::getPrivileges)
                .method("getState", "()B", call -> Manager.byteOf(call, Manager.GET_APPLICATION_STATE, aid(call)))
                .method("setState", "(B)Z", RegistryNatives::setState)
                .method("isPrivileged", "(B)Z", RegistryNatives::isPrivileged)
                .method("isAssociated", "(Ljavacard/framework/AID;)Z", RegistryNatives::isAssociated)
                .method("registerService", "(S)V", RegistryNatives::noServices)
                .method("deregisterService", "(S)V", RegistryNatives::noServices);
    }

    /** The caller's own for null; null for an application that the caller may not see. */
    static int getRegistryEntry(Call call) {
        int owner = ((NativeCall) call).interpreter().firewall().owner();
        byte[] wanted = call.ref(0) == 0 ? Manager.card(call).aidOf(owner) : AidNatives.bytes(call, call.ref(0));
        if (Manager.askOrNull(call, Manager.GET_PRIVILEGES, wanted) == null) {
            return 0;
        }
        int instance = Manager.card(call).instanceWith(wanted);
        return instance != 0 ? SystemObjects.ENTRIES + instance : foreign(call, wanted);
    }

    private static int foreign(Call call, byte[] aid) {
        for (int i = 0; i < SystemObjects.FOREIGN_ENTRY_COUNT; i++) {
            int entry = SystemObjects.FOREIGN_ENTRIES + i;
            if (call.field(entry, 0) == 0) {
                keep(call, entry, aid);
            }
            if (Arrays.equals(kept(call, entry), aid)) {
                return entry;
            }
        }
        throw call.thrown("javacard/framework/SystemException", NO_RESOURCE);
    }

    private static void keep(Call call, int object, byte[] aid) {
        call.setField(object, 0, aid.length);
        for (int i = 0; i < aid.length; i++) {
            ((NativeCall) call).heap().put1(object, 2 + i, aid[i], WriteKind.FIELD);
        }
    }

    private static byte[] kept(Call call, int entry) {
        return ((NativeCall) call).heap().read(entry, 2, call.field(entry, 0));
    }

    private static byte[] aid(Call call) {
        int self = call.self();
        return self > SystemObjects.ENTRIES ? Manager.card(call).aidOf(self - SystemObjects.ENTRIES) : kept(call, self);
    }

    /** The runtime environment's object for an applet, a new one for a security domain. */
    private static int getAid(Call call) {
        int self = call.self();
        if (self > SystemObjects.ENTRIES) {
            return Manager.card(call).aidObject(self - SystemObjects.ENTRIES);
        }
        int made = call.newObject(AID);
        keep(call, made, kept(call, self));
        return made;
    }

    /** Three bytes; returns the offset behind them. */
    private static int getPrivileges(Call call) {
        byte[] privileges = Manager.ask(call, Manager.GET_PRIVILEGES, aid(call));
        call.write(call.ref(1), call.number(2), privileges);
        return call.number(2) + privileges.length;
    }

    /** Only the caller's own state can be set on this card. */
    private static int setState(Call call) {
        int owner = ((NativeCall) call).interpreter().firewall().owner();
        return Arrays.equals(aid(call), Manager.card(call).aidOf(owner))
                ? Manager.done(call, Manager.SET_APPLICATION_STATE, (byte) call.number(1)) : 0;
    }

    /** Privileges are bit numbers from the left. */
    private static int isPrivileged(Call call) {
        byte[] privileges = Manager.ask(call, Manager.GET_PRIVILEGES, aid(call));
        int number = call.number(1);
        return number >= 0 && number < 8 * privileges.length && (privileges[number / 8] & 0x80 >> number % 8) != 0 ? 1 : 0;
    }

    /** False: the card manager does not tell applets which security domain another application has. */
    private static int isAssociated(Call call) {
        return 0;
    }

    private static int noServices(Call call) {
        throw call.thrown("javacard/framework/ISOException", SW_FUNC_NOT_SUPPORTED);
    }
}
