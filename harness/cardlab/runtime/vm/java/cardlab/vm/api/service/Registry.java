package cardlab.vm.api.service;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.JournalFull;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.MemoryType;

/** A Dispatcher's services and their phases, in the order in which they were added, in two arrays and a count. */
record Registry(Call call, int dispatcher) {
    static final int REFERENCES = 2;
    static final int SHORTS = 1;
    private static final int SERVICES = 0;
    private static final int PHASES = 1;
    private static final int COUNT = 2;

    /** At first: empty. */
    void make(int capacity) {
        call.setField(dispatcher, SERVICES, call.newArray(ArrayType.REFERENCE, capacity, MemoryType.PERSISTENT));
        call.setField(dispatcher, PHASES, call.newArray(ArrayType.BYTE, capacity, MemoryType.PERSISTENT));
    }

    private Heap heap() {
        return ((NativeCall) call).heap();
    }

    private int services() {
        return call.refField(dispatcher, SERVICES);
    }

    private int phases() {
        return call.refField(dispatcher, PHASES);
    }

    int count() {
        return call.field(dispatcher, COUNT);
    }

    boolean isFull() {
        return services() == 0 || count() == heap().length(services());
    }

    int service(int index) {
        return heap().getReference(services(), 2 * index);
    }

    int phase(int index) {
        return heap().get1(phases(), index);
    }

    /** Where a service is registered for a phase, or -1. */
    int find(int service, int phase) {
        for (int index = 0; index < count(); index++) {
            if (service(index) == service && phase(index) == phase) {
                return index;
            }
        }
        return -1;
    }

    void add(int service, int phase) {
        atomically(() -> {
            heap().put2(services(), 2 * count(), service, WriteKind.ARRAY);
            heap().put1(phases(), count(), phase, WriteKind.ARRAY);
            call.setField(dispatcher, COUNT, count() + 1);
        });
    }

    /** Those behind it move up, and nothing refers to it any more. */
    void remove(int index) {
        atomically(() -> {
            moveUp(services(), 2 * index, 2 * count(), 2);
            moveUp(phases(), index, count(), 1);
            call.setField(dispatcher, COUNT, count() - 1);
        });
    }

    private void moveUp(int array, int at, int end, int size) {
        byte[] moved = java.util.Arrays.copyOfRange(heap().read(array, at, end - at), size, end - at + size);
        heap().write(array, at, moved, 0, moved.length);
    }

    /** In the transaction in progress, or in one of its own. */
    private void atomically(Runnable change) {
        if (heap().journal().isOpen()) {
            change.run();
            return;
        }
        heap().begin();
        try {
            change.run();
        } catch (JournalFull full) {
            heap().undo();
            throw full;
        }
        heap().commit();
    }
}
