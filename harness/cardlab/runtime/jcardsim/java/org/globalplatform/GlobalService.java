package org.globalplatform;

import javacard.framework.ISOException;
import javacard.framework.Shareable;

/** A service that an application offers to others (GlobalPlatform Card API 1.6). This card has none. */
public interface GlobalService extends Shareable {
    Shareable getServiceInterface(GPRegistryEntry clientRegistryEntry, short sServiceName, byte[] baBuffer,
            short sOffset, short sLength) throws ISOException;
}
