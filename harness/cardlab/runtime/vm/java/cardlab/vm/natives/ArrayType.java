package cardlab.vm.natives;

/** Element types of arrays (JCVM 3.0.5, 7.5.73 newarray and Table 7-2 checkcast). */
public enum ArrayType {
    BOOLEAN(10, 1), BYTE(11, 1), SHORT(12, 2), INT(13, 4), REFERENCE(14, 2);

    private final int code;
    private final int cell;

    ArrayType(int code, int cell) {
        this.code = code;
        this.cell = cell;
    }

    /** The atype of newarray; 14 for references. */
    public int code() {
        return code;
    }

    /** Bytes of an element. */
    public int cell() {
        return cell;
    }

    /** The type with this atype, or null. */
    public static ArrayType of(int code) {
        return code >= 10 && code <= 14 ? values()[code - 10] : null;
    }
}
