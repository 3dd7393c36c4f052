package cardlab.vm.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Blocks of persistent memory, one after the other from {@code first} on, up to a header of zero.
 *
 * <p>Header, 12 bytes: kind (1), size of the block with its header (3), number (2: reference, page, package or instance),
 * owner (1), flags (1), class or element class (2), length (2: elements of an array, cells of an object). The first four
 * bytes are one cell and written last: a block is there as a whole or free.
 */
public final class Blocks {
    public static final int HEADER = 12;

    private final Nvm nvm;
    private final Journal journal;
    private final int first;
    private int end;
    /** Free blocks: address and size. */
    private List<int[]> free = new ArrayList<>();

    Blocks(Nvm nvm, Journal journal, int first) {
        this.nvm = nvm;
        this.journal = journal;
        this.first = first;
        end = first;
        nvm.require(first + 4);
    }

    Blocks fork(Nvm otherNvm, Journal otherJournal) {
        Blocks other = new Blocks(otherNvm, otherJournal, first);
        other.end = end;
        free.forEach(one -> other.free.add(one.clone()));
        return other;
    }

    /** Bytes that blocks in use take. */
    public int used() {
        int used = end - first;
        for (int[] one : free) {
            used -= one[1];
        }
        return used;
    }

    /** The address of the first block. */
    public int first() {
        return first;
    }

    /** The first address behind all blocks. */
    public int end() {
        return end;
    }

    /** Bytes that are left, in whatever pieces. */
    public int available() {
        return nvm.size() - first - used();
    }

    /** Read the blocks from memory anew: after power up and after a transaction that made some was undone. */
    public void walk(IntConsumer visitor) {
        free = new ArrayList<>();
        int at = first;
        while (at + 4 <= nvm.bytes().length && nvm.get1(at) != BlockKind.NONE) {
            int size = size(at);
            if (size < HEADER && kind(at) != BlockKind.FREE || size < 4 || at + size > nvm.bytes().length) {
                throw new DamagedMemory("the block at " + at + " says it has " + size + " bytes");
            }
            if (kind(at) == BlockKind.FREE) {
                addFree(at, size);
            } else if (visitor != null) {
                visitor.accept(at);
            }
            at += size;
        }
        end = at;
    }

    private void addFree(int at, int size) {
        int[] last = free.isEmpty() ? null : free.get(free.size() - 1);
        if (last != null && last[0] + last[1] == at) {
            last[1] += size;
        } else {
            free.add(new int[] {at, size});
        }
    }

    /**
     * Make a block with a content of {@code content} zero bytes; it is there when this returns. In a transaction it is free
     * again when the transaction is undone, unless it is {@code lasting}. Throws MemoryFull.
     */
    public int make(int content, int kind, int number, int owner, int flags, int classId, int length, boolean lasting) {
        int size = HEADER + content;
        int at = place(size);
        size = size(at);
        if (journal.isOpen() && !lasting) {
            journal.save(at, 4);
            journal.cover(at, size);
        }
        nvm.putPages(at + HEADER, null, content, WriteKind.CLEAR);
        nvm.put4(at + 4, number << 16 | (owner & 0xFF) << 8 | flags, WriteKind.HEADER);
        nvm.put4(at + 8, classId << 16 | length, WriteKind.HEADER);
        nvm.put4(at, kind << 24 | size, WriteKind.HEADER);
        return at;
    }

    /** A free block of this size or little more, marked so in memory. */
    private int place(int size) {
        for (int i = 0; i < free.size(); i++) {
            int[] one = free.get(i);
            if (one[1] >= size) {
                return takeFrom(i, size);
            }
        }
        if (end + size > nvm.size()) {
            throw new MemoryFull(false);
        }
        nvm.require(end + size + 4);
        int at = end;
        if (nvm.get4(at + size) != 0) {
            nvm.put4(at + size, 0, WriteKind.HEADER);
        }
        nvm.put4(at, BlockKind.FREE << 24 | size, WriteKind.HEADER);
        end = at + size;
        return at;
    }

    private int takeFrom(int index, int size) {
        int[] one = free.get(index);
        int at = one[0];
        int rest = one[1] - size;
        if (rest < 4) {
            free.remove(index);
            nvm.put4(at, BlockKind.FREE << 24 | one[1], WriteKind.HEADER);
            return at;
        }
        nvm.put4(at + size, BlockKind.FREE << 24 | rest, WriteKind.HEADER);
        nvm.put4(at, BlockKind.FREE << 24 | size, WriteKind.HEADER);
        free.set(index, new int[] {at + size, rest});
        return at;
    }

    /** The block is free from now on. */
    public void release(int at) {
        int size = size(at);
        nvm.put4(at, BlockKind.FREE << 24 | size, WriteKind.HEADER);
        int place = 0;
        while (place < free.size() && free.get(place)[0] < at) {
            place++;
        }
        free.add(place, new int[] {at, size});
        join(place);
        if (place > 0) {
            join(place - 1);
        }
    }

    /** In RAM only: the next block that is made there writes the headers. */
    private void join(int place) {
        int[] one = free.get(place);
        if (place + 1 < free.size() && one[0] + one[1] == free.get(place + 1)[0]) {
            one[1] += free.remove(place + 1)[1];
        }
    }

    public int kind(int at) {
        return nvm.get1(at);
    }

    public int size(int at) {
        return nvm.get4(at) & 0xFFFFFF;
    }

    public int number(int at) {
        return nvm.get2(at + 4);
    }

    public int owner(int at) {
        return nvm.get1(at + 6);
    }

    public int flags(int at) {
        return nvm.get1(at + 7);
    }

    public int classId(int at) {
        return nvm.get2(at + 8);
    }

    public int length(int at) {
        return nvm.get2(at + 10);
    }

    /** Every block in use, by address. */
    public int[] all() {
        int[] found = new int[64];
        int count = 0;
        for (int at = first; at < end; at += size(at)) {
            if (size(at) < 4) { // a loop without end, of a card that let code write anywhere
                throw new DamagedMemory("the block at " + at + " says it has " + size(at) + " bytes");
            }
            if (kind(at) != BlockKind.FREE) {
                found = count < found.length ? found : Arrays.copyOf(found, 2 * count);
                found[count++] = at;
            }
        }
        return Arrays.copyOf(found, count);
    }

    /** Have a memory, which may end in a block, hold zeros where free blocks and what is behind all blocks are. */
    public void clearFree(byte[] memory) {
        Nvm other = new Nvm(memory.length, nvm.gate(), memory);
        int at = first;
        while (at + 4 <= memory.length && other.get1(at) != BlockKind.NONE) {
            int size = other.get4(at) & 0xFFFFFF;
            if (size < 4) {
                throw new DamagedMemory("the block at " + at + " says it has " + size + " bytes");
            }
            if (other.get1(at) == BlockKind.FREE) {
                Arrays.fill(memory, at + 4, Math.min(at + size, memory.length), (byte) 0);
            }
            at += size;
        }
        Arrays.fill(memory, Math.min(at, memory.length), memory.length, (byte) 0);
    }
}
