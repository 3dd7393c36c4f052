package cardlab.engine;

/** Signature.MODE_SIGN and MODE_VERIFY, Cipher.MODE_DECRYPT and MODE_ENCRYPT. */
public final class Mode {
    public static final int SIGN = 1;
    public static final int VERIFY = 2;
    public static final int DECRYPT = 1;
    public static final int ENCRYPT = 2;

    private Mode() {}

    /** ILLEGAL_VALUE unless it is one of the two. */
    static void check(int mode) {
        if (mode != SIGN && mode != VERIFY) {
            throw EngineException.illegalValue("mode " + mode + " is neither 1 nor 2");
        }
    }
}
