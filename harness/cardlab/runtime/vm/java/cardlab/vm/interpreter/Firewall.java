package cardlab.vm.interpreter;

import cardlab.vm.link.CardClass;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.Space;

/** Which context may use which object (JCRE 3.0.5, 6.2.8). Context 0 is the runtime environment's. */
public final class Firewall {
    private final Heap heap;
    private final ClassTable classes;
    private final Thrower thrower;
    private final Environment environment;
    /** The currently active context (6.1.2), and the instance whose objects new ones become (6.1.3). */
    int context;
    int owner;

    Firewall(Heap heap, ClassTable classes, Thrower thrower, Environment environment) {
        this.heap = heap;
        this.classes = classes;
        this.thrower = thrower;
        this.environment = environment;
    }

    public int context() {
        return context;
    }

    /** The instance that is active; 0 for the runtime environment. */
    public int owner() {
        return owner;
    }

    /** 6.2.8.2, 6.2.8.3: array elements and length. Throws SecurityException. */
    void requireArray(int reference) {
        if (heap.guard(reference) != context) {
            lookCloserAtArray(reference);
        }
    }

    private void lookCloserAtArray(int reference) {
        requireExisting(reference);
        if (heap.space(reference) == Space.DESELECT && !environment.isSelectedContext(context) && context != 0) {
            refuse();
        }
        if (context != 0 && heap.contextOf(reference) != context && (heap.flags(reference) & Heap.GLOBAL_ARRAY) == 0) {
            refuse();
        }
    }

    /** 6.2.8.4: fields of objects. */
    void requireObject(int reference) {
        if (heap.guard(reference) != context) {
            requireExisting(reference);
            if (context != 0 && heap.contextOf(reference) != context) {
                refuse();
            }
        }
    }

    /** 6.2.8.1, 6.2.8.3, 6.2.8.4: temporary entry points and global arrays are not stored anywhere. */
    void requireStorable(int reference) {
        if (reference < Heap.FIRST_HANDLE && reference != 0) {
            requireExisting(reference);
            if (context != 0 && (heap.flags(reference) & (Heap.TEMPORARY_ENTRY_POINT | Heap.GLOBAL_ARRAY)) != 0) {
                refuse();
            }
        }
    }

    /** 6.2.8.5: virtual methods. Tells whose code runs: the caller's own, or the object's owner. */
    int virtualCall(int reference) {
        if (heap.guard(reference) == context) {
            return owner;
        }
        requireExisting(reference);
        if (heap.contextOf(reference) == context) {
            return owner;
        }
        boolean isEntryPoint = (heap.flags(reference) & (Heap.TEMPORARY_ENTRY_POINT | Heap.PERMANENT_ENTRY_POINT)) != 0;
        boolean isGlobal = (heap.flags(reference) & Heap.GLOBAL_ARRAY) != 0;
        if (context != 0 && !isEntryPoint && !isGlobal) {
            refuse();
        }
        return heap.owner(reference);
    }

    /** 6.2.8.6: interface methods. {@code called} is the interface. */
    int interfaceCall(int reference, CardClass called) {
        if (heap.guard(reference) == context) {
            return owner;
        }
        requireExisting(reference);
        if (heap.contextOf(reference) == context) {
            return owner;
        }
        boolean isEntryPoint = (heap.flags(reference) & (Heap.TEMPORARY_ENTRY_POINT | Heap.PERMANENT_ENTRY_POINT)) != 0;
        if (context != 0 && !isEntryPoint) {
            boolean isShared = classes.get(heap.classId(reference)).isShareableObject() && called.isShareableInterface();
            if (!isShared || environment.isActiveElsewhere(heap.owner(reference))) {
                refuse();
            }
        }
        return heap.owner(reference);
    }

    /** 6.2.8.7: throwing. */
    void requireThrowable(int reference) {
        requireEntryPointOrOwn(reference);
    }

    /** What the API does with an object it does in the caller's context (6.2.8.4): another one's is out of reach. */
    void requireArgument(int reference) {
        requireEntryPointOrOwn(reference);
    }

    /** 6.2.8.8, 6.2.8.9: checkcast and instanceof; {@code type} is null for arrays. */
    void requireCast(int reference, CardClass type) {
        if (heap.guard(reference) == context) {
            return;
        }
        requireExisting(reference);
        boolean isShared = type != null && type.isShareableInterface() && !isArray(reference)
                && classes.get(heap.classId(reference)).isShareableObject();
        if (!isShared) {
            requireEntryPointOrOwn(reference);
        }
    }

    private boolean isArray(int reference) {
        return cardlab.vm.memory.BlockKind.isArray(heap.kind(reference));
    }

    private void requireEntryPointOrOwn(int reference) {
        if (heap.guard(reference) != context) {
            requireExisting(reference);
            if (context != 0 && heap.contextOf(reference) != context && heap.flags(reference) == 0) {
                refuse();
            }
        }
    }

    /** A forged reference: on a card without checks it may lead anywhere inside the card's own tables, not beyond. */
    private void requireExisting(int reference) {
        if (!heap.isThere(reference)) {
            throw new IllegalCode("reference " + reference + " leads to no object");
        }
    }

    private void refuse() {
        throw thrower.of(Thrower.SECURITY);
    }
}
