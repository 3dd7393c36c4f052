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
    /** org.globalplatform.SecureChannel. */
    public static final int SECURE_CHANNEL = 5;
    /** The classes OneShot of javacard.security and javacardx.crypto, one object each. */
    public static final int MESSAGE_DIGEST_ONE_SHOT = 6;
    public static final int INITIALIZED_DIGEST_ONE_SHOT = 7;
    public static final int RANDOM_DATA_ONE_SHOT = 8;
    public static final int SIGNATURE_ONE_SHOT = 9;
    public static final int CIPHER_ONE_SHOT = 10;
    /** Registry entries of what is no applet of this machine: security domains. */
    public static final int FOREIGN_ENTRIES = 11;
    public static final int FOREIGN_ENTRY_COUNT = 5;
    public static final int EXCEPTIONS = 16;
    /** The org.globalplatform.GPRegistryEntry of instance n is ENTRIES + n. */
    public static final int ENTRIES = 128;
    /** The highest number of an instance. */
    public static final int MOST_INSTANCES = Registry.MOST;
    /** The AID object of instance n is AIDS + n. */
    public static final int AIDS = 256;
    public static final int GLOBAL_ARRAYS = 384;
    public static final int LAST = 511;

    private SystemObjects() {}
}
