package org.globalplatform;

import javacard.framework.Shareable;

/** An applet that its security domain can pass STORE DATA commands to (GlobalPlatform Card API 1.6). */
public interface Application extends Shareable {
    /** {@code baBuffer} holds the whole command, header included. */
    void processData(byte[] baBuffer, short sOffset, short sLength);
}
