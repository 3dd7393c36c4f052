package cardlab.vm.link;

/** How the bytes after an opcode read. */
public enum Operand {
    S1(1), S2(2), S4(4), LOCAL(1), POOL1(1), POOL2(2), BRANCH1(1), BRANCH2(2), ATYPE(1), NIBBLES(1), COUNT(1), IMETHOD(1),
    /** A table switch: default, low, high, and an offset for each value. */
    TABLE(0),
    /** A lookup switch: default, count, and match and offset for each. */
    LOOKUP(0);

    private final int size;

    Operand(int size) {
        this.size = size;
    }

    /** Bytes; 0 when they depend on what follows. */
    public int size() {
        return size;
    }
}
