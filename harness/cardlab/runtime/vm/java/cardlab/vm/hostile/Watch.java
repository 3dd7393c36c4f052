package cardlab.vm.hostile;

import cardlab.vm.Machine;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Blocks;
import cardlab.vm.memory.Heap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The memory of one package and its instances on a card and on copies of it: is it as it was, and is the rest the same on
 * cards on which it differs? Blocks never move, so places are looked up once.
 */
final class Watch {
    private final List<int[]> ranges = new ArrayList<>();
    private final List<Integer> references = new ArrayList<>();
    private final byte[] before;
    private final int context;

    Watch(Machine machine, byte[] instanceAid) {
        Heap heap = machine.card().heap();
        context = heap.contexts().contextOf(machine.card().instanceWith(instanceAid));
        Blocks blocks = heap.blocks();
        for (int at : blocks.all()) {
            if (isOwn(heap, at)) {
                ranges.add(new int[] {at, at + blocks.size(at)});
            }
        }
        for (int reference = Heap.FIRST_HANDLE; reference < heap.limit(); reference++) {
            if (isOwn(heap, reference, context)) {
                references.add(reference);
            }
        }
        before = content(machine, true);
    }

    private boolean isOwn(Heap heap, int block) {
        return switch (heap.blocks().kind(block)) {
            case BlockKind.PACKAGE, BlockKind.STATICS -> heap.blocks().number(block) == context;
            case BlockKind.INSTANCE -> heap.contexts().contextOf(heap.blocks().number(block)) == context;
            case BlockKind.TABLE -> false;
            default -> heap.contexts().contextOf(heap.blocks().owner(block)) == context;
        };
    }

    private static boolean isOwn(Heap heap, int reference, int context) {
        return heap.isThere(reference) && heap.contextOf(reference) == context;
    }

    /** Whether the memory of the package is what it was; {@code withRam} until the card is reset. */
    boolean isIntact(Machine machine, boolean withRam) {
        byte[] now = content(machine, withRam);
        return Arrays.equals(now, 0, now.length, before, 0, withRam ? before.length : Math.min(now.length, before.length));
    }

    private byte[] content(Machine machine, boolean withRam) {
        Heap heap = machine.card().heap();
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        byte[] memory = heap.nvm().bytes();
        ranges.forEach(one -> all.write(memory, one[0], one[1] - one[0]));
        for (int reference : references) {
            if (!isOwn(heap, reference, context)) {
                all.write(1); // another one's now, or gone: the content differs in length
                continue;
            }
            all.write(heap.kind(reference) << 4 | heap.space(reference));
        }
        for (int reference : references) {
            if (withRam && isOwn(heap, reference, context) && !heap.isPersistent(reference)) {
                all.writeBytes(heap.read(reference, 0, heap.contentBytes(reference)));
            }
        }
        return all.toByteArray();
    }

    /** A checksum of all memory that is not the package's. */
    long rest(Machine machine) {
        Heap heap = machine.card().heap();
        CRC32 sum = new CRC32();
        byte[] memory = heap.nvm().bytes();
        int at = 0;
        for (int[] one : ranges) {
            sum.update(memory, at, one[0] - at);
            at = one[1];
        }
        sum.update(memory, at, Math.min(heap.blocks().end(), memory.length) - at);
        for (int reference = 1; reference < heap.limit(); reference++) {
            if (heap.isThere(reference) && !heap.isPersistent(reference) && heap.contextOf(reference) != context) {
                sum.update(heap.read(reference, 0, heap.contentBytes(reference)));
            }
        }
        return sum.getValue();
    }
}
