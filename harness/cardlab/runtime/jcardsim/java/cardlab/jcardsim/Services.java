package cardlab.jcardsim;

/** What the card manager offers to running applets; implemented in Python. */
public interface Services {
    /** Serve one call of an applet; two bytes of status word, then the result. */
    byte[] call(byte[] instanceAid, int service, byte[] argument);

    /** The deselect() of the applet that was selected has returned, because of an exception perhaps. */
    void deselected();
}
