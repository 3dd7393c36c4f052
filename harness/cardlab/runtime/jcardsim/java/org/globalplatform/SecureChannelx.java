package org.globalplatform;

/** A secure channel whose current security level can be raised (GlobalPlatform Card API 1.6). */
public interface SecureChannelx extends SecureChannel {
    void setSecurityLevel(byte bSecurityLevel);
}
