package cardlab.vm.memory;

/** Is told of every persistent write before it takes place. */
@FunctionalInterface
public interface WriteListener {
    /** {@code length} bytes (1, 2, 4, or up to a page of 64 for CLEAR and CODE) at {@code address} are to be written. */
    void writing(long number, int address, int length, WriteKind kind);

    /**
     * {@code count} cells of {@code cell} bytes, one behind the other from {@code address} on, are to be written one after
     * the other, the first as write {@code number}. False: it wants to be told of each, and this was not heard.
     */
    default boolean writingCells(long number, int address, int count, int cell, WriteKind kind) {
        return false;
    }
}
