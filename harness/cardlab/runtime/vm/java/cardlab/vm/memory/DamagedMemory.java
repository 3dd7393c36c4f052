package cardlab.vm.memory;

/** Bytes that are no memory of a card. */
public final class DamagedMemory extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DamagedMemory(String message) {
        super(message);
    }
}
