package cardlab.vm.jcre;

/** References of the runtime environment's own objects (1 to 511). */
public final class SystemObjects {
    public static final int APDU = 1;
    /** The APDU buffer, a global array (JCRE 3.0.5, 6.2.2). */
    public static final int APDU_BUFFER = 2;
    /** install()'s array, global as well. */
    public static final int INSTALL_ARRAY = 3;
    /** Where Personalization.processData() puts its answer. */
    public static final int OUTPUT = 4;
    /** Objects of org.globalplatform that the card gives out: from here to 15. */
    public static final int PLATFORM = 5;
    public static final int EXCEPTIONS = 16;
    /** The AID object of instance n is AIDS + n. */
    public static final int AIDS = 256;
    public static final int GLOBAL_ARRAYS = 384;
    public static final int LAST = 511;

    private SystemObjects() {}
}
