package cardlab.vm.memory;

/** There is no room for an object: persistent (SystemException.NO_RESOURCE) or transient (NO_TRANSIENT_SPACE). */
public final class MemoryFull extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean isTransient;

    public MemoryFull(boolean isTransient) {
        super(isTransient ? "no transient memory is left" : "no persistent memory is left", null, false, false);
        this.isTransient = isTransient;
    }

    public boolean isTransient() {
        return isTransient;
    }
}
