package cardlab.vm.tears;

import cardlab.vm.memory.Nvm;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.memory.WriteListener;
import java.util.Arrays;

/**
 * Persistent writes in their order, each with what the cell or page held before and after.
 *
 * <p>They are kept as runs: one write, or cells that were written one behind the other. Writes are counted from 0 through all
 * runs; {@link #first} says with which write a run begins.
 */
final class WriteLog implements WriteListener {
    private static final WriteKind[] KINDS = WriteKind.values();

    private final Nvm nvm;
    private int runs;
    private int count;
    private int[] address = new int[1 << 8];
    private int[] cell = new int[1 << 8];
    private byte[] kind = new byte[1 << 8];
    private int[] call = new int[1 << 8];
    private int[] number = new int[1 << 8];
    private int[] first = new int[1 << 8];
    /** Where the old bytes of a run begin in {@link #bytes}; the new ones stand behind them. */
    private int[] place = new int[1 << 8];
    private byte[] bytes = new byte[1 << 13];
    private int used;
    private boolean isOpen;
    private int current;
    private long last;

    WriteLog(Nvm nvm) {
        this.nvm = nvm;
    }

    void clear() {
        runs = 0;
        count = 0;
        used = 0;
        isOpen = false;
        startCall(0);
    }

    /** The writes that follow belong to the n-th call of the runtime, from 0. */
    void startCall(int which) {
        current = which;
        last = 0;
    }

    @Override
    public void writing(long at, int ofAddress, int ofLength, WriteKind ofKind) {
        writingCells(at, ofAddress, 1, ofLength, ofKind);
    }

    @Override
    public boolean writingCells(long at, int ofAddress, int cells, int ofCell, WriteKind ofKind) {
        close();
        if (runs == address.length) {
            grow();
        }
        address[runs] = ofAddress;
        cell[runs] = ofCell;
        kind[runs] = (byte) ofKind.ordinal();
        number[runs] = (int) at;
        current += at <= last ? 1 : 0; // numbers begin anew with each call
        last = at + cells - 1;
        call[runs] = current;
        first[runs] = count;
        place[runs] = used;
        count += cells;
        runs++;
        append(ofAddress, cells * ofCell);
        isOpen = true;
        return true;
    }

    /** The last writes have been done: their new bytes are in memory. */
    void close() {
        if (isOpen) {
            append(address[runs - 1], length(runs - 1));
            isOpen = false;
        }
    }

    private void append(int from, int size) {
        if (used + size > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(used + size, 2 * bytes.length));
        }
        System.arraycopy(nvm.bytes(), from, bytes, used, size);
        used += size;
    }

    private void grow() {
        int size = 2 * runs;
        address = Arrays.copyOf(address, size);
        cell = Arrays.copyOf(cell, size);
        kind = Arrays.copyOf(kind, size);
        call = Arrays.copyOf(call, size);
        number = Arrays.copyOf(number, size);
        first = Arrays.copyOf(first, size);
        place = Arrays.copyOf(place, size);
    }

    // Runs

    /** How many writes there are. */
    int count() {
        return count;
    }

    int runs() {
        return runs;
    }

    /** The first write of a run. */
    int first(int run) {
        return first[run];
    }

    /** The write behind the last one of a run. */
    int end(int run) {
        return run + 1 < runs ? first[run + 1] : count;
    }

    WriteKind kind(int run) {
        return KINDS[kind[run]];
    }

    /** The run that a write is in. */
    int runOf(int write) {
        int found = Arrays.binarySearch(first, 0, runs, write);
        return found < 0 ? -2 - found : found;
    }

    /** Bytes that a run writes. */
    private int length(int run) {
        return (end(run) - first[run]) * cell[run];
    }

    /** The first write of a run, from this one on, that changes something; the run's end when there is none. */
    int nextChange(int run, int write) {
        int middle = place[run] + length(run);
        int skipped = (write - first[run]) * cell[run];
        int found = Arrays.mismatch(bytes, place[run] + skipped, middle, bytes, middle + skipped, middle + length(run));
        return found < 0 ? end(run) : write + found / cell[run];
    }

    /** How many of the last writes are the same as those of another log, with the same bytes before and after. */
    int sameAtEnd(WriteLog other) {
        int same = 0;
        int theirs = other.runs - 1;
        for (int run = runs - 1; run >= 0 && theirs >= 0 && isAlike(run, other, theirs); run--, theirs--) {
            int cells = sameCells(run, other, theirs);
            same += cells;
            if (cells < end(run) - first[run]) {
                break;
            }
        }
        return same;
    }

    private boolean isAlike(int run, WriteLog other, int theirs) {
        return address[run] == other.address[theirs] && cell[run] == other.cell[theirs] && length(run) == other.length(theirs);
    }

    private int sameCells(int run, WriteLog other, int theirs) {
        int length = length(run);
        int here = place[run];
        int there = other.place[theirs];
        if (Arrays.equals(bytes, here, here + 2 * length, other.bytes, there, there + 2 * length)) {
            return length / cell[run];
        }
        int at = length;
        while (at > 0 && bytes[here + at - 1] == other.bytes[there + at - 1]
                && bytes[here + length + at - 1] == other.bytes[there + length + at - 1]) {
            at--;
        }
        return (length - at) / cell[run];
    }

    // Writes

    /** Which call of the runtime a write belongs to: each has its own numbers. */
    int call(int write) {
        return call[runOf(write)];
    }

    /** The number of the write within its call, from 1. */
    int number(int write) {
        int run = runOf(write);
        return number[run] + write - first[run];
    }

    int address(int write) {
        int run = runOf(write);
        return address[run] + (write - first[run]) * cell[run];
    }

    byte[] old(int write) {
        return content(write, 0);
    }

    byte[] fresh(int write) {
        return content(write, length(runOf(write)));
    }

    private byte[] content(int write, int offset) {
        int run = runOf(write);
        int from = place[run] + offset + (write - first[run]) * cell[run];
        return Arrays.copyOfRange(bytes, from, from + cell[run]);
    }

    /** Do the writes of a run from one on, up to another. */
    void doTo(Memory memory, int run, int from, int to) {
        int skipped = (from - first[run]) * cell[run];
        memory.put(address[run] + skipped, bytes, place[run] + length(run) + skipped, (to - from) * cell[run]);
    }

    /** Do all writes. */
    void doTo(Memory memory) {
        doTo(memory, 0);
    }

    /** Do all writes from one on, which is the first of a run. */
    void doTo(Memory memory, int write) {
        for (int run = write == count ? runs : runOf(write); run < runs; run++) {
            doTo(memory, run, first[run], end(run));
        }
    }

    /** How many writes may leave anything when they are torn. */
    int free() {
        int free = 0;
        for (int run = 0; run < runs; run++) {
            free += kind(run).leavesAnything() ? end(run) - first[run] : 0;
        }
        return free;
    }

    /** The n-th of them, from 0. */
    int free(int which) {
        int left = which;
        int run = 0;
        while (!kind(run).leavesAnything() || left >= end(run) - first[run]) {
            left -= kind(run).leavesAnything() ? end(run) - first[run] : 0;
            run++;
        }
        return first[run] + left;
    }
}
