package cardlab.jcardsim;

/** The runtime could not do what was asked and has changed nothing; the card answers with the status word. */
public final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int statusWord;

    Refusal(int statusWord, String reason) {
        super(reason);
        this.statusWord = statusWord;
    }

    Refusal(int statusWord, String reason, Throwable cause) {
        super(reason, cause);
        this.statusWord = statusWord;
    }

    public int statusWord() {
        return statusWord;
    }
}
