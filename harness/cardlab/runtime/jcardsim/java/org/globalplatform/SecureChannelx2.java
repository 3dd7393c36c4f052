package org.globalplatform;

import javacard.framework.ISOException;

/** A secure channel that processes commands out of an array (GlobalPlatform Card API 1.6). */
public interface SecureChannelx2 extends SecureChannel {
    /** Processes the command at sInOffset; the response data are at sOutOffset afterwards. Returns their length. */
    short processSecurity(byte[] baBuffer, short sInOffset, short sInLength, short sOutOffset) throws ISOException;
}
