package cardlab.mutate;

import org.eclipse.jdt.internal.compiler.ast.BinaryExpression;

/** Finds the sign of a binary expression: between its operands, behind what is a comment there. */
final class Signs {

    private Signs() {
    }

    static void replace(Here here, Operator operator, BinaryExpression one, String other) {
        String sign = one.operatorToString();
        int from = one.left.sourceEnd + 1;
        String gap = here.text().between(from, one.right.sourceStart);
        int at = gap.indexOf(sign);
        if (at >= 0 && gap.strip().equals(sign)) {
            here.replace(operator, from + at, from + at + sign.length(), other);
        }
    }
}
