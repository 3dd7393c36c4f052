package cardlab.vm.link;

/** Constant pool entries (JCVM 3.0.5, Table 6-7). */
public enum PoolTag {
    CLASS(1), INSTANCE_FIELD(2), VIRTUAL_METHOD(3), SUPER_METHOD(4), STATIC_FIELD(5), STATIC_METHOD(6),
    /** No entry's tag: what invokespecial takes, a SUPER_METHOD or a STATIC_METHOD (JCVM 3.0.5, 7.5.53). */
    SPECIAL(0);

    private final int code;

    PoolTag(int code) {
        this.code = code;
    }

    static PoolTag of(int code) throws LinkError {
        if (code < 1 || code > 6) {
            throw new LinkError("ConstantPool: no entry has tag " + code);
        }
        return values()[code - 1];
    }

    boolean takes(PoolTag found) {
        return this == found || this == SPECIAL && (found == SUPER_METHOD || found == STATIC_METHOD);
    }

    public int code() {
        return code;
    }
}
