package cardlabsafe;

import javacard.framework.Shareable;

/** What the applet with secrets offers to others: nothing of them. */
public interface Door extends Shareable {
    /** How many bytes of the array are not zero. */
    short count(byte[] array, short length);

    /** The same door. */
    Door again();
}
