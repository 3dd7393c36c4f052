package cardlab.vm.translate;

import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.link.Opcode;
import java.util.ArrayList;
import java.util.List;

/**
 * What type a method returns: s, i, r, or v for none. Load files do not tell it of their own methods, so it is taken from
 * the return instructions; translated code compares it with what comes back.
 */
final class Results {
    private Results() {}

    static char of(Method called) {
        if (called.isNative()) {
            return letter(called.signature.result());
        }
        for (int pc = called.instructions().nextSetBit(0); pc >= 0; pc = called.instructions().nextSetBit(pc + 1)) {
            Opcode opcode = Opcode.of(called.home.code[pc] & 0xFF);
            switch (opcode) {
                case SRETURN: return 's';
                case ARETURN: return 'r';
                case IRETURN: return 'i';
                default: break;
            }
        }
        return 'v';
    }

    static char of(LoadedPackage.VirtualMethod named, LoadedPackage caller) {
        Method declared = found(named.home(), named);
        if (!declared.isAbstract || declared.isNative()) {
            return of(declared);
        }
        for (CardClass one : classes(named.home(), caller)) {
            Method here = one.isA(named.home()) ? found(one, named) : null;
            if (here != null && !here.isAbstract) {
                return of(here);
            }
        }
        throw new Untranslatable("nobody implements " + declared);
    }

    private static Method found(CardClass in, LoadedPackage.VirtualMethod named) {
        return named.isPackageVisible() ? in.packageVirtual(named.token()) : in.virtual(named.token());
    }

    static char ofInterface(CardClass called, int token, LoadedPackage caller) {
        String known = called.interfaceMethod(token);
        if (known != null) {
            return letter(known.charAt(known.indexOf(')') + 1));
        }
        for (CardClass one : classes(called, caller)) {
            Method here = one.isInterface ? null : one.implementation(called, token);
            if (here != null && !here.isAbstract) {
                return of(here);
            }
        }
        throw new Untranslatable("nobody implements method " + token + " of " + called);
    }

    /** Classes that may have what a class or interface leaves open: of its own package, and of the caller's. */
    private static List<CardClass> classes(CardClass named, LoadedPackage caller) {
        List<CardClass> all = new ArrayList<>(caller.classes());
        if (named.home != null && named.home != caller) {
            all.addAll(named.home.classes());
        }
        return all;
    }

    private static char letter(char descriptor) {
        return switch (descriptor) {
            case 'V' -> 'v';
            case 'I' -> 'i';
            case 'L', '[' -> 'r';
            default -> 's';
        };
    }
}
