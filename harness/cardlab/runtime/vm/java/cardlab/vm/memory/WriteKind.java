package cardlab.vm.memory;

/** What a persistent write belongs to. */
public enum WriteKind {
    FIELD, STATIC, ARRAY,
    /** A cell of a copy or fill that JCRE 3.0.5, 7.7 leaves unprotected: a tear may leave any value in it. */
    NON_ATOMIC,
    HEADER, TABLE,
    /** Pages that are in no block yet, or of a journal that has done its work: a tear may leave anything in them. */
    CLEAR,
    JOURNAL, COMMIT, RECOVERY,
    /** Pages of a package that is not live yet: a tear may leave anything in them. */
    CODE,
    REGISTRY;

    /** Whether a tear may leave any value, and not only the old one or the new one. */
    public boolean leavesAnything() {
        return this == NON_ATOMIC || this == CLEAR || this == CODE;
    }
}
