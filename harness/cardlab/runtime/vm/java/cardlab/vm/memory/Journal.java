package cardlab.vm.memory;

import java.util.BitSet;

/**
 * The undo journal of transactions (JCRE 3.0.5, 7), in persistent memory: before a range of bytes changes, what it holds is
 * written down.
 *
 * <p>Layout from {@code base}: used (4 bytes), then entries: address (4), length (2), old bytes. An entry counts once
 * {@code used} includes it, and {@code used} is one cell, so a tear leaves a sound journal at every moment. Commit is one
 * write, of 0 into {@code used}. Undoing goes from the last entry to the first and can be repeated from its beginning.
 */
public final class Journal {
    /** Bytes that an entry takes beside the old bytes. */
    public static final int ENTRY = 6;

    private static final int HEAD = 4;

    private final Nvm nvm;
    private final int base;
    private final int capacity;
    /** Bytes that need not be written down (again): by address. */
    private final BitSet covered = new BitSet();
    private boolean open;
    private long serial;

    /** A journal with room for {@code capacity} bytes of entries. */
    public Journal(Nvm nvm, int base, int capacity) {
        this.nvm = nvm;
        this.base = base;
        this.capacity = capacity;
        nvm.require(base + size(capacity));
    }

    /** Persistent bytes of a journal. */
    public static int size(int capacity) {
        return HEAD + capacity;
    }

    public int capacity() {
        return capacity;
    }

    public boolean isOpen() {
        return open;
    }

    /** A number for the transaction in progress, another one for each; 0 outside of transactions. */
    public long serial() {
        return open ? serial : 0;
    }

    /** Bytes of entries that are in use. */
    public int used() {
        return nvm.get4(base);
    }

    /** Begin a transaction. */
    public void begin() {
        open = true;
        serial++;
    }

    /** What the range holds is about to change: write it down where it is not yet. Throws JournalFull, nothing changed. */
    public void save(int address, int length) {
        int at = covered.nextClearBit(address);
        while (at < address + length) {
            int next = covered.nextSetBit(at);
            int end = next < 0 ? address + length : Math.min(next, address + length);
            append(at, end - at);
            at = covered.nextClearBit(end);
        }
    }

    /** Whether saving such ranges would fit; what is written down already counts as well, so this errs on the safe side. */
    public boolean hasRoomFor(int length) {
        return used() + ENTRY + length <= capacity;
    }

    /** These bytes are new in this transaction: their content is of no use when it is undone. */
    public void cover(int address, int length) {
        covered.set(address, address + length);
    }

    private void append(int address, int length) {
        int used = used();
        if (used + ENTRY + length > capacity) {
            throw new JournalFull();
        }
        int entry = base + HEAD + used;
        nvm.put4(entry, address, WriteKind.JOURNAL);
        nvm.put2(entry + 4, length, WriteKind.JOURNAL);
        nvm.putCells(entry + ENTRY, nvm.bytes(), address, length, 1, WriteKind.JOURNAL);
        nvm.put4(base, used + ENTRY + length, WriteKind.JOURNAL);
        covered.set(address, address + length);
    }

    /**
     * Add 1 or -1 to what is written down for a byte, which does not go below 0: a try that was used stays used when the
     * transaction is undone (OwnerPIN.check). Tells whether something changed.
     */
    public boolean addToSaved(int address, int change) {
        boolean changed = false;
        int end = base + HEAD + used();
        for (int entry = base + HEAD; entry < end; entry += ENTRY + nvm.get2(entry + 4)) {
            int place = entry + ENTRY + address - nvm.get4(entry);
            boolean isIn = place >= entry + ENTRY && place < entry + ENTRY + nvm.get2(entry + 4);
            if (isIn && nvm.get1(place) + change >= 0) {
                nvm.put1(place, nvm.get1(place) + change, WriteKind.JOURNAL);
                changed = true;
            }
        }
        return changed;
    }

    /** The changes stay: one write decides it. */
    public void commit() {
        int used = used();
        if (used != 0) {
            nvm.put4(base, 0, WriteKind.COMMIT);
            wipe(used);
        }
        close();
    }

    /** Take all changes back; also what recovery after a power cut does (JCRE 3.0.5, 7.6). */
    public void undo() {
        int used = used();
        int[] starts = new int[used / ENTRY + 1];
        int count = 0;
        for (int at = 0; at < used; at += ENTRY + nvm.get2(base + HEAD + at + 4)) {
            starts[count++] = base + HEAD + at;
        }
        while (count > 0) {
            int entry = starts[--count];
            int length = nvm.get2(entry + 4);
            nvm.putCells(nvm.get4(entry), nvm.bytes(), entry + ENTRY, length, 1, WriteKind.RECOVERY);
        }
        if (used != 0) {
            nvm.put4(base, 0, WriteKind.RECOVERY);
            wipe(used);
        }
        close();
    }

    /** Old values may be secrets: nothing of them stays. Pages that are clear already are left alone. */
    private void wipe(int length) {
        for (int at = base + HEAD; at < base + HEAD + length; at += Nvm.PAGE) {
            int part = Math.min(Nvm.PAGE, base + HEAD + capacity - at);
            if (!isClear(at, part)) {
                nvm.putPages(at, null, part, WriteKind.CLEAR);
            }
        }
    }

    private boolean isClear(int from, int length) {
        for (int at = from; at < from + length; at++) {
            if (nvm.bytes()[at] != 0) {
                return false;
            }
        }
        return true;
    }

    /** At power up, after undo(): what a power cut left of a journal that had done its work. */
    public void wipe() {
        wipe(capacity);
    }

    /** Forget the transaction without a write: the power is gone. */
    public void drop() {
        close();
    }

    private void close() {
        covered.clear();
        open = false;
    }
}
