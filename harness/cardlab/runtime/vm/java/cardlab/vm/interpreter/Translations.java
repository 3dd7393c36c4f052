package cardlab.vm.interpreter;

import cardlab.vm.link.Method;
import cardlab.vm.link.Translated;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Decides whether a method runs interpreted or translated. Translated code counts instructions block by block and keeps the
 * cells of its frame in variables of the host, so the interpreter serves whenever somebody looks at instructions.
 */
public final class Translations {
    /** Makes a class of a method; {@link Translated#NOT} when it cannot. */
    @FunctionalInterface
    public interface Translator {
        Translated translate(Method method);
    }

    /** A call of a method with a loop counts as so many: it may be long. */
    private static final int LOOP_WEIGHT = 50;

    private final Interpreter interpreter;
    private final CodeSupport support;
    private Translator translator;
    private int after;
    private boolean isInUse;
    /** References that became null, in order, since the command began. */
    private final List<Integer> forgotten = new ArrayList<>();

    Translations(Interpreter interpreter) {
        this.interpreter = interpreter;
        support = new CodeSupport(interpreter, this);
    }

    /** Translate methods when they are called the n-th time ({@code calls}, 1 or more), those with a loop earlier. */
    public void use(Translator newTranslator, int calls) {
        translator = newTranslator;
        after = calls;
        settle();
    }

    /** Whether somebody wants to know of single instructions may have changed. */
    void settle() {
        isInUse = translator != null && interpreter.meter().isQuiet();
    }

    /** The translation that a call can use now, or null. */
    Translation of(Method called) {
        if (!isInUse) {
            return null;
        }
        Translated made = called.translated;
        if (made == null) {
            made = made(called);
        }
        return made instanceof Translation translation ? translation : null;
    }

    private Translated made(Method called) {
        called.calls += called.hasLoop() ? LOOP_WEIGHT : 1;
        if (called.calls < after || called.isAbstract) {
            return null;
        }
        Translated made = translator.translate(called);
        called.translated = made;
        return made;
    }

    void run(Translation translation, Frame frame) {
        frame.isTranslated = true;
        translation.run(support, interpreter.access, frame.locals, interpreter.frames.depth() - 1);
    }

    // Objects that an aborted transaction had made (JCRE 3.0.5, 7.6.3)

    void forget(Collection<Integer> references) {
        forgotten.addAll(references);
        support.forgotten = forgotten.size();
    }

    /** No code runs any more that could hold them. */
    void clear() {
        forgotten.clear();
        support.forgotten = 0;
    }

    /** The reference, or null when it was forgotten after the mark. */
    int still(int reference, int mark) {
        return forgotten.subList(mark, forgotten.size()).contains(reference) ? 0 : reference;
    }
}
