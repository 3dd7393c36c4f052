package cardlab.jcardsim;

/** Whoever has the generator that everything random on a card comes from. */
public interface RandomOwner {
    /** The card's generator. */
    Drbg random();
}
