package cardlab.mutate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.eclipse.jdt.internal.compiler.ast.ASTNode;
import org.eclipse.jdt.internal.compiler.ast.DoStatement;
import org.eclipse.jdt.internal.compiler.ast.Expression;
import org.eclipse.jdt.internal.compiler.ast.Statement;
import org.eclipse.jdt.internal.compiler.lookup.FieldBinding;

/** Where in the tree we are, and what was found so far. */
final class Here {
    private final Text text;
    private final Deque<String> members = new ArrayDeque<>();
    private final List<Change> changes = new ArrayList<>();
    private String field = "";
    private int start;
    private int end;

    Here(Text text) {
        this.text = text;
    }

    Text text() {
        return text;
    }

    List<Change> changes() {
        return changes;
    }

    boolean enter(String name) {
        members.addLast(name);
        return true;
    }

    void leave() {
        members.removeLast();
    }

    /** The field in whose initial value we are. */
    String field() {
        return field;
    }

    void field(String key) {
        field = key;
    }

    /** What tells one field from all others. */
    static String key(FieldBinding one) {
        boolean isNone = one == null || one.declaringClass == null; // as the length of an array
        return isNone ? "" : new String(one.declaringClass.readableName()) + "." + new String(one.name);
    }

    /** From now on changes are shown in this range. */
    void shown(int from, int to) {
        start = from;
        end = to;
    }

    /** Changes are shown in the head of a statement, up to the end of an expression. */
    void head(Statement one, Expression last) {
        int closed = text.all().indexOf(')', last.sourceEnd + 1) + 1;
        shown(one instanceof DoStatement ? last.sourceStart : one.sourceStart, Math.max(closed, last.sourceEnd + 1));
    }

    /** Changes are shown in this statement; does nothing for an expression within one. */
    void statement(Statement one) {
        boolean within = one instanceof Expression && (one.bits & ASTNode.InsideExpressionStatement) == 0;
        if (!within) {
            shown(Text.start(one), text.end(one));
        }
    }

    /** An operator's change of the range that is shown. */
    void replace(Operator operator, ASTNode node, String with) {
        replace(operator, node.sourceStart, node.sourceEnd + 1, with);
    }

    void replace(Operator operator, int from, int to, String with) {
        if (!text.between(from, to).equals(with)) {
            add(operator, start, end, new Change.Edit(from, to, with));
        }
    }

    /** A change that is shown in a range of its own. */
    void add(Operator operator, int from, int to, Change.Edit... edits) {
        changes.add(new Change(operator.word(), String.join(".", members), field, from, to, Arrays.asList(edits)));
    }
}
