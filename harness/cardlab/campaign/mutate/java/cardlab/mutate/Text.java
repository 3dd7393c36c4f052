package cardlab.mutate;

import org.eclipse.jdt.internal.compiler.ast.ASTNode;
import org.eclipse.jdt.internal.compiler.ast.AbstractVariableDeclaration;
import org.eclipse.jdt.internal.compiler.ast.Expression;
import org.eclipse.jdt.internal.compiler.ast.FieldDeclaration;
import org.eclipse.jdt.internal.compiler.ast.LocalDeclaration;
import org.eclipse.jdt.internal.compiler.ast.Statement;

/** The text of one file, and where the nodes of its tree are in it. Ends are behind the last character. */
record Text(String all) {

    String of(ASTNode node) {
        return all.substring(node.sourceStart, node.sourceEnd + 1);
    }

    String between(int start, int end) {
        return all.substring(start, end);
    }

    /** Where a statement begins, its type and modifiers too when it declares something. */
    static int start(Statement node) {
        if (node instanceof FieldDeclaration field) {
            return field.modifiersSourceStart > 0 ? field.modifiersSourceStart : field.declarationSourceStart;
        }
        return node instanceof AbstractVariableDeclaration local ? local.declarationSourceStart : node.sourceStart;
    }

    /** Where a statement ends, its semicolon included. */
    int end(Statement node) {
        int last = node.sourceEnd;
        if (node instanceof AbstractVariableDeclaration declared) {
            last = Math.max(declared.declarationSourceEnd, declared.declarationEnd);
        } else if (node instanceof Expression expression) {
            last = Math.max(last, expression.statementEnd);
        }
        return isClosed(last) || node instanceof LocalDeclaration ? last + 1 : all.indexOf(';', last) + 1;
    }

    private boolean isClosed(int last) {
        return all.charAt(last) == ';' || all.charAt(last) == '}';
    }
}
