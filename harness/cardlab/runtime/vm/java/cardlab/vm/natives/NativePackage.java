package cardlab.vm.natives;

/** The native side of one API package. One object serves any number of cards, so it keeps nothing of a card. */
public interface NativePackage {
    /** The package's name as in its token table, with dots: {@code javacard.security}. */
    String name();

    /** Say what the card can do; called once for each card. */
    void bind(Binder binder);
}
