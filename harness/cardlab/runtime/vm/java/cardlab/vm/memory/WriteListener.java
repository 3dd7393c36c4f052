package cardlab.vm.memory;

/** Is told of every persistent write before it takes place. */
@FunctionalInterface
public interface WriteListener {
    /** {@code length} bytes (1, 2, 4, or up to a page of 64 for CLEAR and CODE) at {@code address} are to be written. */
    void writing(long number, int address, int length, WriteKind kind);
}
