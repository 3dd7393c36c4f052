package cardlab.mutate;

import org.eclipse.jdt.internal.compiler.ast.BinaryExpression;
import org.eclipse.jdt.internal.compiler.ast.CastExpression;
import org.eclipse.jdt.internal.compiler.ast.Expression;
import org.eclipse.jdt.internal.compiler.ast.QualifiedNameReference;
import org.eclipse.jdt.internal.compiler.impl.Constant;
import org.eclipse.jdt.internal.compiler.lookup.FieldBinding;
import org.eclipse.jdt.internal.compiler.lookup.TypeBinding;
import org.eclipse.jdt.internal.compiler.lookup.TypeIds;

/** The least and the most that an expression can be, as far as its type and the constants in it tell. */
record Range(int least, int most) {
    private static final Range INT = new Range(Integer.MIN_VALUE, Integer.MAX_VALUE);
    private static final Range LENGTH = new Range(0, Short.MAX_VALUE);

    static Range of(Expression one) {
        if (one.constant != Constant.NotAConstant) {
            return of(one.constant, one.resolvedType);
        }
        if (one instanceof BinaryExpression both && both.operatorToString().equals("&")) {
            return masked(of(both.left), of(both.right), one.resolvedType);
        }
        if (one instanceof CastExpression cast) {
            return of(cast.resolvedType).with(of(cast.expression));
        }
        return one instanceof QualifiedNameReference name && isLength(name) ? LENGTH : of(one.resolvedType);
    }

    private static Range of(Constant value, TypeBinding type) {
        boolean isNumber = type.isNumericType() && type.id != TypeIds.T_long;
        return isNumber ? new Range(value.intValue(), value.intValue()) : of(type);
    }

    private static Range of(TypeBinding type) {
        return switch (type.id) {
            case TypeIds.T_byte -> new Range(Byte.MIN_VALUE, Byte.MAX_VALUE);
            case TypeIds.T_short -> new Range(Short.MIN_VALUE, Short.MAX_VALUE);
            default -> INT;
        };
    }

    /** Bits that a short has, none of them its sign, leave nothing else of a value. */
    private static Range masked(Range left, Range right, TypeBinding type) {
        int mask = left.isMask() ? left.most : right.most;
        return left.isMask() || right.isMask() ? new Range(0, mask) : of(type);
    }

    private boolean isMask() {
        return least == most && least >= 0 && most <= Short.MAX_VALUE;
    }

    /** A value that this has room for stays what it is. */
    private Range with(Range value) {
        return value.least >= least && value.most <= most ? value : this;
    }

    private static boolean isLength(QualifiedNameReference one) {
        Object last = one.otherBindings == null ? null : one.otherBindings[one.otherBindings.length - 1];
        return last instanceof FieldBinding field && field.declaringClass == null;
    }

    /** Whether two comparisons with another value may come to different answers. */
    boolean tells(Range right, String sign, String other) {
        boolean isLess = least < right.most;
        boolean isEqual = Math.max(least, right.least) <= Math.min(most, right.most);
        boolean isMore = most > right.least;
        return isLess && holds(sign, '<') != holds(other, '<') || isEqual && holds(sign, '=') != holds(other, '=')
                || isMore && holds(sign, '>') != holds(other, '>');
    }

    /** Whether a comparison is true of a value that is less, equal or more. */
    private static boolean holds(String sign, char relation) {
        return sign.equals("!=") ? relation != '=' : sign.indexOf(relation) >= 0;
    }
}
