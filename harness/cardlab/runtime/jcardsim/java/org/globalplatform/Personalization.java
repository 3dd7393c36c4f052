package org.globalplatform;

import javacard.framework.Shareable;

/** Like Application, with data in the answer; an applet that implements both is called here (GlobalPlatform Card API 1.6). */
public interface Personalization extends Shareable {
    /** {@code inBuffer} holds the whole command, header included; returns the number of bytes put into outBuffer. */
    short processData(byte[] inBuffer, short inOffset, short inLength, byte[] outBuffer, short outOffset);
}
