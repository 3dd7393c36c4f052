package cardlab.vm.memory;

/** What a persistent write belongs to. */
public enum WriteKind {
    FIELD, STATIC, ARRAY,
    /** A cell of a copy or fill that JCRE 3.0.5, 7.7 leaves unprotected: a tear may leave any value in it. */
    NON_ATOMIC,
    HEADER, TABLE, CLEAR, JOURNAL, COMMIT, RECOVERY, CODE, REGISTRY
}
