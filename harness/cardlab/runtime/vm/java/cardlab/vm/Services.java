package cardlab.vm;

/** What the card manager offers to running applets. */
public interface Services {
    /** Serve one call of an applet; two bytes of status word, then the result. */
    byte[] call(byte[] instanceAid, int service, byte[] argument);

    /** An applet's deselect() has returned, because of an exception perhaps. */
    default void deselected(byte[] instanceAid) {}

    /** Called now and then while an applet runs; an exception thrown here ends the command and comes out of the call. */
    void poll();

    /** A test should be told something about the command that runs; {@code place} as Places.locate says it, or empty. */
    void warned(String message, String place);
}
