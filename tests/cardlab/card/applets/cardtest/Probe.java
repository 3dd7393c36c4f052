package cardtest;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.AppletEvent;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import org.globalplatform.GPRegistryEntry;
import org.globalplatform.GPSystem;
import org.globalplatform.Personalization;
import org.globalplatform.SecureChannel;

/** Does what a test asks: calls the GlobalPlatform API and tells what came of it. */
public class Probe extends Applet implements Personalization, AppletEvent {
    static final byte INS_ECHO = 0x01;
    static final byte INS_STATES = 0x02;
    static final byte INS_SET_STATE = 0x03;
    static final byte INS_LOCK_CARD = 0x04;
    static final byte INS_TERMINATE_CARD = 0x05;
    static final byte INS_HISTORICAL_BYTES = 0x06;
    static final byte INS_REFUSE_SELECTION = 0x07;
    static final byte INS_REGISTRY_ENTRY = 0x08;
    static final byte INS_STORED = 0x09;
    static final byte INS_LEVEL = 0x0A;
    static final byte INS_REMEMBER = 0x0B;
    static final byte INS_RECALL = 0x0C;
    static final byte INS_BALLAST = 0x0D;
    static final byte INS_DECRYPT = 0x10;
    static final byte INS_ENCRYPT = 0x11;
    static final byte INS_RESET_SECURITY = 0x12;
    static final byte INS_SECURED = 0x20;
    static final byte INS_INITIALIZE_UPDATE = 0x50;
    static final byte INS_EXTERNAL_AUTHENTICATE = (byte) 0x82;

    private static final short NOTES = 128;
    /** Application data of INSTALL: one byte that says how install() ends, then the bytes of memory to take. */
    private static final byte THROW = 0x01;
    private static final byte DECRYPTING = 0x02;

    private final byte[] ballast;
    private final byte[] stored = new byte[NOTES];
    private final byte[] note = new byte[NOTES];
    private final byte[] volatileNote = JCSystem.makeTransientByteArray(NOTES, JCSystem.CLEAR_ON_RESET);
    private final boolean decrypting;
    private short storedLength;
    private boolean refusing;

    private Probe(byte[] array, short offset, byte length) {
        byte mode = length > 0 ? array[offset] : 0;
        if (mode == THROW) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        decrypting = mode == DECRYPTING;
        remember(new byte[] {0}, (short) 0, (short) 1);
        ballast = new byte[length > 2 ? Util.getShort(array, (short) (offset + 1)) : (short) 1];
    }

    public static void install(byte[] array, short offset, byte length) {
        short privileges = (short) (offset + 1 + array[offset]);
        short data = (short) (privileges + 1 + array[privileges]);
        new Probe(array, (short) (data + 1), array[data]).register(array, (short) (offset + 1), array[offset]);
    }

    /** Changes something in a transaction, so that the power can be cut while the applet is being deleted. */
    public void uninstall() {
        remember(new byte[] {1}, (short) 0, (short) 1);
    }

    public boolean select() {
        return !refusing;
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short length = apdu.setIncomingAndReceive();
        short start = ISO7816.OFFSET_CDATA;
        switch (buffer[ISO7816.OFFSET_INS]) {
            case INS_ECHO:
                break;
            case INS_BALLAST:
                Util.setShort(buffer, start, (short) ballast.length);
                length = 2;
                break;
            case INS_STATES:
                buffer[start] = GPSystem.getCardState();
                buffer[(short) (start + 1)] = GPSystem.getCardContentState();
                length = 2;
                break;
            case INS_SET_STATE:
                length = truth(buffer, GPSystem.setCardContentState(buffer[ISO7816.OFFSET_P1]));
                break;
            case INS_LOCK_CARD:
                length = truth(buffer, GPSystem.lockCard());
                break;
            case INS_TERMINATE_CARD:
                length = truth(buffer, GPSystem.terminateCard());
                break;
            case INS_HISTORICAL_BYTES:
                length = truth(buffer, GPSystem.setATRHistBytes(buffer, start, (byte) length));
                break;
            case INS_REFUSE_SELECTION:
                refusing = true;
                length = 0;
                break;
            case INS_REGISTRY_ENTRY:
                length = registryEntry(buffer, length);
                break;
            case INS_STORED:
                length = storedLength;
                Util.arrayCopyNonAtomic(stored, (short) 0, buffer, start, length);
                break;
            case INS_REMEMBER:
                remember(buffer, start, length);
                Util.arrayCopyNonAtomic(buffer, start, volatileNote, (short) 0, length);
                length = 0;
                break;
            case INS_RECALL:
                length = 8;
                Util.arrayCopyNonAtomic(note, (short) 0, buffer, start, (short) 4);
                Util.arrayCopyNonAtomic(volatileNote, (short) 0, buffer, (short) (start + 4), (short) 4);
                break;
            default:
                length = secureChannel(apdu, buffer, length);
        }
        apdu.setOutgoingAndSend(start, length);
    }

    private void remember(byte[] from, short offset, short length) {
        JCSystem.beginTransaction();
        Util.arrayCopy(from, offset, note, (short) 0, length);
        JCSystem.commitTransaction();
    }

    private static short truth(byte[] buffer, boolean value) {
        buffer[ISO7816.OFFSET_CDATA] = (byte) (value ? 1 : 0);
        return 1;
    }

    /** State and privileges of the application whose AID is the data, or of this one. */
    private static short registryEntry(byte[] buffer, short length) {
        short start = ISO7816.OFFSET_CDATA;
        AID aid = length == 0 ? null : JCSystem.lookupAID(buffer, start, (byte) length);
        GPRegistryEntry entry = GPSystem.getRegistryEntry(aid);
        if (entry == null) {
            return 0;
        }
        buffer[start] = entry.getState();
        return (short) (entry.getPrivileges(buffer, (short) (start + 1)) - start);
    }

    private static short secureChannel(APDU apdu, byte[] buffer, short length) {
        SecureChannel channel = GPSystem.getSecureChannel();
        short start = ISO7816.OFFSET_CDATA;
        switch (buffer[ISO7816.OFFSET_INS]) {
            case INS_INITIALIZE_UPDATE:
            case INS_EXTERNAL_AUTHENTICATE:
                return channel.processSecurity(apdu);
            case INS_LEVEL:
                buffer[start] = channel.getSecurityLevel();
                return 1;
            case INS_DECRYPT:
                return channel.decryptData(buffer, start, length);
            case INS_ENCRYPT:
                return channel.encryptData(buffer, start, length);
            case INS_RESET_SECURITY:
                channel.resetSecurity();
                return 0;
            case INS_SECURED:
                return secured(channel, buffer, length);
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
                return 0;
        }
    }

    /** Unwraps a command and wraps what it held, with the security level in front. */
    private static short secured(SecureChannel channel, byte[] buffer, short length) {
        short start = ISO7816.OFFSET_CDATA;
        short unwrapped = (short) (channel.unwrap(buffer, (short) 0, (short) (start + length)) - start);
        Util.arrayCopyNonAtomic(buffer, start, buffer, (short) (start + 1), unwrapped);
        buffer[start] = channel.getSecurityLevel();
        short end = (short) (start + 1 + unwrapped);
        Util.setShort(buffer, end, ISO7816.SW_NO_ERROR);
        return channel.wrap(buffer, start, (short) (unwrapped + 3));
    }

    /** Keeps what STORE DATA brings, decrypted if it was installed so; answers its length when P1 has bit 1 or 2. */
    public short processData(byte[] in, short inOffset, short inLength, byte[] out, short outOffset) {
        short data = (short) (inOffset + ISO7816.OFFSET_CDATA);
        short length = (short) (inLength - ISO7816.OFFSET_CDATA);
        if (length == 0) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        if (decrypting) {
            length = GPSystem.getSecureChannel().decryptData(in, data, length);
        }
        Util.arrayCopy(in, data, stored, (short) 0, length);
        storedLength = length;
        if ((in[(short) (inOffset + ISO7816.OFFSET_P1)] & 3) == 0) {
            return 0;
        }
        out[outOffset] = (byte) length;
        out[(short) (outOffset + 1)] = GPSystem.getSecureChannel().getSecurityLevel();
        return 2;
    }
}
