package cardlab.mutate;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jdt.internal.compiler.ast.ASTNode;
import org.eclipse.jdt.internal.compiler.ast.BinaryExpression;
import org.eclipse.jdt.internal.compiler.ast.CompoundAssignment;
import org.eclipse.jdt.internal.compiler.ast.Expression;
import org.eclipse.jdt.internal.compiler.ast.Literal;
import org.eclipse.jdt.internal.compiler.ast.MessageSend;
import org.eclipse.jdt.internal.compiler.ast.PostfixExpression;
import org.eclipse.jdt.internal.compiler.ast.UnaryExpression;
import org.eclipse.jdt.internal.compiler.impl.Constant;
import org.eclipse.jdt.internal.compiler.lookup.TypeBinding;
import org.eclipse.jdt.internal.compiler.lookup.TypeIds;

/** Operators on what is calculated, called, returned. */
final class Values {
    private static final Map<String, List<String>> OTHERS = Map.ofEntries(
            Map.entry("+", List.of("-")), Map.entry("-", List.of("+")), Map.entry("*", List.of("/")),
            Map.entry("/", List.of("*")), Map.entry("%", List.of("*")), Map.entry("&", List.of("|", "^")),
            Map.entry("|", List.of("&", "^")), Map.entry("^", List.of("&", "|")), Map.entry("<<", List.of(">>")),
            Map.entry(">>", List.of("<<", ">>>")), Map.entry(">>>", List.of("<<", ">>")));
    private static final int HIGH_BIT_OF_BYTE = 0x80;

    private final Here here;
    private boolean inTable;

    Values(Here here) {
        this.here = here;
    }

    /** Arithmetic and bits: another operator, and either operand alone. */
    void calculated(BinaryExpression one) {
        for (String other : OTHERS.getOrDefault(one.operatorToString(), List.of())) {
            Signs.replace(here, Operator.ARITHMETIC, one, other);
        }
    }

    /** {@code x += y} becomes {@code x -= y}. */
    void assigned(CompoundAssignment one) {
        String sign = one.operatorToString().replace("=", "");
        for (String other : OTHERS.getOrDefault(sign, List.of())) {
            Signs.replace(here, Operator.ARITHMETIC, one.lhs.sourceEnd + 1, sign, other);
        }
    }

    /** Up becomes down. */
    void counted(CompoundAssignment one) {
        String all = here.text().of(one);
        String other = all.contains("++") ? all.replace("++", "--") : all.replace("--", "++");
        here.replace(Operator.ARITHMETIC, one, other);
        if (one instanceof PostfixExpression && (one.bits & ASTNode.InsideExpressionStatement) == 0) {
            here.replace(Operator.ARITHMETIC, one, here.text().of(one.lhs));
        }
    }

    /** Without its sign. */
    void signed(UnaryExpression one) {
        Operator operator = one.operatorToString().equals("!") ? Operator.CONDITION : Operator.ARITHMETIC;
        here.replace(operator, one, here.text().of(one.expression));
    }

    /** Whether we are in an array's initial value. */
    void table(boolean now) {
        inTable = now;
    }

    /** One more, one less, none, and a single bit changed; in a table, which may be long, that alone. */
    void literal(Literal one) {
        if (one.constant == Constant.NotAConstant) {
            return;
        }
        String text = here.text().of(one);
        for (int other : others(one.constant.intValue(), isHexadecimal(text))) {
            here.replace(Operator.CONSTANT, one, written(other, isHexadecimal(text) ? text.length() - 2 : 0));
        }
    }

    private Set<Integer> others(int value, boolean areBits) {
        if (inTable) {
            return Set.of(value ^ 1);
        }
        Set<Integer> found = new LinkedHashSet<>(List.of(value + 1, value - 1, 0));
        if (areBits) {
            found.add(value ^ HIGH_BIT_OF_BYTE);
        }
        found.remove(value);
        return found;
    }

    private static boolean isHexadecimal(String text) {
        return text.startsWith("0x") || text.startsWith("0X");
    }

    /** In hexadecimal with so many digits, in decimal with none. */
    private static String written(int value, int digits) {
        long size = Math.abs((long) value);
        String text = digits == 0 ? Long.toString(size) : "0x" + String.format("%0" + digits + "X", size);
        return value < 0 ? "(-" + text + ")" : text;
    }

    /** A call whose result is used is not made, and gives the least, or for booleans either. */
    void called(MessageSend one) {
        if ((one.bits & ASTNode.InsideExpressionStatement) == 0 && one.resolvedType != null) {
            instead(Operator.CALL, one);
        }
    }

    /** Another value is returned. */
    void returned(Expression value) {
        if (value == null || value.resolvedType == null) {
            return;
        }
        instead(Operator.RETURN, value);
        if (value.resolvedType.isNumericType()) {
            String type = new String(value.resolvedType.readableName());
            here.replace(Operator.RETURN, value, "(" + cast(type) + ") (" + here.text().of(value) + " + 1)");
        }
    }

    private void instead(Operator operator, Expression one) {
        TypeBinding type = one.resolvedType;
        if (type.id == TypeIds.T_boolean) {
            here.replace(operator, one, "true");
            here.replace(operator, one, "false");
        } else if (type.isNumericType()) {
            here.replace(operator, one, "(" + cast(new String(type.readableName())) + ") 0");
        } else if (type.id != TypeIds.T_void) {
            here.replace(operator, one, "null");
        }
    }

    /** Constants are of type int and go where a byte is wanted. */
    private static String cast(String type) {
        return type.equals("int") ? "byte" : type;
    }
}
