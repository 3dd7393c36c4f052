package cardlab.vm.natives;

/**
 * One call of a native method: its arguments, and the card as native code sees it.
 *
 * <p>References are numbers, 0 is null. Everything below checks null (NullPointerException), the firewall for the calling
 * context (SecurityException) and bounds (ArrayIndexOutOfBoundsException, also for a negative offset or length) and throws
 * them as Java Card exceptions. Persistent bytes are written through the transaction in progress, and a power cut can
 * happen at each of them: native code needs nothing but the right order of its writes.
 */
public interface Call {
    // Arguments, by the number of the 16-bit cell: an int takes two; in instance methods cell 0 is `this`

    /** The object that the method is called on. */
    int self();

    /** A reference argument. */
    int ref(int cell);

    /** A short, byte or boolean argument. */
    short number(int cell);

    /** An int argument, in this cell and the next. */
    int wide(int cell);

    // Exceptions

    /** The runtime environment's exception of a class without a reason: {@code throw call.thrown("java/lang/…")}. */
    JavaCardException thrown(String className);

    /** The runtime environment's exception of a class with a reason code. */
    JavaCardException thrown(String className, int reason);

    // Arrays

    /** The number of elements. */
    int length(int array);

    /** A copy of part of a byte or boolean array. */
    byte[] bytes(int array, int offset, int length);

    /** One element of a byte array. */
    byte byteAt(int array, int index);

    /** Write into a byte array as Util.arrayCopy() does: all or nothing, also at a power cut. */
    void write(int array, int offset, byte[] from);

    /** Write into a byte array as Util.arrayCopyNonAtomic() does: not rolled back, torn at any cell. */
    void writeNonAtomic(int array, int offset, byte[] from);

    /** Refuse an access that a later write would make: null, firewall, bounds. */
    void require(int array, int offset, int length);

    /** The type of an array; null when the object is no array. */
    ArrayType arrayType(int array);

    // Objects

    /** A new array of the calling applet, zero. Throws SystemException (NO_RESOURCE, NO_TRANSIENT_SPACE). */
    int newArray(ArrayType type, int length, MemoryType memory);

    /** A new object of a native class for the calling applet, its fields zero; no constructor runs. */
    int newObject(String className);

    /** The class of an object, with slashes; for people, and to tell native classes apart. */
    String className(int object);

    /** Whether an object is of this class or interface or one below it; false for null. */
    boolean isInstance(int object, String className);

    /** Field {@code number} (superclass's first) as a signed 16-bit value, or as a reference. No firewall: own objects only. */
    short field(int object, int number);

    /** A field that holds a reference. */
    int refField(int object, int number);

    /** Set a field: a reference or 16 bits. */
    void setField(int object, int number, int value);

    /** All bytes of an array that belongs to a native object's inside; no firewall. */
    byte[] inside(int array);

    /** Write into such an array, through the transaction; no firewall. */
    void writeInside(int array, int offset, byte[] from);

    /** What the object has beside its fields; null after a reset, or when it never had anything. */
    Peer peer(int object);

    /** Give it something. */
    void setPeer(int object, Peer peer);

    // The card

    /** Draw from the card's one source of randomness. */
    void random(byte[] into);

    /** Mix into the card's source of randomness (RandomData.setSeed). */
    void seed(byte[] from);

    /**
     * The result of work that draws random numbers; it may be that of an earlier time when the same numbers are drawn.
     * {@code what} names all else that decides it.
     */
    <T> T drawn(String what, java.util.function.Supplier<T> work);

    /** A property of the card by name ({@code crypto.rsa.max}); {@code otherwise} when it is not set. */
    String property(String name, String otherwise);

    /** A cryptographic operation, for those who watch or count: algorithm, and bytes that went through it. */
    void crypto(String algorithm, int length);

    /** Something that a test should be told, though the card goes on. */
    void warn(String message);

    /** Call a method of an object, as Java code of the card would, in the object's context (JCRE 3.0.5, 6.2.8). */
    int invoke(int object, String className, String method, String descriptor, int... arguments);

    /** Ask the card manager: a service of org.globalplatform for the calling applet; status word first, then the result. */
    byte[] service(int service, byte[] argument);
}
