package cardlab.mutate;

import org.eclipse.jdt.internal.compiler.ast.BinaryExpression;

/** Finds the sign of an expression: between its operands, where there may be comments, too. */
final class Signs {

    private Signs() {
    }

    /** Another sign for one between two operands. */
    static void replace(Here here, Operator operator, BinaryExpression one, String other) {
        String sign = one.operatorToString();
        replace(here, operator, one.left.sourceEnd + 1, sign, other);
    }

    /** Another sign for the first one at or behind {@code from}, with nothing but blanks and comments before it. */
    static void replace(Here here, Operator operator, int from, String sign, String other) {
        String text = here.text().all();
        int at = behindComments(text, from);
        if (text.startsWith(sign, at)) {
            here.replace(operator, at, at + sign.length(), other);
        }
    }

    private static int behindComments(String text, int from) {
        int at = from;
        while (true) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("/*", at)) {
                at = text.indexOf("*/", at) + 2;
            } else if (text.startsWith("//", at)) {
                at = text.indexOf('\n', at);
            } else {
                return at;
            }
        }
    }
}
