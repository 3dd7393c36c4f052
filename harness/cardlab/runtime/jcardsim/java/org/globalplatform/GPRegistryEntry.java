package org.globalplatform;

import javacard.framework.AID;
import javacard.framework.ISOException;
import javacard.framework.Shareable;

/** What the registry says about an application (GlobalPlatform Card API 1.6). Privileges are bit numbers from the left. */
public interface GPRegistryEntry extends Shareable {
    byte PRIVILEGE_SECURITY_DOMAIN = 0x00;
    byte PRIVILEGE_DAP_VERIFICATION = 0x01;
    byte PRIVILEGE_DELEGATED_MANAGEMENT = 0x02;
    byte PRIVILEGE_CARD_LOCK = 0x03;
    byte PRIVILEGE_CARD_TERMINATE = 0x04;
    byte PRIVILEGE_CARD_RESET = 0x05;
    byte PRIVILEGE_CVM_MANAGEMENT = 0x06;
    byte PRIVILEGE_MANDATED_DAP = 0x07;
    byte PRIVILEGE_TRUSTED_PATH = 0x08;
    byte PRIVILEGE_AUTHORIZED_MANAGEMENT = 0x09;
    byte PRIVILEGE_TOKEN_VERIFICATION = 0x0A;
    byte PRIVILEGE_GLOBAL_DELETE = 0x0B;
    byte PRIVILEGE_GLOBAL_LOCK = 0x0C;
    byte PRIVILEGE_GLOBAL_REGISTRY = 0x0D;
    byte PRIVILEGE_FINAL_APPLICATION = 0x0E;
    byte PRIVILEGE_GLOBAL_SERVICE = 0x0F;
    byte PRIVILEGE_RECEIPT_GENERATION = 0x10;
    byte PRIVILEGE_CIPHERED_LOAD_FILE_DATA_BLOCK = 0x11;
    byte PRIVILEGE_CONTACTLESS_ACTIVATION = 0x12;
    byte PRIVILEGE_CONTACTLESS_SELF_ACTIVATION = 0x13;

    AID getAID();

    /** Writes the three privilege bytes; returns the offset behind them. */
    short getPrivileges(byte[] baBuffer, short sOffset) throws ArrayIndexOutOfBoundsException;

    byte getState();

    boolean setState(byte bState);

    boolean isAssociated(AID sdAID);

    boolean isPrivileged(byte bPrivilege);

    void registerService(short sServiceName) throws ISOException;

    void deregisterService(short sServiceName) throws ISOException;
}
