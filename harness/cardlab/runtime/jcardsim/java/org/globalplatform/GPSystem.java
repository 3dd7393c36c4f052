package org.globalplatform;

import javacard.framework.AID;
import javacard.framework.ISOException;
import cardlab.jcardsim.DomainChannel;
import cardlab.jcardsim.GlobalPlatform;
import cardlab.jcardsim.RegistryEntry;

/** What applets ask the card's OPEN (GlobalPlatform Card API 1.6), answered by the simulated card manager. */
public class GPSystem {
    public static final byte APPLICATION_INSTALLED = 0x03;
    public static final byte APPLICATION_SELECTABLE = 0x07;
    public static final byte SECURITY_DOMAIN_PERSONALIZED = 0x0F;
    public static final byte APPLICATION_LOCKED = (byte) 0x80;
    public static final byte CARD_OP_READY = 0x01;
    public static final byte CARD_INITIALIZED = 0x07;
    public static final byte CARD_SECURED = 0x0F;
    public static final byte CARD_LOCKED = 0x7F;
    public static final byte CARD_TERMINATED = (byte) 0xFF;
    public static final byte CVM_GLOBAL_PIN = 0x11;
    public static final byte GLOBAL_SERVICE_IDENTIFIER = (byte) 0x80;
    public static final byte FAMILY_SECURE_CHANNEL = (byte) 0x81;
    public static final byte FAMILY_CVM = (byte) 0x82;
    public static final byte FAMILY_AUTHORITY = (byte) 0x83;
    public static final byte FAMILY_HTTP_ADMINISTRATION = (byte) 0x84;
    public static final byte FAMILY_HTTP_REPORT = (byte) 0x85;
    public static final byte FAMILY_USSM = (byte) 0xA0;

    /** The life cycle state of the calling applet. */
    public static byte getCardContentState() {
        return GlobalPlatform.byteOf(GlobalPlatform.GET_APPLICATION_STATE);
    }

    public static byte getCardState() {
        return GlobalPlatform.byteOf(GlobalPlatform.GET_CARD_STATE);
    }

    /** Null: no cardholder verification method is registered on this card. */
    public static CVM getCVM(byte bCVMIdentifier) {
        return null;
    }

    /** The secure channel of the security domain that the calling applet is associated with. */
    public static SecureChannel getSecureChannel() {
        return DomainChannel.INSTANCE;
    }

    /** The calling applet's entry for null; another application's when the caller may see it, else null. */
    public static GPRegistryEntry getRegistryEntry(AID reqAID) {
        AID aid = reqAID == null ? GlobalPlatform.ownAid() : reqAID;
        try {
            GlobalPlatform.call(GlobalPlatform.GET_PRIVILEGES, GlobalPlatform.bytes(aid));
            return new RegistryEntry(aid);
        } catch (ISOException unknown) {
            return null;
        }
    }

    /** Null: no global service is registered on this card. */
    public static GlobalService getService(AID serverAID, short sServiceName) {
        return null;
    }

    public static boolean lockCard() {
        return GlobalPlatform.done(GlobalPlatform.LOCK_CARD);
    }

    public static boolean terminateCard() {
        return GlobalPlatform.done(GlobalPlatform.TERMINATE_CARD);
    }

    public static boolean setATRHistBytes(byte[] baBuffer, short sOffset, byte bLength) {
        byte[] bytes = new byte[bLength];
        System.arraycopy(baBuffer, sOffset, bytes, 0, bLength);
        return GlobalPlatform.done(GlobalPlatform.SET_HISTORICAL_BYTES, bytes);
    }

    /** False when the state is none that an applet may give itself. */
    public static boolean setCardContentState(byte bState) {
        return GlobalPlatform.done(GlobalPlatform.SET_APPLICATION_STATE, bState);
    }
}
