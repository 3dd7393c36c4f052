package cardlab.vm.jcre;

import cardlab.vm.interpreter.ClassTable;
import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.WriteKind;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.function.IntPredicate;

/** Follows references: object deletion (JCRE 3.0.5, 8), and whether something refers to what is to be deleted (11.3.4). */
final class Collector {
    private final Heap heap;
    private final ClassTable classes;
    private final Registry registry;
    private final int[] statics;

    Collector(Heap heap, ClassTable classes, Registry registry, int[] statics) {
        this.heap = heap;
        this.classes = classes;
        this.registry = registry;
        this.statics = statics;
    }

    /** Visits a reference that is not null: the object that holds it (0 for a static field) and its offset or address. */
    private interface Visitor {
        void visit(int holder, int offset, int reference);
    }

    private void eachOf(int holder, Visitor visitor) {
        if (heap.kind(holder) == BlockKind.REFERENCE_ARRAY) {
            for (int i = 0; i < heap.length(holder); i++) {
                visit(holder, 2 * i, visitor);
            }
        } else if (heap.kind(holder) == BlockKind.OBJECT) {
            CardClass type = classes.get(heap.classId(holder));
            for (int cell = 0; cell < type.instanceSize(); cell++) {
                if (type.isReference(cell)) {
                    visit(holder, 2 * cell, visitor);
                }
            }
        }
    }

    private void visit(int holder, int offset, Visitor visitor) {
        int reference = heap.getReference(holder, offset);
        if (reference != 0) {
            visitor.visit(holder, offset, reference);
        }
    }

    private void eachStatic(Visitor visitor) {
        eachStaticBut(null, visitor);
    }

    private void eachStaticBut(LoadedPackage left, Visitor visitor) {
        for (LoadedPackage one : registry.packages()) {
            if (one == left) {
                continue;
            }
            for (int i = 0; i < one.imageReferences(); i++) {
                int address = statics[one.number] + 2 * i;
                int reference = heap.nvm().get2(address);
                if (reference != 0) {
                    visitor.visit(0, address, reference);
                }
            }
        }
    }

    private void eachObject(java.util.function.IntConsumer visitor) {
        for (int reference = 1; reference < heap.limit(); reference++) {
            if (heap.isThere(reference)) {
                visitor.accept(reference);
            }
        }
    }

    /** Delete every object that no applet and no static field leads to. */
    void collect() {
        BitSet reached = new BitSet();
        ArrayDeque<Integer> open = new ArrayDeque<>();
        registry.instances().forEach(one -> reach(one.applet, reached, open));
        eachStatic((holder, address, reference) -> reach(reference, reached, open));
        while (!open.isEmpty()) {
            eachOf(open.pop(), (holder, offset, reference) -> reach(reference, reached, open));
        }
        deleteIf(reference -> !reached.get(reference));
    }

    private void reach(int reference, BitSet reached, ArrayDeque<Integer> open) {
        if (reference != 0 && heap.isThere(reference) && !reached.get(reference)) {
            reached.set(reference);
            open.add(reference);
        }
    }

    private void deleteIf(IntPredicate isGone) {
        for (int reference = Heap.FIRST_HANDLE; reference < heap.limit(); reference++) {
            if (heap.isThere(reference) && isGone.test(reference)) {
                heap.free(reference);
            }
        }
        heap.settleRam();
    }

    /** Delete the objects of an owner. */
    void deleteOwnedBy(int owner) {
        deleteIf(reference -> heap.owner(reference) == owner);
    }

    /** Whether another owner's object, or a static field but for those of one package, leads to an object of this owner. */
    boolean isReferredTo(int owner, LoadedPackage but) {
        boolean[] found = {false};
        Visitor look = (holder, offset, reference) -> found[0] |= reference >= Heap.FIRST_HANDLE
                && heap.owner(reference) == owner && (holder == 0 || heap.owner(holder) != owner);
        eachStaticBut(but, look);
        eachObject(holder -> eachOf(holder, look));
        return found[0];
    }

    /** Whether an object of another package leads to an instance of one of this package's classes, or to its arrays. */
    boolean isUsedElsewhere(LoadedPackage gone) {
        boolean[] found = {false};
        eachObject(one -> found[0] |= heap.kind(one) == BlockKind.OBJECT && one >= Heap.FIRST_HANDLE
                && classes.get(heap.classId(one)).home == gone && heap.owner(one) < Registry.PACKAGE_OWNER);
        return found[0];
    }

    /** Make every reference to an owner's objects null that others hold. */
    void clearReferencesTo(int owner) {
        eachStatic((holder, address, reference) -> {
            if (isOf(reference, owner)) {
                heap.nvm().put2(address, 0, WriteKind.STATIC);
            }
        });
        eachObject(one -> eachOf(one, (holder, offset, reference) -> {
            if (isOf(reference, owner) && heap.owner(holder) != owner) {
                heap.put2(holder, offset, 0, WriteKind.FIELD);
            }
        }));
    }

    /** Make every reference null that leads to no object: of an installation or deletion that a power cut ended. */
    void clearDangling() {
        eachStatic((holder, address, reference) -> {
            if (!heap.isThere(reference)) {
                heap.nvm().put2(address, 0, WriteKind.STATIC);
            }
        });
        eachObject(one -> eachOf(one, (holder, offset, reference) -> {
            if (!heap.isThere(reference)) {
                heap.put2(holder, offset, 0, WriteKind.FIELD);
            }
        }));
    }

    private boolean isOf(int reference, int owner) {
        return reference >= Heap.FIRST_HANDLE && heap.isThere(reference) && heap.owner(reference) == owner;
    }

    /** Persistent bytes of an owner's objects. */
    int bytesOf(int owner) {
        int[] sum = {0};
        eachObject(one -> sum[0] += one >= Heap.FIRST_HANDLE && heap.owner(one) == owner ? heap.persistentBytes(one) : 0);
        return sum[0];
    }
}
