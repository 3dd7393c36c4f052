package cardlab.engine;

/** What becomes a CryptoException on the card; the message tells the developer what was wrong. */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    public EngineException(Reason reason, String message) {
        super(message, null, false, false); // no stack trace: applets use these for control flow
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    static EngineException illegalValue(String message) {
        return new EngineException(Reason.ILLEGAL_VALUE, message);
    }

    static EngineException uninitializedKey(String message) {
        return new EngineException(Reason.UNINITIALIZED_KEY, message);
    }

    static EngineException noSuchAlgorithm(String message) {
        return new EngineException(Reason.NO_SUCH_ALGORITHM, message);
    }

    static EngineException invalidInit(String message) {
        return new EngineException(Reason.INVALID_INIT, message);
    }

    static EngineException illegalUse(String message) {
        return new EngineException(Reason.ILLEGAL_USE, message);
    }
}
