package cardlab.vm.interpreter;

/** What the interpreter and native code ask of the runtime environment around them. */
public interface Environment {
    /** Draw random bytes. */
    void random(byte[] into);

    /** Mix something into the source of random bytes. */
    void seed(byte[] from);

    /**
     * The result of work that draws random numbers; it may be that of an earlier time when the same numbers are drawn.
     * {@code what} names all else that decides it.
     */
    <T> T drawn(String what, java.util.function.Supplier<T> work);

    /** A property of the card, or {@code otherwise}. */
    String property(String name, String otherwise);

    /** A cryptographic operation takes place. */
    void crypto(String algorithm, int length);

    /** Something a test should be told. */
    void warn(String message);

    /** Ask the card manager for an instance. */
    byte[] service(int instance, int service, byte[] argument);

    /** Look whether the host wants to stop; throws what it wants to stop with. */
    void poll();

    /** CLEAR_ON_DESELECT memory may be used by the applet that is selected on the current channel only (JCRE 6.2.8.2). */
    boolean isSelectedContext(int context);

    /** Whether a server that cannot be selected twice is active on another channel (JCRE 6.2.8.6). */
    boolean isActiveElsewhere(int instance);

    /** Whether a package's applets are there whose state has to be looked at; the label of an instance, for people. */
    String label(int instance);
}
