package cardlab.vm.interpreter;

import cardlab.vm.link.Api;
import cardlab.vm.link.CardClass;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.JavaCardException;
import java.util.HashMap;
import java.util.Map;

/**
 * The runtime environment's exception objects: one for each class, temporary entry points (JCRE 3.0.5, 6.2.1.1), whose
 * reason is in RAM.
 */
public final class Thrower {
    public static final String NULL_POINTER = "java/lang/NullPointerException";
    public static final String INDEX = "java/lang/ArrayIndexOutOfBoundsException";
    public static final String SECURITY = "java/lang/SecurityException";
    public static final String SYSTEM = "javacard/framework/SystemException";
    public static final String TRANSACTION = "javacard/framework/TransactionException";
    public static final int NO_TRANSIENT_SPACE = 2;
    public static final int NO_RESOURCE = 5;
    public static final int BUFFER_FULL = 3;

    private final Heap heap;
    private final Map<String, Integer> references;

    /** Define the objects from reference {@code first} on. */
    public Thrower(Heap heap, Api api, int first) {
        this.heap = heap;
        references = new HashMap<>();
        CardClass throwable = api.named("java/lang/Throwable");
        int next = first;
        for (CardClass one : api.classes()) {
            if (one != null && one.isA(throwable)) {
                heap.defineSystem(next, BlockKind.OBJECT, one.id, one.instanceSize(), Heap.TEMPORARY_ENTRY_POINT);
                references.put(one.name, next++);
            }
        }
    }

    private Thrower(Heap heap, Map<String, Integer> references) {
        this.heap = heap;
        this.references = references;
    }

    Thrower fork(Heap other) {
        return new Thrower(other, references);
    }

    /** For a copy of the card. */
    public Thrower forkFor(Heap other) {
        return fork(other);
    }

    /** The exception of a class without a reason. */
    public JavaCardException of(String className) {
        return new JavaCardException(reference(className));
    }

    /** The exception of a class with a reason, which is its first field. */
    public JavaCardException of(String className, int reason) {
        int reference = reference(className);
        heap.put2(reference, 0, reason, WriteKind.FIELD);
        return new JavaCardException(reference);
    }

    private int reference(String className) {
        Integer found = references.get(className);
        if (found == null) {
            throw new IllegalArgumentException("the card has no exception " + className);
        }
        return found;
    }
}
