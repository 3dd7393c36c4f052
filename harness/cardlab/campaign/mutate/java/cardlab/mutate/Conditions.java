package cardlab.mutate;

import java.util.List;
import java.util.Map;
import org.eclipse.jdt.internal.compiler.ast.BinaryExpression;
import org.eclipse.jdt.internal.compiler.ast.Expression;

/** Operators on what decides. */
final class Conditions {
    /** For each comparison those next to it; its opposite is the condition negated. */
    private static final Map<String, List<String>> NEXT = Map.of(
            "<", List.of("<=", ">=", "!="), "<=", List.of("<", ">", "=="), ">", List.of(">=", "<=", "!="),
            ">=", List.of(">", "<", "=="), "==", List.of("!=", "<=", ">="), "!=", List.of("==", "<", ">"));

    private final Here here;

    Conditions(Here here) {
        this.here = here;
    }

    void negated(Expression condition) {
        if (condition != null) {
            here.replace(Operator.CONDITION, condition, "!(" + here.text().of(condition) + ")");
        }
    }

    /** Either operand alone, and the other connective. */
    void operands(BinaryExpression one, String other) {
        here.replace(Operator.OPERAND, one, alone(one, one.left));
        here.replace(Operator.OPERAND, one, alone(one, one.right));
        sign(Operator.OPERAND, one, other);
    }

    /** In parentheses where the whole is. */
    private String alone(BinaryExpression whole, Expression part) {
        String text = here.text().of(part);
        return whole.sourceStart < whole.left.sourceStart ? "(" + text + ")" : text;
    }

    /** What the values of both sides cannot tell from the original is left out. */
    void compared(BinaryExpression one) {
        String sign = one.operatorToString();
        for (String other : NEXT.getOrDefault(sign, List.of())) {
            if (Range.of(one.left).tells(Range.of(one.right), sign, other)) {
                sign(Operator.COMPARISON, one, other);
            }
        }
    }

    private void sign(Operator operator, BinaryExpression one, String other) {
        Signs.replace(here, operator, one, other);
    }
}
