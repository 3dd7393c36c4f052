package cardlab.vm.jcre;

/** The card has no power; a reset gives it back. */
public final class CardOff extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CardOff(String message) {
        super(message, null, false, false);
    }
}
