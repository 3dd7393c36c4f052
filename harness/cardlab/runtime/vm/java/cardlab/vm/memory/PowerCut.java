package cardlab.vm.memory;

/** The card has lost its power during a persistent write; nothing of the command goes on. */
public final class PowerCut extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** At the n-th persistent write of the command. */
    public PowerCut(long write) {
        super("the power was cut at persistent write " + write, null, false, false);
    }
}
