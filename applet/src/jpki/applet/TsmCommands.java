package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import org.globalplatform.GPSystem;
import org.globalplatform.SecureChannel;

/**
 * The commands of the TSM: only inside an SCP03 session with the applet's security domain (B3, D1), never contactless.
 *
 * <p>The session and its keys are the security domain's; this class has it unwrap each command and wrap each response.
 */
final class TsmCommands {

    /** Authenticated by the applet's own security domain, C-MAC and C-DECRYPTION. */
    private static final byte LEVEL =
        (byte) (SecureChannel.AUTHENTICATED | SecureChannel.C_MAC | SecureChannel.C_DECRYPTION);
    /** The same with R-MAC, for what is returned. */
    private static final byte LEVEL_WITH_RESPONSE = (byte) (LEVEL | SecureChannel.R_MAC);

    private static final byte RESPONSE_PROTECTION = (byte) (SecureChannel.R_MAC | SecureChannel.R_ENCRYPTION);

    /** Where INITIALIZE UPDATE's answer names the protocol, from the first byte of it (Amendment D Table 7-2). */
    private static final short OFFSET_PROTOCOL = 11;
    private static final byte SCP03 = 0x03;

    private final Profile profile;
    private final Personalisation personalisation;
    /** What protocol the domain announced last. The API tells none apart, and an older one must not pass (D1). */
    private final byte[] protocol;

    TsmCommands(Profile profile, Personalisation personalisation) {
        this.profile = profile;
        this.personalisation = personalisation;
        protocol = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
    }

    /** INITIALIZE UPDATE, which the security domain understands; 6A81 when it announces another protocol than SCP03. */
    void beginChannel(APDU apdu) {
        profile.refuseContactless();
        SecureChannel channel = GPSystem.getSecureChannel();
        short length = channel.processSecurity(apdu);
        byte[] buffer = apdu.getBuffer();
        protocol[0] = length > OFFSET_PROTOCOL ? buffer[(short) (ISO7816.OFFSET_CDATA + OFFSET_PROTOCOL)] : 0;
        requireScp03(channel);
        apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, length);
    }

    /** EXTERNAL AUTHENTICATE, likewise. */
    void authenticate(APDU apdu) {
        profile.refuseContactless();
        SecureChannel channel = GPSystem.getSecureChannel();
        short length = channel.processSecurity(apdu);
        requireScp03(channel);
        if (length > 0) {
            apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, length);
        }
    }

    private void requireScp03(SecureChannel channel) {
        if (protocol[0] != SCP03) {
            channel.resetSecurity();
            ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED);
        }
    }

    void process(APDU apdu) {
        SecureChannel channel = GPSystem.getSecureChannel();
        sendWrapped(apdu, channel, execute(apdu, channel));
    }

    /** Returns the length of the answer. */
    private short execute(APDU apdu, SecureChannel channel) {
        byte[] buffer = apdu.getBuffer();
        boolean open = protocol[0] == SCP03 && (channel.getSecurityLevel() & SecureChannel.AUTHENTICATED) != 0;
        short length = open ? unwrap(apdu, channel) : 0;
        personalisation.requireParameters(buffer);
        profile.refuseContactless();
        byte required = Personalisation.answers(buffer[ISO7816.OFFSET_INS]) ? LEVEL_WITH_RESPONSE : LEVEL;
        if (!open || (channel.getSecurityLevel() & required) != required) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
        return personalisation.execute(buffer, length);
    }

    /** Leaves the plain data at ISO7816.OFFSET_CDATA and returns their length. */
    private static short unwrap(APDU apdu, SecureChannel channel) {
        short length = Transfer.receive(apdu);
        try {
            if ((channel.getSecurityLevel() & SecureChannel.C_MAC) == 0) {
                ISOException.throwIt(Iso.SW_SECURE_MESSAGING_WRONG);
            }
            length = channel.unwrap(apdu.getBuffer(), (short) 0, (short) (ISO7816.OFFSET_CDATA + length));
        } catch (ISOException refused) {
            // Security domains differ in the status word; the session is over in any case.
            channel.resetSecurity();
            ISOException.throwIt(Iso.SW_SECURE_MESSAGING_WRONG);
        }
        return (short) (length - ISO7816.OFFSET_CDATA);
    }

    private static void sendWrapped(APDU apdu, SecureChannel channel, short length) {
        short wrapped = length;
        if ((channel.getSecurityLevel() & RESPONSE_PROTECTION) != 0) {
            byte[] buffer = apdu.getBuffer();
            Util.setShort(buffer, length, ISO7816.SW_NO_ERROR);
            // Not asked in other sessions: cards differ in whether the status word then counts as data.
            wrapped = channel.wrap(buffer, (short) 0, (short) (length + 2));
        }
        if (wrapped > 0) {
            Transfer.send(apdu, wrapped);
        }
    }
}
