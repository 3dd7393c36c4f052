package cardlab.vm.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The objects of a card by 16-bit references. 0 is null, 1 to 511 are the runtime environment's own objects, higher ones
 * are entries of the object table: pages of 64 entries, each the address of the object's block (4 bytes), 0 when it is free.
 *
 * <p>A transient array's block holds the offset of its content in its RAM (4 bytes). The arrays here repeat headers in
 * decoded form, for speed; {@link #powerUp} makes them anew from memory.
 */
public final class Heap {
    public static final int FIRST_HANDLE = 512;
    public static final int MAX_HANDLE = 0xFFFF;
    /** Flags of an object, never written to memory. */
    public static final int TEMPORARY_ENTRY_POINT = 1;
    public static final int PERMANENT_ENTRY_POINT = 2;
    public static final int GLOBAL_ARRAY = 4;
    /** In the flags of a block, beside the space. */
    private static final int SENSITIVE = 0x10;
    /** In {@link #guard}: the firewall has to look closer. */
    public static final byte LOOK_CLOSER = (byte) 0xFF;

    private static final int PAGE_ENTRIES = 64;

    private final Nvm nvm;
    private final Journal journal;
    private final Blocks blocks;
    private final Ram reset;
    private final int deselectLimit;
    private Ram[] deselect = new Ram[256];
    private byte[] system = new byte[256];
    private int systemTop;

    private byte[] kind = new byte[FIRST_HANDLE + PAGE_ENTRIES];
    private byte[] space = new byte[kind.length];
    private byte[] flags = new byte[kind.length];
    private byte[] owner = new byte[kind.length];
    private byte[] guard = new byte[kind.length];
    private char[] classId = new char[kind.length];
    private char[] length = new char[kind.length];
    private int[] body = new int[kind.length];
    private Object[] peers = new Object[kind.length];
    private int[] pages = {};
    private int lowestFree = FIRST_HANDLE;
    private List<Integer> madeInTransaction = new ArrayList<>();
    private final Contexts contexts;
    private long made;
    private Runnable firstMade;

    /** Tells the context of an owner. */
    @FunctionalInterface
    public interface Contexts {
        /** The number of the package whose objects the owner's are; 0 for the runtime environment. */
        int contextOf(int owner);
    }

    /** A heap in a memory that may hold objects already; see {@link #powerUp}. */
    public Heap(Nvm nvm, Journal journal, int first, int resetLimit, int deselectLimit, Contexts contexts) {
        this(nvm, journal, new Blocks(nvm, journal, first), new Ram(resetLimit), deselectLimit, contexts);
    }

    private Heap(Nvm nvm, Journal journal, Blocks blocks, Ram reset, int deselectLimit, Contexts contexts) {
        this.nvm = nvm;
        this.journal = journal;
        this.blocks = blocks;
        this.reset = reset;
        this.deselectLimit = deselectLimit;
        this.contexts = contexts;
    }

    /** A copy that shares nothing; peers are copied by {@code forkPeer}. */
    public Heap fork(Nvm otherNvm, Journal otherJournal, Contexts otherContexts,
            java.util.function.UnaryOperator<Object> forkPeer) {
        Blocks otherBlocks = blocks.fork(otherNvm, otherJournal);
        Heap other = new Heap(otherNvm, otherJournal, otherBlocks, reset.fork(), deselectLimit, otherContexts);
        for (int i = 0; i < deselect.length; i++) {
            other.deselect[i] = deselect[i] == null ? null : deselect[i].fork();
        }
        other.system = system.clone();
        other.systemTop = systemTop;
        other.kind = kind.clone();
        other.space = space.clone();
        other.flags = flags.clone();
        other.owner = owner.clone();
        other.guard = guard.clone();
        other.classId = classId.clone();
        other.length = length.clone();
        other.body = body.clone();
        other.peers = peers.clone();
        for (int i = 0; i < peers.length; i++) {
            if (peers[i] != null) {
                other.peers[i] = forkPeer.apply(peers[i]);
            }
        }
        other.pages = pages.clone();
        other.lowestFree = lowestFree;
        return other;
    }

    public Nvm nvm() {
        return nvm;
    }

    public Journal journal() {
        return journal;
    }

    public Contexts contexts() {
        return contexts;
    }

    public Blocks blocks() {
        return blocks;
    }

    // Power up

    /**
     * Read all objects from memory; blocks that a power cut left without an entry in the table become free. RAM is cleared;
     * {@code isGone} says whether the objects of an owner are to be deleted (a deletion or installation was under way).
     */
    public void powerUp(IntPredicate isGone) {
        Arrays.fill(kind, FIRST_HANDLE, kind.length, (byte) 0);
        Arrays.fill(peers, null);
        pages = new int[0];
        lowestFree = FIRST_HANDLE;
        blocks.walk(this::findPage);
        List<Integer> lost = new ArrayList<>();
        reset.setTop(0);
        for (int at : blocks.all()) {
            if (BlockKind.hasReference(blocks.kind(at))) {
                int reference = blocks.number(at);
                if (reference >= FIRST_HANDLE && entry(reference) == at) {
                    decode(reference, at);
                } else {
                    lost.add(at);
                }
            }
        }
        lost.forEach(blocks::release);
        for (int reference = FIRST_HANDLE; reference < kind.length; reference++) {
            if (kind[reference] == 0 && entry(reference) != 0) {
                nvm.put4(entryAddress(reference), 0, WriteKind.TABLE);
            } else if (kind[reference] != 0 && isGone.test(owner[reference] & 0xFF)) {
                free(reference);
            }
        }
        reset.clear();
        for (Ram one : deselect) {
            if (one != null) {
                one.clear();
            }
        }
    }

    private void findPage(int at) {
        if (blocks.kind(at) == BlockKind.TABLE) {
            setPage(blocks.number(at), at);
        }
    }

    private void setPage(int page, int at) {
        if (page >= pages.length) {
            pages = Arrays.copyOf(pages, page + 1);
        }
        pages[page] = at;
        grow(FIRST_HANDLE + (page + 1) * PAGE_ENTRIES);
    }

    private void grow(int count) {
        if (count > kind.length) {
            int size = Math.min(Math.max(count, kind.length * 3 / 2), MAX_HANDLE + 1);
            kind = Arrays.copyOf(kind, size);
            space = Arrays.copyOf(space, size);
            flags = Arrays.copyOf(flags, size);
            owner = Arrays.copyOf(owner, size);
            guard = Arrays.copyOf(guard, size);
            classId = Arrays.copyOf(classId, size);
            length = Arrays.copyOf(length, size);
            body = Arrays.copyOf(body, size);
            peers = Arrays.copyOf(peers, size);
        }
    }

    private void decode(int reference, int at) {
        kind[reference] = (byte) blocks.kind(at);
        space[reference] = (byte) (blocks.flags(at) & ~SENSITIVE);
        flags[reference] = 0;
        owner[reference] = (byte) blocks.owner(at);
        classId[reference] = (char) blocks.classId(at);
        length[reference] = (char) blocks.length(at);
        setGuard(reference);
        int content = at + Blocks.HEADER;
        if (space[reference] == Space.PERSISTENT) {
            body[reference] = content;
        } else {
            body[reference] = nvm.get4(content);
            ramOf(reference).claim(body[reference], contentBytes(reference));
        }
    }

    private void setGuard(int reference) {
        boolean plain = flags[reference] == 0 && space[reference] != Space.DESELECT;
        guard[reference] = plain ? (byte) contexts.contextOf(owner[reference] & 0xFF) : LOOK_CLOSER;
    }

    private int entryAddress(int reference) {
        int number = reference - FIRST_HANDLE;
        int page = number / PAGE_ENTRIES;
        return page >= pages.length || pages[page] == 0 ? 0 : pages[page] + Blocks.HEADER + 4 * (number % PAGE_ENTRIES);
    }

    private int entry(int reference) {
        int at = entryAddress(reference);
        return at == 0 ? 0 : nvm.get4(at);
    }

    // Making and freeing objects

    /** Tell when the next object is made, once; null takes it back. */
    public void tellFirstMade(Runnable listener) {
        firstMade = listener;
    }

    /** Objects made since this heap is there. */
    public long made() {
        return made;
    }

    /** Bytes that an object with this content takes with header and table entry. */
    public static int cost(int content) {
        return Blocks.HEADER + content + 4;
    }

    /** An object of a class with {@code cells} cells of zero. */
    public int newObject(int ofClass, int cells, int ofOwner) {
        return make(BlockKind.OBJECT, ofClass, cells, Space.PERSISTENT, ofOwner, 2 * cells);
    }

    /** An array of zeros; {@code element} is the class of a reference array's elements, 0 for Object. */
    public int newArray(int arrayKind, int element, int count, int inSpace, int ofOwner) {
        return make(arrayKind, element, count, inSpace, ofOwner, count << BlockKind.shift(arrayKind));
    }

    /** The same with the mark of an integrity-sensitive array (API, SensitiveArrays). */
    public int newSensitiveArray(int arrayKind, int count, int inSpace, int ofOwner) {
        return make(arrayKind, 0, count, inSpace, ofOwner, count << BlockKind.shift(arrayKind), SENSITIVE);
    }

    private int make(int ofKind, int ofClass, int count, int inSpace, int ofOwner, int content) {
        return make(ofKind, ofClass, count, inSpace, ofOwner, content, 0);
    }

    /** {@code mark} is what the header's flags have beside the space. */
    private int make(int ofKind, int ofClass, int count, int inSpace, int ofOwner, int content, int mark) {
        int reference = freeHandle();
        Ram ram = inSpace == Space.RESET ? reset : inSpace == Space.DESELECT ? deselectRam(contexts.contextOf(ofOwner)) : null;
        int offset = ram == null ? 0 : takeRam(ram, inSpace, contexts.contextOf(ofOwner), content);
        int at = blocks.make(ram == null ? content : 4, ofKind, reference, ofOwner, inSpace | mark, ofClass, count,
                false);
        if (ram != null) {
            nvm.put4(at + Blocks.HEADER, offset, WriteKind.HEADER);
        }
        int entry = entryAddress(reference);
        if (journal.isOpen()) {
            journal.save(entry, 4);
            madeInTransaction.add(reference);
        }
        nvm.put4(entry, at, WriteKind.TABLE);
        lowestFree = reference + 1;
        made++;
        if (firstMade != null) {
            Runnable told = firstMade;
            firstMade = null;
            told.run();
        }
        decode(reference, at);
        return reference;
    }

    private Ram deselectRam(int context) {
        if (deselect[context] == null) {
            deselect[context] = new Ram(deselectLimit);
        }
        return deselect[context];
    }

    private int takeRam(Ram ram, int inSpace, int context, int count) {
        int offset = ram.take(count);
        if (offset < 0) {
            offset = gap(inSpace, context, ram.limit(), count);
        }
        if (offset < 0) {
            throw new MemoryFull(true);
        }
        ram.claim(offset, count);
        ram.clear(offset, count);
        return offset;
    }

    /** The first gap between arrays in use that is large enough, or -1. */
    private int gap(int inSpace, int context, int limit, int count) {
        List<int[]> used = new ArrayList<>();
        for (int reference = FIRST_HANDLE; reference < kind.length; reference++) {
            if (kind[reference] != 0 && space[reference] == inSpace && (inSpace == Space.RESET || contextOf(reference) == context)) {
                used.add(new int[] {body[reference], contentBytes(reference)});
            }
        }
        used.sort((a, b) -> Integer.compare(a[0], b[0]));
        int at = 0;
        for (int[] one : used) {
            if (one[0] - at >= count) {
                return at;
            }
            at = Math.max(at, one[0] + one[1]);
        }
        return limit - at >= count ? at : -1;
    }

    private int freeHandle() {
        int reference = lowestFree;
        while (reference < kind.length && kind[reference] != 0) {
            reference++;
        }
        if (reference > MAX_HANDLE) {
            throw new MemoryFull(false);
        }
        if (entryAddress(reference) == 0) {
            int page = (reference - FIRST_HANDLE) / PAGE_ENTRIES;
            setPage(page, blocks.make(4 * PAGE_ENTRIES, BlockKind.TABLE, page, 0, 0, 0, PAGE_ENTRIES, true));
        }
        return reference;
    }

    /** Whether it is an integrity-sensitive array. */
    public boolean isSensitive(int reference) {
        return reference >= FIRST_HANDLE && (blocks.flags(entry(reference)) & SENSITIVE) != 0;
    }

    /** Delete an object; the order of its two writes leaves nothing behind that a power cut could revive. */
    public void free(int reference) {
        int at = entry(reference);
        nvm.put4(entryAddress(reference), 0, WriteKind.TABLE);
        blocks.release(at);
        forget(reference);
    }

    private void forget(int reference) {
        kind[reference] = 0;
        peers[reference] = null;
        guard[reference] = LOOK_CLOSER;
        lowestFree = Math.min(lowestFree, reference);
    }

    // Transactions (JCRE 3.0.5, 7)

    /** Begin one. */
    public void begin() {
        madeInTransaction = new ArrayList<>();
        journal.begin();
    }

    /** Commit. */
    public void commit() {
        journal.commit();
        madeInTransaction = new ArrayList<>();
    }

    /** The power is gone, and with it what RAM knew of a transaction. */
    public void forgetTransaction() {
        madeInTransaction = new ArrayList<>();
        journal.drop();
    }

    /** Undo, and delete what was made meanwhile; returns the references that are null from now on (JCRE 7.6.3). */
    public List<Integer> undo() {
        journal.undo();
        List<Integer> gone = madeInTransaction;
        madeInTransaction = new ArrayList<>();
        if (!gone.isEmpty()) {
            gone.forEach(this::forget);
            blocks.walk(null);
            clearTransientReferences(gone);
            settleRam();
        }
        return gone;
    }

    private void clearTransientReferences(List<Integer> gone) {
        for (int reference = 1; reference < kind.length; reference++) {
            if (kind[reference] == BlockKind.REFERENCE_ARRAY && space[reference] != Space.PERSISTENT) {
                byte[] memory = memory(reference);
                for (int at = body[reference]; at < body[reference] + contentBytes(reference); at += 2) {
                    if (gone.contains((memory[at] & 0xFF) << 8 | memory[at + 1] & 0xFF)) {
                        memory[at] = 0;
                        memory[at + 1] = 0;
                    }
                }
            }
        }
    }

    // The runtime environment's own objects

    /** Define object {@code reference} (1 to 511), zero, outside of the quotas. */
    public void defineSystem(int reference, int ofKind, int ofClass, int count, int withFlags) {
        kind[reference] = (byte) ofKind;
        space[reference] = Space.SYSTEM;
        flags[reference] = (byte) withFlags;
        owner[reference] = 0;
        classId[reference] = (char) ofClass;
        length[reference] = (char) count;
        guard[reference] = LOOK_CLOSER;
        body[reference] = systemTop;
        systemTop += ofKind == BlockKind.OBJECT ? 2 * count : count << BlockKind.shift(ofKind);
        if (systemTop > system.length) {
            system = Arrays.copyOf(system, 2 * systemTop);
        }
    }

    /** The array is shorter, or as long again as it was defined. */
    public void setSystemLength(int reference, int count) {
        length[reference] = (char) count;
    }

    /** The object is no longer there. */
    public void dropSystem(int reference) {
        kind[reference] = 0;
    }

    /** A mark to give to {@link #releaseSystem}. */
    public int systemMark() {
        return systemTop;
    }

    /** Take back the memory of objects that were defined after the mark and have been dropped. */
    public void releaseSystem(int mark) {
        Arrays.fill(system, mark, systemTop, (byte) 0);
        systemTop = mark;
    }

    // What is known of an object

    public boolean isThere(int reference) {
        return reference < kind.length && kind[reference] != 0;
    }

    public int limit() {
        return kind.length;
    }

    /** A BlockKind: OBJECT or an array's. */
    public int kind(int reference) {
        return kind[reference];
    }

    public int space(int reference) {
        return space[reference];
    }

    public int flags(int reference) {
        return flags[reference];
    }

    public int owner(int reference) {
        return owner[reference] & 0xFF;
    }

    public int contextOf(int reference) {
        return contexts.contextOf(owner[reference] & 0xFF);
    }

    /** The context whose code may use the object without a closer look, or LOOK_CLOSER. */
    public byte guard(int reference) {
        return guard[reference];
    }

    public int classId(int reference) {
        return classId[reference];
    }

    /** Elements of an array, cells of an object. */
    public int length(int reference) {
        return length[reference];
    }

    /** Where the content begins in {@link #memory}. */
    public int body(int reference) {
        return body[reference];
    }

    public boolean isPersistent(int reference) {
        return space[reference] == Space.PERSISTENT;
    }

    /** Bytes of the content. */
    public int contentBytes(int reference) {
        return kind[reference] == BlockKind.OBJECT ? 2 * length[reference] : length[reference] << BlockKind.shift(kind[reference]);
    }

    /** Persistent bytes that the object takes with its table entry. */
    public int persistentBytes(int reference) {
        return space[reference] == Space.SYSTEM ? 0 : blocks.size(entry(reference)) + 4;
    }

    public Object peer(int reference) {
        return peers[reference];
    }

    public void setPeer(int reference, Object peer) {
        peers[reference] = peer;
    }

    /** The memory that the content is in, for reading. */
    public byte[] memory(int reference) {
        return space[reference] == Space.PERSISTENT ? nvm.bytes() : transientMemory(reference);
    }

    private byte[] transientMemory(int reference) {
        return space[reference] == Space.SYSTEM ? system : ramOf(reference).bytes();
    }

    private Ram ramOf(int reference) {
        return space[reference] == Space.RESET ? reset : deselectRam(contextOf(reference));
    }

    /** All transient memory of applets, for reading: that of CLEAR_ON_RESET, then of CLEAR_ON_DESELECT by context. */
    public java.util.List<byte[]> transientMemory() {
        java.util.List<byte[]> all = new java.util.ArrayList<>(java.util.List.of(reset.bytes()));
        for (Ram one : deselect) {
            all.add(one == null ? new byte[0] : one.bytes());
        }
        return all;
    }

    // Content, by offset in bytes

    public int get1(int reference, int offset) {
        return memory(reference)[body[reference] + offset];
    }

    public int get2(int reference, int offset) {
        byte[] memory = memory(reference);
        int at = body[reference] + offset;
        return memory[at] << 8 | memory[at + 1] & 0xFF;
    }

    public int getReference(int reference, int offset) {
        return get2(reference, offset) & 0xFFFF;
    }

    public int get4(int reference, int offset) {
        return get2(reference, offset) << 16 | get2(reference, offset + 2) & 0xFFFF;
    }

    public void put1(int reference, int offset, int value, WriteKind writeKind) {
        int at = body[reference] + offset;
        if (space[reference] != Space.PERSISTENT) {
            transientMemory(reference)[at] = (byte) value;
            return;
        }
        if (journal.isOpen()) {
            journal.save(at, 1);
        }
        nvm.put1(at, value, writeKind);
    }

    public void put2(int reference, int offset, int value, WriteKind writeKind) {
        int at = body[reference] + offset;
        if (space[reference] != Space.PERSISTENT) {
            byte[] memory = transientMemory(reference);
            memory[at] = (byte) (value >> 8);
            memory[at + 1] = (byte) value;
            return;
        }
        if (journal.isOpen()) {
            journal.save(at, 2);
        }
        nvm.put2(at, value, writeKind);
    }

    public void put4(int reference, int offset, int value, WriteKind writeKind) {
        int at = body[reference] + offset;
        if (space[reference] != Space.PERSISTENT) {
            Nvm.store(transientMemory(reference), at, 4, value);
            return;
        }
        if (journal.isOpen()) {
            journal.save(at, 4);
        }
        nvm.put4(at, value, writeKind);
    }

    /** Write a persistent byte that no transaction takes back (OwnerPIN's try counter). */
    public void put1Unprotected(int reference, int offset, int value) {
        nvm.put1(body[reference] + offset, value, WriteKind.FIELD);
    }

    /** Add 1 or -1 to what the transaction in progress would restore of a byte; false when that would be below 0 or is nothing. */
    public boolean addToSaved(int reference, int offset, int change) {
        return journal.isOpen() && journal.addToSaved(body[reference] + offset, change);
    }

    /** Bytes of the content. */
    public byte[] read(int reference, int offset, int count) {
        int at = body[reference] + offset;
        return Arrays.copyOfRange(memory(reference), at, at + count);
    }

    /**
     * Write bytes as one change (Util.arrayCopy): within the transaction, or in one of its own. Throws JournalFull before
     * anything changes.
     */
    public void write(int reference, int offset, byte[] from, int start, int count) {
        if (count == 0) {
            return;
        }
        if (space[reference] != Space.PERSISTENT) {
            System.arraycopy(from, start, transientMemory(reference), body[reference] + offset, count);
            return;
        }
        boolean own = !journal.isOpen();
        if (own) {
            journal.begin();
        }
        try {
            journal.save(body[reference] + offset, count);
        } catch (JournalFull full) {
            if (own) {
                journal.drop();
            }
            throw full;
        }
        nvm.putCells(body[reference] + offset, from, start, count, cell(reference), WriteKind.ARRAY);
        if (own) {
            journal.commit();
        }
    }

    /** Write bytes cell by cell, whatever transaction is in progress (Util.arrayCopyNonAtomic). */
    public void writeNonAtomic(int reference, int offset, byte[] from, int start, int count) {
        if (space[reference] != Space.PERSISTENT) {
            System.arraycopy(from, start, transientMemory(reference), body[reference] + offset, count);
        } else {
            nvm.putCells(body[reference] + offset, from, start, count, cell(reference), WriteKind.NON_ATOMIC);
        }
    }

    private int cell(int reference) {
        return kind[reference] == BlockKind.OBJECT ? 1 : 1 << BlockKind.shift(kind[reference]);
    }

    // Transient memory

    /** Clear what a reset clears; the runtime environment's objects keep their content. */
    public void clearAtReset() {
        reset.clear();
        for (Ram one : deselect) {
            if (one != null) {
                one.clear();
            }
        }
        Arrays.fill(peers, null);
    }

    /** Clear CLEAR_ON_DESELECT objects of a context. */
    public void clearAtDeselect(int context) {
        if (deselect[context] != null) {
            deselect[context].clear();
        }
    }

    /** Bytes of CLEAR_ON_RESET memory left. */
    public int availableReset() {
        return reset.available();
    }

    /** Bytes of CLEAR_ON_DESELECT memory left to a context. */
    public int availableDeselect(int context) {
        return deselect[context] == null ? deselectLimit : deselect[context].available();
    }

    /** Take the tops of RAM back to what is in use: after objects were deleted. */
    public void settleRam() {
        reset.setTop(0);
        for (Ram one : deselect) {
            if (one != null) {
                one.setTop(0);
            }
        }
        for (int reference = FIRST_HANDLE; reference < kind.length; reference++) {
            if (kind[reference] != 0 && space[reference] != Space.PERSISTENT) {
                ramOf(reference).claim(body[reference], contentBytes(reference));
            }
        }
    }
}
