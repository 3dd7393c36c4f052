package cardlab.vm.memory;

/** What the cell holds that was being written when the power failed. */
public enum TornCell {
    OLD, NEW,
    /** Any value, where the specification allows that (WriteKind.NON_ATOMIC); elsewhere old or new, by chance. */
    RANDOM
}
