package cardlab.mutate;

import java.util.function.Function;
import org.eclipse.jdt.internal.compiler.ASTVisitor;
import org.eclipse.jdt.internal.compiler.ast.AllocationExpression;
import org.eclipse.jdt.internal.compiler.ast.ArrayAllocationExpression;
import org.eclipse.jdt.internal.compiler.ast.ArrayReference;
import org.eclipse.jdt.internal.compiler.ast.Assignment;
import org.eclipse.jdt.internal.compiler.ast.BinaryExpression;
import org.eclipse.jdt.internal.compiler.ast.BreakStatement;
import org.eclipse.jdt.internal.compiler.ast.CastExpression;
import org.eclipse.jdt.internal.compiler.ast.CompoundAssignment;
import org.eclipse.jdt.internal.compiler.ast.ContinueStatement;
import org.eclipse.jdt.internal.compiler.ast.DoStatement;
import org.eclipse.jdt.internal.compiler.ast.ExplicitConstructorCall;
import org.eclipse.jdt.internal.compiler.ast.Expression;
import org.eclipse.jdt.internal.compiler.ast.FieldReference;
import org.eclipse.jdt.internal.compiler.ast.ForStatement;
import org.eclipse.jdt.internal.compiler.ast.ForeachStatement;
import org.eclipse.jdt.internal.compiler.ast.LabeledStatement;
import org.eclipse.jdt.internal.compiler.ast.LocalDeclaration;
import org.eclipse.jdt.internal.compiler.ast.MessageSend;
import org.eclipse.jdt.internal.compiler.ast.NameReference;
import org.eclipse.jdt.internal.compiler.ast.PostfixExpression;
import org.eclipse.jdt.internal.compiler.ast.PrefixExpression;
import org.eclipse.jdt.internal.compiler.ast.QualifiedAllocationExpression;
import org.eclipse.jdt.internal.compiler.ast.QualifiedNameReference;
import org.eclipse.jdt.internal.compiler.ast.ReturnStatement;
import org.eclipse.jdt.internal.compiler.ast.SingleNameReference;
import org.eclipse.jdt.internal.compiler.ast.SynchronizedStatement;
import org.eclipse.jdt.internal.compiler.ast.ThisReference;
import org.eclipse.jdt.internal.compiler.ast.ThrowStatement;
import org.eclipse.jdt.internal.compiler.ast.TypeDeclaration;
import org.eclipse.jdt.internal.compiler.ast.WhileStatement;
import org.eclipse.jdt.internal.compiler.impl.Constant;
import org.eclipse.jdt.internal.compiler.lookup.BlockScope;
import org.eclipse.jdt.internal.compiler.lookup.FieldBinding;
import org.eclipse.jdt.internal.compiler.lookup.LocalVariableBinding;
import org.eclipse.jdt.internal.compiler.lookup.MethodBinding;
import org.eclipse.jdt.internal.compiler.lookup.TypeBinding;

/** Goes through code and collects its effects. */
final class Watcher extends ASTVisitor {
    private final Function<MethodBinding, Effects> methods;
    private final boolean isNew;
    private final boolean isWhole;
    private final Effects found = new Effects();

    /**
     * Watches.
     *
     * @param methods the effects of what is called
     * @param isNew whether nobody else knows the object whose code this is
     * @param isWhole whether it is all of a method, out of which jumps and local variables do not reach
     */
    Watcher(Function<MethodBinding, Effects> methods, boolean isNew, boolean isWhole) {
        this.methods = methods;
        this.isNew = isNew;
        this.isWhole = isWhole;
    }

    Effects found() {
        return found;
    }

    // -- places ------------------------------------------------------------------------------------------------------

    @Override
    public boolean visit(SingleNameReference one, BlockScope scope) {
        read(one, one.binding);
        return true;
    }

    @Override
    public boolean visit(QualifiedNameReference one, BlockScope scope) {
        read(one, one.binding);
        for (int i = 0; one.otherBindings != null && i < one.otherBindings.length; i++) {
            found.failing();
            read(one, one.otherBindings[i]);
        }
        return true;
    }

    @Override
    public boolean visit(FieldReference one, BlockScope scope) {
        if (!one.receiver.isThis()) {
            found.failing();
        }
        read(one, one.binding);
        return true;
    }

    @Override
    public boolean visit(ArrayReference one, BlockScope scope) {
        found.failing().read(elements(one.resolvedType));
        return true;
    }

    private void read(Expression one, Object binding) {
        if (one.constant == Constant.NotAConstant) {
            Object place = place(binding);
            if (place != null) {
                found.read(place);
            }
        }
    }

    private Object place(Object binding) {
        if (binding instanceof LocalVariableBinding) {
            return isWhole ? null : binding;
        }
        return binding instanceof FieldBinding field ? Here.key(field) : null;
    }

    /** No array of bytes is one of shorts; references may be in one array or another. */
    private static Object elements(TypeBinding type) {
        return type.isBaseType() ? new String(type.readableName()) + "[]" : "Object[]";
    }

    // -- changes -----------------------------------------------------------------------------------------------------

    @Override
    public boolean visit(LocalDeclaration one, BlockScope scope) {
        if (!isWhole) {
            found.write(one.binding);
        }
        return true;
    }

    @Override
    public boolean visit(Assignment one, BlockScope scope) {
        changed(one.lhs, scope);
        one.expression.traverse(this, scope);
        return false;
    }

    @Override
    public boolean visit(CompoundAssignment one, BlockScope scope) {
        divided(one.operatorToString());
        changed(one.lhs, scope);
        return true;
    }

    @Override
    public boolean visit(PostfixExpression one, BlockScope scope) {
        changed(one.lhs, scope);
        return true;
    }

    @Override
    public boolean visit(PrefixExpression one, BlockScope scope) {
        changed(one.lhs, scope);
        return true;
    }

    private void changed(Expression one, BlockScope scope) {
        if (one instanceof ArrayReference array) {
            array.receiver.traverse(this, scope);
            array.position.traverse(this, scope);
            found.failing().lasting().write(elements(array.resolvedType));
        } else if (one instanceof SingleNameReference name) {
            changed(name.binding, isNew);
        } else if (one instanceof FieldReference field && field.receiver.isThis()) {
            changed(field.binding, isNew);
        } else {
            one.traverse(this, scope);
            changed(last(one), false);
        }
    }

    private void changed(Object binding, boolean ofThis) {
        Object place = place(binding);
        if (place != null) {
            found.write(place);
        }
        if (binding instanceof FieldBinding field && (!ofThis || field.isStatic())) {
            found.lasting();
        }
    }

    private static Object last(Expression one) {
        if (one instanceof QualifiedNameReference name && name.otherBindings != null) {
            return name.otherBindings[name.otherBindings.length - 1];
        }
        return one instanceof NameReference name ? name.binding : ((FieldReference) one).binding;
    }

    // -- calls -------------------------------------------------------------------------------------------------------

    @Override
    public boolean visit(MessageSend one, BlockScope scope) {
        if (!one.binding.isStatic() && !(one.receiver instanceof ThisReference)) {
            found.failing();
        }
        found.called(methods.apply(one.binding));
        return true;
    }

    @Override
    public boolean visit(AllocationExpression one, BlockScope scope) {
        found.throwing().called(methods.apply(one.binding));
        return true;
    }

    @Override
    public boolean visit(ExplicitConstructorCall one, BlockScope scope) {
        found.called(methods.apply(one.binding));
        return true;
    }

    @Override
    public boolean visit(ArrayAllocationExpression one, BlockScope scope) {
        found.throwing();
        return true;
    }

    @Override
    public boolean visit(QualifiedAllocationExpression one, BlockScope scope) {
        found.unknown();
        return true;
    }

    @Override
    public boolean visit(TypeDeclaration one, BlockScope scope) {
        found.unknown();
        return false;
    }

    // -- what stops --------------------------------------------------------------------------------------------------

    @Override
    public boolean visit(BinaryExpression one, BlockScope scope) {
        divided(one.operatorToString());
        return true;
    }

    @Override
    public boolean visit(CastExpression one, BlockScope scope) {
        if (!one.resolvedType.isBaseType()) {
            found.failing();
        }
        return true;
    }

    private void divided(String sign) {
        if (sign.startsWith("/") || sign.startsWith("%")) {
            found.failing();
        }
    }

    @Override
    public boolean visit(ThrowStatement one, BlockScope scope) {
        found.throwing();
        return true;
    }

    @Override
    public boolean visit(WhileStatement one, BlockScope scope) {
        found.throwing();
        return true;
    }

    @Override
    public boolean visit(DoStatement one, BlockScope scope) {
        found.throwing();
        return true;
    }

    @Override
    public boolean visit(ForStatement one, BlockScope scope) {
        found.throwing();
        return true;
    }

    @Override
    public boolean visit(ForeachStatement one, BlockScope scope) {
        found.unknown();
        return true;
    }

    @Override
    public boolean visit(ReturnStatement one, BlockScope scope) {
        return jumped();
    }

    @Override
    public boolean visit(BreakStatement one, BlockScope scope) {
        return jumped();
    }

    @Override
    public boolean visit(ContinueStatement one, BlockScope scope) {
        return jumped();
    }

    @Override
    public boolean visit(LabeledStatement one, BlockScope scope) {
        found.unknown();
        return true;
    }

    @Override
    public boolean visit(SynchronizedStatement one, BlockScope scope) {
        found.unknown();
        return true;
    }

    private boolean jumped() {
        if (!isWhole) {
            found.unknown();
        }
        return true;
    }
}
