package runtimelib;

import javacard.framework.Shareable;

/** What one applet offers to another. */
public interface Counter extends Shareable {
    short next();
}
