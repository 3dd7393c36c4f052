package cardlab.vm.jcre;

/** The card does not do what it was asked; nothing has changed. */
public final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int statusWord;

    public Refusal(int statusWord, String reason) {
        super(reason, null, false, false);
        this.statusWord = statusWord;
    }

    public int statusWord() {
        return statusWord;
    }
}
