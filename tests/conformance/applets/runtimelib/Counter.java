package runtimelib;

import javacard.framework.Shareable;

/** What one applet offers to another. */
public interface Counter extends Shareable {
    short next();

    /** What is in the client's array. */
    byte first(byte[] array);
}
