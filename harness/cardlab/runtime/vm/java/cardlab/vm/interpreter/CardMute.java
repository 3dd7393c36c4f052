package cardlab.vm.interpreter;

/** The card answers nothing any more until it is reset. */
public final class CardMute extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Cause {
        /** The command executed more instructions than it may. */
        BUDGET,
        /** Code that no verifier lets through. */
        ILLEGAL_CODE
    }

    private final Cause why;
    private final String place;

    CardMute(Cause why, String message, String place) {
        super(message + " at " + place, null, false, false);
        this.why = why;
        this.place = place;
    }

    public Cause why() {
        return why;
    }

    /** Class, method and offset, the innermost first. */
    public String place() {
        return place;
    }
}
