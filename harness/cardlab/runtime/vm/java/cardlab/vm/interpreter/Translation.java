package cardlab.vm.interpreter;

import cardlab.vm.link.Method;
import cardlab.vm.link.Translated;

/**
 * A method as a class of the host (cardlab.vm.translate makes them). Nothing in it is of a single card, so cards that share
 * the loaded package share it.
 */
public abstract class Translation implements Translated {
    private final Layout layout;

    protected Translation(Layout layout) {
        this.layout = layout;
    }

    /**
     * Execute the method, whose frame is there and whose arguments are on the stack; when it returns the frame is gone and
     * the result is where the arguments were. Throws JavaCardException when it lets one through, its frame gone.
     *
     * @param base the first local variable
     * @param level of the frame
     */
    protected abstract void run(CodeSupport vm, Access access, int base, int level);

    Layout layout() {
        return layout;
    }

    Method method() {
        return layout.method();
    }
}
