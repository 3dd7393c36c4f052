package cardlab.mutate;

import org.eclipse.jdt.internal.compiler.ASTVisitor;
import org.eclipse.jdt.internal.compiler.ast.AllocationExpression;
import org.eclipse.jdt.internal.compiler.ast.FieldReference;
import org.eclipse.jdt.internal.compiler.ast.MessageSend;
import org.eclipse.jdt.internal.compiler.ast.QualifiedAllocationExpression;
import org.eclipse.jdt.internal.compiler.ast.QualifiedThisReference;
import org.eclipse.jdt.internal.compiler.ast.Statement;
import org.eclipse.jdt.internal.compiler.ast.ThisReference;
import org.eclipse.jdt.internal.compiler.lookup.BlockScope;

/** Whether code gives the object that it belongs to away: others may look at its fields from then on. */
final class Leaks extends ASTVisitor {
    private boolean found;

    private Leaks() {
    }

    static boolean in(Statement one) {
        Leaks leaks = new Leaks();
        one.traverse(leaks, null);
        return leaks.found;
    }

    @Override
    public boolean visit(FieldReference one, BlockScope scope) {
        return !(one.receiver instanceof ThisReference);
    }

    @Override
    public boolean visit(MessageSend one, BlockScope scope) {
        found |= !one.binding.isStatic() && one.receiver instanceof ThisReference;
        return true;
    }

    @Override
    public boolean visit(ThisReference one, BlockScope scope) {
        found |= !one.isImplicitThis();
        return true;
    }

    @Override
    public boolean visit(QualifiedThisReference one, BlockScope scope) {
        found = true;
        return true;
    }

    /** An inner class's object knows the one around it. */
    @Override
    public boolean visit(AllocationExpression one, BlockScope scope) {
        found |= one.resolvedType.isNestedType() && !one.resolvedType.isStatic();
        return true;
    }

    @Override
    public boolean visit(QualifiedAllocationExpression one, BlockScope scope) {
        found = true;
        return true;
    }
}
