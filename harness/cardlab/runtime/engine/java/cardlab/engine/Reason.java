package cardlab.engine;

/** The reason codes of javacard.security.CryptoException (Java Card API 3.0.5). */
public enum Reason {
    /** A parameter value is outside its range, or a key does not fit. */
    ILLEGAL_VALUE(1),
    /** A component of the key is not set. */
    UNINITIALIZED_KEY(2),
    /** This card does not have the algorithm, key type or key length. */
    NO_SUCH_ALGORITHM(3),
    /** The object was not initialised, or for another mode. */
    INVALID_INIT(4),
    /** The message cannot be handled: not block aligned, too long, wrongly padded. */
    ILLEGAL_USE(5);

    private final int code;

    Reason(int code) {
        this.code = code;
    }

    /** The value of CryptoException.getReason(). */
    public int code() {
        return code;
    }
}
