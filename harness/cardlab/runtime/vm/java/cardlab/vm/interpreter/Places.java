package cardlab.vm.interpreter;

import cardlab.vm.link.CardClass;
import cardlab.vm.link.Method;

/** Names for places in code, as far as the card knows them. */
public final class Places {
    private Places() {}

    /** Package AID, class, method offset and the distance of the instruction from the method's first. */
    public static String describe(Method method, int at) {
        if (method.isNative()) {
            return method.apiName() + method.signature;
        }
        return owner(method) + " method@" + method.offset + "+" + (at - method.start);
    }

    /** {@code AID offset-of-method place-of-instruction}, numbers in the Method component's info; {@code - name} for natives. */
    public static String locate(Method method, int at) {
        if (method.isNative()) {
            return "- " + method.apiName() + method.signature;
        }
        String aid = java.util.HexFormat.of().withUpperCase().formatHex(method.home.aid());
        return aid + " " + method.offset + " " + at;
    }

    private static String owner(Method method) {
        for (CardClass one : method.home.classes()) {
            if (one.declares(method)) {
                return one.name;
            }
        }
        return java.util.HexFormat.of().withUpperCase().formatHex(method.home.aid());
    }
}
