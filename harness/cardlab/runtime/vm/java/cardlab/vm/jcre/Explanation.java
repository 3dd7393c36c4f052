package cardlab.vm.jcre;

import cardlab.vm.interpreter.Interpreter;
import cardlab.vm.interpreter.Places;
import cardlab.vm.interpreter.Trace;
import cardlab.vm.link.CardClass;
import java.util.List;

/**
 * An exception that no applet caught: its class and reason, and where it was thrown, innermost first: names of native
 * methods behind {@code - }, else what {@link Places#locate} says.
 */
record Explanation(String thrown, List<String> places, String text) {
    static Explanation of(Interpreter interpreter, int reference) {
        CardClass type = interpreter.classes().get(interpreter.heap().classId(reference));
        String thrown = type.name.replace('/', '.') + reason(interpreter, type, reference);
        List<Trace.Place> trace = List.copyOf(interpreter.trace().places());
        StringBuilder text = new StringBuilder(thrown);
        trace.forEach(one -> text.append(" at ").append(Places.describe(one.method(), one.offset())));
        return new Explanation(thrown, trace.stream().map(one -> Places.locate(one.method(), one.offset())).toList(),
                text.toString());
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
