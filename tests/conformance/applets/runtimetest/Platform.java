package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import org.globalplatform.GPRegistryEntry;
import org.globalplatform.GPSystem;
import org.globalplatform.Personalization;
import org.globalplatform.SecureChannel;

/** Calls every service of the GlobalPlatform API; INS is the number of the service. */
public class Platform extends Applet implements Personalization {
    private final SecureChannel channel = GPSystem.getSecureChannel();
    private final byte[] received = new byte[64];
    private short receivedLength;

    private Platform(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Platform(array, offset);
    }

    public short processData(byte[] in, short inOffset, short inLength, byte[] out, short outOffset) {
        if (in[(short) (inOffset + ISO7816.OFFSET_P1)] == 0x7F) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        receivedLength = Util.arrayCopy(in, inOffset, received, (short) 0, inLength);
        return (short) (JCSystem.getAID().getBytes(out, outOffset) & 0xFF);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        byte ins = buffer[ISO7816.OFFSET_INS];
        if (ins == 0x01) {
            apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, channel.processSecurity(apdu));
            return;
        }
        short count = apdu.setIncomingAndReceive();
        short length = 1;
        short at = 0;
        switch (ins) {
            case 0x02:
                length = channel.unwrap(buffer, (short) 0, (short) (count + ISO7816.OFFSET_CDATA));
                break;
            case 0x03:
                at = ISO7816.OFFSET_CDATA;
                length = channel.wrap(buffer, at, count);
                break;
            case 0x04:
                at = ISO7816.OFFSET_CDATA;
                length = channel.decryptData(buffer, at, count);
                break;
            case 0x05:
                at = ISO7816.OFFSET_CDATA;
                length = channel.encryptData(buffer, at, count);
                break;
            case 0x06:
                channel.resetSecurity();
                length = 0;
                break;
            case 0x07:
                buffer[0] = channel.getSecurityLevel();
                break;
            case 0x08:
                buffer[0] = GPSystem.getCardState();
                break;
            case 0x09:
                buffer[0] = GPSystem.getCardContentState();
                break;
            case 0x0A:
                buffer[0] = (byte) (GPSystem.setCardContentState(buffer[ISO7816.OFFSET_P1]) ? 1 : 0);
                break;
            case 0x0B:
                buffer[0] = (byte) (GPSystem.lockCard() ? 1 : 0);
                break;
            case 0x0C:
                buffer[0] = (byte) (GPSystem.terminateCard() ? 1 : 0);
                break;
            case 0x0D:
                buffer[0] = (byte) (GPSystem.setATRHistBytes(buffer, ISO7816.OFFSET_CDATA, (byte) count) ? 1 : 0);
                break;
            case 0x0E:
                length = registry(buffer);
                break;
            case 0x20:
                length = Util.arrayCopy(received, (short) 0, buffer, (short) 0, receivedLength);
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
        apdu.setOutgoingAndSend(at, length);
    }

    private short registry(byte[] buffer) {
        byte privilege = buffer[ISO7816.OFFSET_P1];
        GPRegistryEntry entry = GPSystem.getRegistryEntry(null);
        short length = entry.getPrivileges(buffer, (short) 0);
        buffer[length++] = (byte) (entry.isPrivileged(privilege) ? 1 : 0);
        return length;
    }
}
