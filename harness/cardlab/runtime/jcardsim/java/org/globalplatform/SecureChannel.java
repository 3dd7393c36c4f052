package org.globalplatform;

import javacard.framework.APDU;
import javacard.framework.ISOException;
import javacard.framework.Shareable;

/** The secure channel of the applet's security domain (GlobalPlatform Card API 1.6). */
public interface SecureChannel extends Shareable {
    byte AUTHENTICATED = (byte) 0x80;
    byte ANY_AUTHENTICATED = 0x40;
    byte C_DECRYPTION = 0x02;
    byte C_MAC = 0x01;
    byte R_ENCRYPTION = 0x20;
    byte R_MAC = 0x10;
    byte NO_SECURITY_LEVEL = 0x00;

    /**
     * Receives and processes a command of the secure channel protocol; the response data are in the APDU buffer at
     * OFFSET_CDATA, the applet sends them. Returns their length.
     */
    short processSecurity(APDU apdu) throws ISOException;

    /** Secures response data, followed by the status word to expect, in place; returns the length without status word. */
    short wrap(byte[] baBuffer, short sOffset, short sLength) throws ArrayIndexOutOfBoundsException, ISOException;

    /** Verifies and decrypts a whole command in place; returns the length of the plain command. */
    short unwrap(byte[] baBuffer, short sOffset, short sLength) throws ISOException;

    /** Decrypts data in place with the session's key for sensitive data; returns their length. */
    short decryptData(byte[] baBuffer, short sOffset, short sLength) throws ISOException;

    /** Encrypts data in place with the session's key for sensitive data; returns their length. */
    short encryptData(byte[] baBuffer, short sOffset, short sLength)
            throws ArrayIndexOutOfBoundsException, ISOException;

    /** Ends the session. */
    void resetSecurity();

    /** The current security level, a combination of the constants of this interface. */
    byte getSecurityLevel();
}
