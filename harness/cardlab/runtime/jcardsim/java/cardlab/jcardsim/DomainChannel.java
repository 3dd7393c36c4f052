package cardlab.jcardsim;

import java.util.Arrays;
import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import org.globalplatform.SecureChannelx;
import org.globalplatform.SecureChannelx2;

/** The secure channel that every applet gets; which session it is follows from the applet that calls. */
public final class DomainChannel implements SecureChannelx, SecureChannelx2 {
    public static final DomainChannel INSTANCE = new DomainChannel();

    private static final int HEADER = 4;

    private DomainChannel() {}

    @Override
    public short processSecurity(APDU apdu) throws ISOException {
        byte[] buffer = apdu.getBuffer();
        short length = apdu.getCurrentState() == APDU.STATE_INITIAL
                ? apdu.setIncomingAndReceive() : apdu.getIncomingLength();
        byte[] command = Arrays.copyOf(buffer, length == 0 ? HEADER : ISO7816.OFFSET_CDATA + length);
        if (length != 0) {
            // What Lc says in the buffer may have been changed; how much arrived is what counts.
            command[ISO7816.OFFSET_LC] = (byte) length;
        }
        byte[] response = GlobalPlatform.call(GlobalPlatform.PROCESS_SECURITY, command);
        System.arraycopy(response, 0, buffer, ISO7816.OFFSET_CDATA, response.length);
        return (short) response.length;
    }

    @Override
    public short processSecurity(byte[] baBuffer, short sInOffset, short sInLength, short sOutOffset)
            throws ISOException {
        return GlobalPlatform.exchange(GlobalPlatform.PROCESS_SECURITY, baBuffer, sInOffset, sInLength, sOutOffset);
    }

    @Override
    public short wrap(byte[] baBuffer, short sOffset, short sLength)
            throws ArrayIndexOutOfBoundsException, ISOException {
        return GlobalPlatform.exchange(GlobalPlatform.WRAP, baBuffer, sOffset, sLength, sOffset);
    }

    @Override
    public short unwrap(byte[] baBuffer, short sOffset, short sLength) throws ISOException {
        return GlobalPlatform.exchange(GlobalPlatform.UNWRAP, baBuffer, sOffset, sLength, sOffset);
    }

    @Override
    public short decryptData(byte[] baBuffer, short sOffset, short sLength) throws ISOException {
        return GlobalPlatform.exchange(GlobalPlatform.DECRYPT_DATA, baBuffer, sOffset, sLength, sOffset);
    }

    @Override
    public short encryptData(byte[] baBuffer, short sOffset, short sLength)
            throws ArrayIndexOutOfBoundsException, ISOException {
        return GlobalPlatform.exchange(GlobalPlatform.ENCRYPT_DATA, baBuffer, sOffset, sLength, sOffset);
    }

    @Override
    public void resetSecurity() {
        GlobalPlatform.call(GlobalPlatform.RESET_SECURITY);
    }

    @Override
    public byte getSecurityLevel() {
        return GlobalPlatform.byteOf(GlobalPlatform.GET_SECURITY_LEVEL);
    }

    /** 6982: the API's answer where a security domain does not support this. */
    @Override
    public void setSecurityLevel(byte bSecurityLevel) {
        ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
    }
}
