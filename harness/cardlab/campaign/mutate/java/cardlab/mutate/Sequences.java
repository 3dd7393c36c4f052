package cardlab.mutate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.eclipse.jdt.internal.compiler.ast.Block;
import org.eclipse.jdt.internal.compiler.ast.CaseStatement;
import org.eclipse.jdt.internal.compiler.ast.EmptyStatement;
import org.eclipse.jdt.internal.compiler.ast.LocalDeclaration;
import org.eclipse.jdt.internal.compiler.ast.MessageSend;
import org.eclipse.jdt.internal.compiler.ast.Statement;

/** Operators on statements that follow each other. */
final class Sequences {
    private final Here here;
    private final Order order;

    Sequences(Here here, Order order) {
        this.here = here;
        this.order = order;
    }

    /** {@code alone}: how many of the first are done while nobody else knows the object. */
    void of(Statement[] statements, int alone) {
        List<Statement> all = statements == null ? List.of() : Arrays.asList(statements);
        all.forEach(this::removed);
        for (int i = 1; i < all.size(); i++) {
            if (order.isSeen(all.get(i - 1), all.get(i), i < alone)) {
                swapped(all.get(i - 1), all.get(i));
            }
        }
        transactions(all);
    }

    /** What is no block and stands behind a condition. */
    void single(Statement one) {
        if (one instanceof Block block) {
            emptied(block);
        } else if (one != null) {
            removed(one);
        }
    }

    void emptied(Block block) {
        if (block != null && block.statements != null && block.statements.length > 1) {
            edit(Operator.STATEMENT, block, block, replaced(block, "{ }"));
        }
    }

    private void removed(Statement one) {
        if (one instanceof LocalDeclaration || one instanceof EmptyStatement || one instanceof CaseStatement) {
            return;
        }
        Operator operator = is(one, "beginTransaction") || is(one, "commitTransaction") ? Operator.TRANSACTION
                : one instanceof MessageSend ? Operator.CALL : Operator.STATEMENT;
        edit(operator, one, one, replaced(one, ";"));
    }

    private void swapped(Statement first, Statement second) {
        if (first instanceof CaseStatement || second instanceof CaseStatement || isOneDeclaration(first, second)) {
            return;
        }
        edit(Operator.ORDER, first, second, replaced(first, source(second)), replaced(second, source(first)));
    }

    private static boolean isOneDeclaration(Statement first, Statement second) {
        return first instanceof LocalDeclaration && second instanceof LocalDeclaration
                && Text.start(first) == Text.start(second);
    }

    /** A transaction that is none, and each of its statements before or behind it. */
    private void transactions(List<Statement> all) {
        for (int begin = 0; begin < all.size(); begin++) {
            int commit = begin;
            while (commit < all.size() && !is(all.get(commit), "commitTransaction")) {
                commit++;
            }
            if (is(all.get(begin), "beginTransaction") && commit < all.size()) {
                transaction(all.subList(begin, commit + 1));
            }
        }
    }

    private void transaction(List<Statement> all) {
        Statement begin = all.get(0);
        Statement commit = all.get(all.size() - 1);
        edit(Operator.TRANSACTION, begin, commit, replaced(begin, ";"), replaced(commit, ";"));
        for (Statement one : new ArrayList<>(all.subList(1, all.size() - 1))) {
            String moved = source(one);
            edit(Operator.TRANSACTION, begin, commit, replaced(begin, moved + " " + source(begin)), replaced(one, ";"));
            edit(Operator.TRANSACTION, begin, commit, replaced(one, ";"), replaced(commit, source(commit) + " " + moved));
        }
    }

    private static boolean is(Statement one, String selector) {
        return one instanceof MessageSend call && new String(call.selector).equals(selector);
    }

    private String source(Statement one) {
        return here.text().between(Text.start(one), here.text().end(one));
    }

    private Change.Edit replaced(Statement one, String with) {
        return new Change.Edit(Text.start(one), here.text().end(one), with);
    }

    private void edit(Operator operator, Statement first, Statement last, Change.Edit... edits) {
        here.add(operator, Text.start(first), here.text().end(last), edits);
    }
}
