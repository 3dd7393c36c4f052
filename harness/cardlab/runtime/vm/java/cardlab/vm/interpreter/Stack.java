package cardlab.vm.interpreter;

import java.util.Arrays;

/**
 * The stack of 16-bit cells (JCVM 3.0.5, 3.5), each with what it holds in the bits above: one int of the host is one cell,
 * so that a push is one store. Every access compares; without checks a wrong type passes, as on a card that trusts its
 * verifier.
 */
final class Stack {
    static final int NONE = 0;
    static final int SHORT = 1 << 16;
    /** Either half of an int; the first cell has the high half. */
    static final int INT = 2 << 16;
    static final int REFERENCE = 3 << 16;
    static final int RETURN_ADDRESS = 4 << 16;
    /** Between a frame's local variables and its operands. */
    static final int GUARD = 5 << 16;

    private static final int VALUE = 0xFFFF;
    private static final int TAG = ~VALUE;
    /** Cells beyond the limit, so that code that pushes more than it declared stays in the array. */
    private static final int SLACK = 512;

    private final int[] cells;
    int sp;
    private final int limit;
    private final boolean isChecked;

    Stack(int limit, boolean isChecked) {
        this.limit = limit;
        this.isChecked = isChecked;
        cells = new int[limit + SLACK];
    }

    /** Whether code pushed as much as there is room for: the bound of the host's array is what notices. */
    boolean isFull() {
        return sp >= cells.length - 1;
    }

    boolean hasRoomFor(int count) {
        return sp + count <= limit;
    }

    boolean isChecked() {
        return isChecked;
    }

    void pushShort(int value) {
        cells[sp++] = SHORT | value & VALUE;
    }

    void pushReference(int reference) {
        cells[sp++] = REFERENCE | reference & VALUE;
    }

    void pushInt(int value) {
        cells[sp++] = INT | value >>> 16;
        cells[sp++] = INT | value & VALUE;
    }

    void pushReturnAddress(int address) {
        cells[sp++] = RETURN_ADDRESS | address;
    }

    int popShort() {
        return (short) checked(cells[--sp], SHORT);
    }

    int popReference() {
        return checked(cells[--sp], REFERENCE) & VALUE;
    }

    int popInt() {
        sp -= 2;
        return intAt(sp);
    }

    int shortAt(int cell) {
        return (short) checked(cells[cell], SHORT);
    }

    int referenceAt(int cell) {
        return checked(cells[cell], REFERENCE) & VALUE;
    }

    int intAt(int cell) {
        return checked(cells[cell], INT) << 16 | checked(cells[cell + 1], INT) & VALUE;
    }

    int returnAddressAt(int cell) {
        return checked(cells[cell], RETURN_ADDRESS) & VALUE;
    }

    /** What a cell holds: one of the constants. */
    int tag(int cell) {
        return cells[cell] & TAG;
    }

    /** The sixteen bits of a cell, whatever they are. */
    short raw(int cell) {
        return (short) cells[cell];
    }

    void setShort(int cell, int value) {
        cells[cell] = SHORT | value & VALUE;
    }

    void setInt(int cell, int value) {
        cells[cell] = INT | value >>> 16;
        cells[cell + 1] = INT | value & VALUE;
    }

    void setReference(int cell, int reference) {
        cells[cell] = REFERENCE | reference & VALUE;
    }

    /** Sixteen bits, and what they are. */
    void put(int cell, int tag, int value) {
        cells[cell] = tag | value & VALUE;
    }

    /** All cells as on a new card. */
    void clear() {
        Arrays.fill(cells, 0);
    }

    /** Without a value. */
    void clear(int cell) {
        cells[cell] = NONE;
    }

    /** Pop a reference or a return address (astore) into a local variable. */
    void popAddressInto(int cell) {
        int value = cells[--sp];
        if ((value & TAG) != RETURN_ADDRESS) {
            checked(value, REFERENCE);
        }
        cells[cell] = value;
    }

    /** Copy a cell with what it holds. */
    void copy(int from, int to) {
        cells[to] = cells[from];
    }

    void drop(int count) {
        for (int i = 0; i < count; i++) {
            requireOperand(--sp);
        }
    }

    /** dup: the most frequent form of dup_x. */
    void duplicateTop() {
        requireOperand(sp - 1);
        cells[sp] = cells[sp - 1];
        sp++;
    }

    /** dup_x: copy the top {@code m} cells below the top {@code n}; n = 0 means just above them. */
    void duplicate(int m, int n) {
        int depth = n == 0 ? m : n;
        for (int i = 1; i <= Math.max(depth, m); i++) {
            requireOperand(sp - i);
        }
        int from = sp - depth;
        System.arraycopy(cells, from, cells, from + m, depth);
        System.arraycopy(cells, sp, cells, from, m);
        sp += m;
    }

    /** swap_x: exchange the top {@code m} cells with the {@code n} below them. */
    void swap(int m, int n) {
        int bottom = sp - m - n;
        for (int i = bottom; i < sp; i++) {
            requireOperand(i);
        }
        int[] values = Arrays.copyOfRange(cells, bottom, sp);
        for (int i = 0; i < m + n; i++) {
            cells[bottom + (i < n ? i + m : i - n)] = values[i];
        }
    }

    /** A frame's local variables begin without a value, then comes the guard. */
    void reserve(int locals) {
        for (int i = 0; i < locals; i++) {
            cells[sp++] = NONE;
        }
        cells[sp++] = GUARD;
    }

    /** The object is gone: its references are null (JCRE 3.0.5, 7.6.3). */
    void forget(java.util.Collection<Integer> references) {
        for (int i = 0; i < sp; i++) {
            if (tag(i) == REFERENCE && references.contains(cells[i] & VALUE)) {
                cells[i] = REFERENCE;
            }
        }
    }

    private int checked(int cell, int tag) {
        if ((cell & TAG) != tag && isChecked) {
            throw mismatch(tag, cell & TAG);
        }
        return cell;
    }

    private void requireOperand(int cell) {
        int tag = cell < 0 ? GUARD : tag(cell);
        if ((tag == GUARD || tag == NONE) && isChecked) {
            throw mismatch(SHORT, tag);
        }
    }

    private static IllegalCode mismatch(int wanted, int found) {
        return new IllegalCode("a cell holds " + name(found) + " where " + name(wanted) + " is wanted");
    }

    private static String name(int tag) {
        return switch (tag) {
            case SHORT -> "a short";
            case INT -> "half an int";
            case REFERENCE -> "a reference";
            case RETURN_ADDRESS -> "a return address";
            case GUARD -> "nothing: the stack of the method is empty";
            default -> "nothing";
        };
    }
}
