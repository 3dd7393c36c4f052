package cardlab.jcardsim;

/** The card has no power: it was cut during this command or an earlier one, and there was no reset since. */
public final class CardTorn extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CardTorn() {
        super("the card lost power during a command; reset it", null, false, false);
    }
}
