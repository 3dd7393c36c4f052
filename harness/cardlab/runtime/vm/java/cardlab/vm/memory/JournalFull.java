package cardlab.vm.memory;

/** The transaction changes more than the commit buffer holds (TransactionException.BUFFER_FULL). */
public final class JournalFull extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JournalFull() {
        super("the commit buffer is full", null, false, false);
    }
}
