package cardlab.vm.memory;

/** Where an object's content is. */
public final class Space {
    public static final int PERSISTENT = 0;
    public static final int RESET = 1;
    public static final int DESELECT = 2;
    /** The runtime environment's own objects, outside of the card's quotas. */
    public static final int SYSTEM = 3;

    private Space() {}
}
