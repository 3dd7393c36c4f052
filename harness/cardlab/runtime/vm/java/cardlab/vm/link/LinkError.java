package cardlab.vm.link;

/** A load file that the card does not take; the message says why. */
public final class LinkError extends Exception {
    private static final long serialVersionUID = 1L;

    public LinkError(String message) {
        super(message, null, false, false);
    }
}
