package cardlab.mutate;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.jdt.internal.compiler.ASTVisitor;
import org.eclipse.jdt.internal.compiler.ast.*;
import org.eclipse.jdt.internal.compiler.lookup.BlockScope;
import org.eclipse.jdt.internal.compiler.lookup.ClassScope;
import org.eclipse.jdt.internal.compiler.lookup.CompilationUnitScope;
import org.eclipse.jdt.internal.compiler.lookup.FieldBinding;
import org.eclipse.jdt.internal.compiler.lookup.MethodScope;

/** Goes through a unit's tree and asks the operators what they can do at each node. */
final class Finder extends ASTVisitor {
    private final Here here;
    private final Values values;
    private final Conditions conditions;
    private final Methods methods;
    private final Order order;
    private final Sequences sequences;
    private final List<Use> uses = new ArrayList<>();
    private int end = -1;

    Finder(Text text, Methods methods) {
        this.methods = methods;
        here = new Here(text);
        values = new Values(here);
        conditions = new Conditions(here);
        order = new Order(methods);
        sequences = new Sequences(here, order);
    }

    List<Change> changes() {
        return here.changes();
    }

    List<Use> uses() {
        return uses;
    }

    /** Where the body of the first class ends, at its brace; negative when there is none. */
    int end() {
        return end;
    }

    // -- where we are ------------------------------------------------------------------------------------------------

    @Override
    public boolean visit(TypeDeclaration type, CompilationUnitScope scope) {
        if (end < 0 && TypeDeclaration.kind(type.modifiers) == TypeDeclaration.CLASS_DECL) {
            end = type.bodyEnd;
        }
        return here.enter(new String(type.name));
    }

    @Override
    public void endVisit(TypeDeclaration type, CompilationUnitScope scope) {
        here.leave();
    }

    @Override
    public boolean visit(TypeDeclaration type, ClassScope scope) {
        return here.enter(new String(type.name));
    }

    @Override
    public void endVisit(TypeDeclaration type, ClassScope scope) {
        here.leave();
    }

    @Override
    public boolean visit(MethodDeclaration method, ClassScope scope) {
        here.enter(new String(method.selector));
        sequences.of(method.statements, 0);
        return true;
    }

    @Override
    public void endVisit(MethodDeclaration method, ClassScope scope) {
        here.leave();
    }

    @Override
    public boolean visit(ConstructorDeclaration constructor, ClassScope scope) {
        here.enter("<init>");
        sequences.of(constructor.statements, methods.alone(constructor));
        return true;
    }

    @Override
    public void endVisit(ConstructorDeclaration constructor, ClassScope scope) {
        here.leave();
    }

    @Override
    public boolean visit(FieldDeclaration field, MethodScope scope) {
        here.enter(new String(field.name));
        here.field(Here.key(field.binding));
        here.shown(field.type == null ? field.sourceStart : field.type.sourceStart, here.text().end(field));
        return true;
    }

    @Override
    public void endVisit(FieldDeclaration field, MethodScope scope) {
        here.field("");
        here.leave();
    }

    // -- statements --------------------------------------------------------------------------------------------------

    @Override
    public boolean visit(Block block, BlockScope scope) {
        sequences.of(block.statements, 0);
        return true;
    }

    @Override
    public boolean visit(SwitchStatement one, BlockScope scope) {
        sequences.of(one.statements, 0);
        here.head(one, one.expression);
        return true;
    }

    @Override
    public boolean visit(CaseStatement one, BlockScope scope) {
        here.shown(one.sourceStart, one.sourceEnd + 1);
        return true;
    }

    @Override
    public boolean visit(IfStatement one, BlockScope scope) {
        sequences.single(one.thenStatement);
        sequences.single(one.elseStatement);
        here.head(one, one.condition);
        conditions.negated(one.condition);
        return true;
    }

    @Override
    public boolean visit(WhileStatement one, BlockScope scope) {
        sequences.single(one.action);
        here.head(one, one.condition);
        conditions.negated(one.condition);
        return true;
    }

    @Override
    public boolean visit(DoStatement one, BlockScope scope) {
        here.head(one, one.condition);
        conditions.negated(one.condition);
        return true;
    }

    @Override
    public boolean visit(ForStatement one, BlockScope scope) {
        sequences.single(one.action);
        here.shown(one.sourceStart, Text.start(one.action == null ? one : one.action));
        conditions.negated(one.condition);
        return true;
    }

    @Override
    public boolean visit(TryStatement one, BlockScope scope) {
        order.enterTry();
        sequences.emptied(one.finallyBlock);
        if (one.catchBlocks != null) {
            for (Block block : one.catchBlocks) {
                sequences.emptied(block);
            }
        }
        return true;
    }

    @Override
    public void endVisit(TryStatement one, BlockScope scope) {
        order.leaveTry();
    }

    @Override
    public boolean visit(ReturnStatement one, BlockScope scope) {
        here.statement(one);
        values.returned(one.expression);
        return true;
    }

    @Override
    public boolean visit(ThrowStatement one, BlockScope scope) {
        here.statement(one);
        return true;
    }

    @Override
    public boolean visit(LocalDeclaration one, BlockScope scope) {
        if (one.initialization != null) {
            here.statement(one);
        }
        return true;
    }

    @Override
    public boolean visit(ExplicitConstructorCall one, BlockScope scope) {
        here.shown(one.sourceStart, one.sourceEnd + 1);
        return true;
    }

    @Override
    public boolean visit(Assignment one, BlockScope scope) {
        here.statement(one);
        return true;
    }

    // -- expressions -------------------------------------------------------------------------------------------------

    @Override
    public boolean visit(ConditionalExpression one, BlockScope scope) {
        conditions.negated(one.condition);
        return true;
    }

    @Override
    public boolean visit(AND_AND_Expression one, BlockScope scope) {
        conditions.operands(one, "||");
        return true;
    }

    @Override
    public boolean visit(OR_OR_Expression one, BlockScope scope) {
        conditions.operands(one, "&&");
        return true;
    }

    @Override
    public boolean visit(EqualExpression one, BlockScope scope) {
        conditions.compared(one);
        return true;
    }

    @Override
    public boolean visit(BinaryExpression one, BlockScope scope) {
        conditions.compared(one);
        values.calculated(one);
        return true;
    }

    @Override
    public boolean visit(UnaryExpression one, BlockScope scope) {
        values.signed(one);
        return true;
    }

    @Override
    public boolean visit(CompoundAssignment one, BlockScope scope) {
        here.statement(one);
        values.assigned(one);
        return true;
    }

    @Override
    public boolean visit(PostfixExpression one, BlockScope scope) {
        here.statement(one);
        values.counted(one);
        return true;
    }

    @Override
    public boolean visit(PrefixExpression one, BlockScope scope) {
        here.statement(one);
        values.counted(one);
        return true;
    }

    @Override
    public boolean visit(MessageSend one, BlockScope scope) {
        here.statement(one);
        values.called(one);
        return true;
    }

    @Override
    public boolean visit(ArrayInitializer one, BlockScope scope) {
        values.table(true);
        return true;
    }

    @Override
    public void endVisit(ArrayInitializer one, BlockScope scope) {
        values.table(false);
    }

    @Override
    public boolean visit(IntLiteral one, BlockScope scope) {
        values.literal(one);
        return true;
    }

    @Override
    public boolean visit(CharLiteral one, BlockScope scope) {
        values.literal(one);
        return true;
    }

    @Override
    public boolean visit(TrueLiteral one, BlockScope scope) {
        here.replace(Operator.CONSTANT, one, "false");
        return true;
    }

    @Override
    public boolean visit(FalseLiteral one, BlockScope scope) {
        here.replace(Operator.CONSTANT, one, "true");
        return true;
    }

    // -- uses --------------------------------------------------------------------------------------------------------

    @Override
    public boolean visit(SingleNameReference one, BlockScope scope) {
        used(one.binding, one);
        return true;
    }

    @Override
    public boolean visit(QualifiedNameReference one, BlockScope scope) {
        used(one.binding, one);
        for (int i = 0; one.otherBindings != null && i < one.otherBindings.length; i++) {
            used(one.otherBindings[i], one);
        }
        return true;
    }

    @Override
    public boolean visit(FieldReference one, BlockScope scope) {
        used(one.binding, one);
        return true;
    }

    private void used(Object binding, ASTNode place) {
        if (binding instanceof FieldBinding field && field.declaringClass != null) {
            uses.add(new Use(Here.key(field), place.sourceStart, here.field()));
        }
    }
}
