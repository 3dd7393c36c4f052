package cardlab.jcardsim;

/** The bytes that a card was to be restored from are damaged, or are not those of a card. */
public final class DamagedImage extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedImage(String reason) {
        super(reason);
    }

    DamagedImage(String reason, Throwable cause) {
        super(reason + ": " + cause, cause);
    }
}
