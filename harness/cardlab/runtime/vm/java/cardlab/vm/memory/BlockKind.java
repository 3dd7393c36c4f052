package cardlab.vm.memory;

/** First byte of a block's header. Arrays have the atype of newarray, with 14 for references. */
public final class BlockKind {
    /** No block: the heap ends here. */
    public static final int NONE = 0;
    public static final int OBJECT = 1;
    /** A page of the object table. */
    public static final int TABLE = 2;
    public static final int PACKAGE = 3;
    public static final int INSTANCE = 4;
    /** A static field image. */
    public static final int STATICS = 5;
    public static final int BOOLEAN_ARRAY = 10;
    public static final int BYTE_ARRAY = 11;
    public static final int SHORT_ARRAY = 12;
    public static final int INT_ARRAY = 13;
    public static final int REFERENCE_ARRAY = 14;
    public static final int FREE = 0x7F;

    private BlockKind() {}

    /** Whether blocks of this kind have a reference. */
    static boolean hasReference(int kind) {
        return kind == OBJECT || isArray(kind);
    }

    public static boolean isArray(int kind) {
        return kind >= BOOLEAN_ARRAY && kind <= REFERENCE_ARRAY;
    }

    /** Bytes of an element, as a power of two. */
    public static int shift(int arrayKind) {
        return arrayKind <= BYTE_ARRAY ? 0 : arrayKind == INT_ARRAY ? 2 : 1;
    }
}
