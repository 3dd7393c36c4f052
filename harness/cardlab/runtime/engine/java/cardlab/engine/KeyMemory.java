package cardlab.engine;

/** Where a key is kept: JCSystem.MEMORY_TYPE_*. */
public enum KeyMemory {
    PERSISTENT,
    TRANSIENT_RESET,
    TRANSIENT_DESELECT;

    /** Of the value of MEMORY_TYPE_*; NO_SUCH_ALGORITHM when keys cannot be kept there. */
    public static KeyMemory of(int number) {
        if (number < 0 || number >= values().length) {
            throw EngineException.noSuchAlgorithm("keys cannot be kept in memory of type " + number);
        }
        return values()[number];
    }
}
