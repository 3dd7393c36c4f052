package cardlab.vm.interpreter;

import java.util.Arrays;

/**
 * The stack of 16-bit cells (JCVM 3.0.5, 3.5) with what each cell holds. Every access compares; without checks a wrong type
 * passes, as on a card that trusts its verifier.
 */
final class Stack {
    static final byte NONE = 0;
    static final byte SHORT = 1;
    /** Either half of an int; the first cell has the high half. */
    static final byte INT = 2;
    static final byte REFERENCE = 3;
    static final byte RETURN_ADDRESS = 4;
    /** Between a frame's local variables and its operands. */
    static final byte GUARD = 5;

    /** Cells beyond the limit, so that code that pushes more than it declared stays in the array. */
    private static final int SLACK = 512;

    final short[] cells;
    final byte[] tags;
    int sp;
    private final int limit;
    private final boolean isChecked;

    Stack(int limit, boolean isChecked) {
        this.limit = limit;
        this.isChecked = isChecked;
        cells = new short[limit + SLACK];
        tags = new byte[limit + SLACK];
    }

    boolean hasRoomFor(int count) {
        return sp + count <= limit;
    }

    boolean isChecked() {
        return isChecked;
    }

    void pushShort(int value) {
        cells[sp] = (short) value;
        tags[sp++] = SHORT;
    }

    void pushReference(int reference) {
        cells[sp] = (short) reference;
        tags[sp++] = REFERENCE;
    }

    void pushInt(int value) {
        cells[sp] = (short) (value >> 16);
        tags[sp++] = INT;
        cells[sp] = (short) value;
        tags[sp++] = INT;
    }

    void pushReturnAddress(int address) {
        cells[sp] = (short) address;
        tags[sp++] = RETURN_ADDRESS;
    }

    int popShort() {
        require(--sp, SHORT);
        return cells[sp];
    }

    int popReference() {
        require(--sp, REFERENCE);
        return cells[sp] & 0xFFFF;
    }

    int popInt() {
        sp -= 2;
        require(sp, INT);
        require(sp + 1, INT);
        return cells[sp] << 16 | cells[sp + 1] & 0xFFFF;
    }

    int shortAt(int cell) {
        require(cell, SHORT);
        return cells[cell];
    }

    int referenceAt(int cell) {
        require(cell, REFERENCE);
        return cells[cell] & 0xFFFF;
    }

    int intAt(int cell) {
        require(cell, INT);
        require(cell + 1, INT);
        return cells[cell] << 16 | cells[cell + 1] & 0xFFFF;
    }

    int returnAddressAt(int cell) {
        require(cell, RETURN_ADDRESS);
        return cells[cell] & 0xFFFF;
    }

    void setShort(int cell, int value) {
        cells[cell] = (short) value;
        tags[cell] = SHORT;
    }

    void setInt(int cell, int value) {
        cells[cell] = (short) (value >> 16);
        tags[cell] = INT;
        cells[cell + 1] = (short) value;
        tags[cell + 1] = INT;
    }

    /** Pop a reference or a return address (astore) into a local variable. */
    void popAddressInto(int cell) {
        byte tag = tags[--sp];
        if (tag != REFERENCE && tag != RETURN_ADDRESS) {
            mismatch(REFERENCE, tag);
        }
        cells[cell] = cells[sp];
        tags[cell] = tag;
    }

    void drop(int count) {
        for (int i = 0; i < count; i++) {
            requireOperand(--sp);
        }
    }

    /** dup_x: copy the top {@code m} cells below the top {@code n}; n = 0 means just above them. */
    void duplicate(int m, int n) {
        int depth = n == 0 ? m : n;
        for (int i = 1; i <= Math.max(depth, m); i++) {
            requireOperand(sp - i);
        }
        int from = sp - depth;
        System.arraycopy(cells, from, cells, from + m, depth);
        System.arraycopy(tags, from, tags, from + m, depth);
        System.arraycopy(cells, sp, cells, from, m);
        System.arraycopy(tags, sp, tags, from, m);
        sp += m;
    }

    /** swap_x: exchange the top {@code m} cells with the {@code n} below them. */
    void swap(int m, int n) {
        int bottom = sp - m - n;
        for (int i = bottom; i < sp; i++) {
            requireOperand(i);
        }
        short[] values = Arrays.copyOfRange(cells, bottom, sp);
        byte[] kinds = Arrays.copyOfRange(tags, bottom, sp);
        for (int i = 0; i < m + n; i++) {
            int to = bottom + (i < n ? i + m : i - n);
            cells[to] = values[i];
            tags[to] = kinds[i];
        }
    }

    /** A frame's local variables begin without a value, then comes the guard. */
    void reserve(int locals) {
        Arrays.fill(tags, sp, sp + locals, NONE);
        sp += locals;
        tags[sp++] = GUARD;
    }

    /** The object is gone: its references are null (JCRE 3.0.5, 7.6.3). */
    void forget(java.util.Collection<Integer> references) {
        for (int i = 0; i < sp; i++) {
            if (tags[i] == REFERENCE && references.contains(cells[i] & 0xFFFF)) {
                cells[i] = 0;
            }
        }
    }

    private void require(int cell, byte tag) {
        if (tags[cell] != tag) {
            mismatch(tag, tags[cell]);
        }
    }

    private void requireOperand(int cell) {
        if (tags[cell] == GUARD || tags[cell] == NONE) {
            mismatch(SHORT, tags[cell]);
        }
    }

    private void mismatch(byte wanted, byte found) {
        if (isChecked) {
            throw new IllegalCode("a cell holds " + name(found) + " where " + name(wanted) + " is wanted");
        }
    }

    private static String name(byte tag) {
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
