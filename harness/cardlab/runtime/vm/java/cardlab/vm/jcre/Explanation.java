package cardlab.vm.jcre;

import cardlab.vm.interpreter.Interpreter;
import cardlab.vm.interpreter.Places;
import cardlab.vm.interpreter.Trace;
import cardlab.vm.link.CardClass;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** An exception that no applet caught: its class, its reason, and where it was thrown. */
record Explanation(String text, List<String> places) {
    static Explanation of(Interpreter interpreter, int reference) {
        CardClass type = interpreter.classes().get(interpreter.heap().classId(reference));
        StringBuilder text = new StringBuilder(type.name.replace('/', '.')).append(reason(interpreter, type, reference));
        List<String> places = new ArrayList<>();
        for (Trace.Place one : interpreter.trace().places()) {
            text.append(" at ").append(Places.describe(one.method(), one.offset()));
            if (!one.method().isNative()) {
                String aid = HexFormat.of().withUpperCase().formatHex(one.method().home.aid());
                places.add(aid + " " + one.method().offset + " " + one.offset());
            }
        }
        return new Explanation(text.toString(), places);
    }

    private static String reason(Interpreter interpreter, CardClass type, int reference) {
        if (!interpreter.heap().isThere(reference) || type.superclass() == null || !hasReason(type)) {
            return "";
        }
        short reason = (short) interpreter.heap().get2(reference, 0);
        for (CardClass at = type; at != null; at = at.superclass()) {
            if (at.constant(reason) != null) {
                return ": " + at.constant(reason);
            }
        }
        return String.format(": %04X", reason);
    }

    private static boolean hasReason(CardClass type) {
        return type.isNamed("Ljavacard/framework/CardRuntimeException;") || type.isNamed("Ljavacard/framework/CardException;");
    }
}
