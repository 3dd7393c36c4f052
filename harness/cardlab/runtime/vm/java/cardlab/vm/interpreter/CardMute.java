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
    private final String what;
    private final String place;

    CardMute(Cause why, String what, String description, String place) {
        super(what + " at " + description, null, false, false);
        this.why = why;
        this.what = what;
        this.place = place;
    }

    /** What happened, without the place. */
    public String what() {
        return what;
    }

    public Cause why() {
        return why;
    }

    /** Where, as Places.locate says it; empty outside of code. */
    public String place() {
        return place;
    }
}
