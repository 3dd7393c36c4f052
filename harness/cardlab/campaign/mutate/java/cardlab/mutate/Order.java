package cardlab.mutate;

import org.eclipse.jdt.internal.compiler.ast.Statement;

/** Whether anything can see in which order two statements are done. */
final class Order {
    private final Methods methods;
    private int tries;

    Order(Methods methods) {
        this.methods = methods;
    }

    /** From here on somebody in the same method may catch. */
    void enterTry() {
        tries++;
    }

    void leaveTry() {
        tries--;
    }

    /** {@code areAlone}: nobody else knows the object whose constructor they are in. */
    boolean isSeen(Statement first, Statement second, boolean areAlone) {
        return !effects(first, areAlone).commute(effects(second, areAlone), tries > 0, methods.areFailuresTold());
    }

    private Effects effects(Statement one, boolean isAlone) {
        Watcher watcher = new Watcher(methods::of, isAlone, false);
        one.traverse(watcher, null);
        return watcher.found();
    }
}
