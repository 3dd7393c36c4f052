package cardlab.vm.natives;

/**
 * What an object of the API has beside its fields and that is lost at reset: the state of a cipher, for instance.
 */
public interface Peer {
    /** Another one in the same state, for a copy of the card; the two share nothing that changes. */
    Peer fork();
}
