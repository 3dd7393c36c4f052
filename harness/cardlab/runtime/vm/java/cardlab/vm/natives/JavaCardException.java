package cardlab.vm.natives;

/** An exception of Java Card on its way to a handler; {@code reference} is the object that was thrown. */
public final class JavaCardException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int reference;

    /** For an exception object of the card. */
    public JavaCardException(int reference) {
        super(null, null, false, false);
        this.reference = reference;
    }

    public int reference() {
        return reference;
    }

    @Override
    public String getMessage() {
        return "Java Card exception, object " + reference;
    }
}
