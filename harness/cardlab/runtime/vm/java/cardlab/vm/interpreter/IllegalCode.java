package cardlab.vm.interpreter;

/** Code did what no verified code does: the card stops (JCVM 3.0.5, 1.4 leaves to the card what it does then). */
public final class IllegalCode extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public IllegalCode(String message) {
        super(message, null, false, false);
    }
}
