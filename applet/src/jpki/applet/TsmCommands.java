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
 * <p>The session and its keys are the security domain's; this class has it unwrap each command and wrap each response. It
 * is the TSM's right, too: the domain says of what level the session is, and this command was unwrapped in it.
 */
final class TsmCommands extends Right {

    /** Authenticated by the applet's own security domain, C-MAC and C-DECRYPTION. */
    private static final byte LEVEL =
        (byte) (SecureChannel.AUTHENTICATED | SecureChannel.C_MAC | SecureChannel.C_DECRYPTION);
    /** The same with R-MAC, for what is returned. */
    private static final byte LEVEL_WITH_RESPONSE = (byte) (LEVEL | SecureChannel.R_MAC);
    /** Of bits that no level has: until a command asks for another one, no session reaches it. */
    private static final byte LEVEL_OF_NOBODY = 0x0C;

    private static final byte RESPONSE_PROTECTION = (byte) (SecureChannel.R_MAC | SecureChannel.R_ENCRYPTION);

    /** Where INITIALIZE UPDATE's answer names the protocol, from the first byte of it (Amendment D Table 7-2). */
    private static final short OFFSET_PROTOCOL = 11;
    private static final short SCP03 = 0x03;
    private static final short UNWRAPPED = 0x695A;

    private final Profile profile;
    private final Personalisation personalisation;
    /** What protocol the domain announced last. The API tells none apart, and an older one must not pass (D1). */
    private final Twin protocol = Twin.inRam(JCSystem.CLEAR_ON_DESELECT);
    private final Twin command = Twin.inRam(JCSystem.CLEAR_ON_DESELECT);
    /** The level that the command asks for. */
    private final Twin level = Twin.inRam(JCSystem.CLEAR_ON_DESELECT);

    TsmCommands(Alarm alarm, Profile profile, Personalisation personalisation) {
        super(alarm);
        this.profile = profile;
        this.personalisation = personalisation;
    }

    /** INITIALIZE UPDATE, which the security domain understands; 6A81 when it announces another protocol than SCP03. */
    void beginChannel(APDU apdu) {
        profile.contact.require(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        SecureChannel channel = GPSystem.getSecureChannel();
        short length = channel.processSecurity(apdu);
        byte[] buffer = apdu.getBuffer();
        protocol.set(length > OFFSET_PROTOCOL ? buffer[(short) (ISO7816.OFFSET_CDATA + OFFSET_PROTOCOL)] : NO);
        requireScp03(channel);
        apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, length);
    }

    /** EXTERNAL AUTHENTICATE, likewise. */
    void authenticate(APDU apdu) {
        profile.contact.require(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        SecureChannel channel = GPSystem.getSecureChannel();
        short length = channel.processSecurity(apdu);
        requireScp03(channel);
        if (length > 0) {
            apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, length);
        }
    }

    private void requireScp03(SecureChannel channel) {
        if (protocol.value() != SCP03 || protocol.again() != SCP03) {
            channel.resetSecurity();
            ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED);
        }
    }

    short first() {
        boolean isOpen = protocol.value() == SCP03 && reaches(level.value());
        return isOpen ? YES : NO;
    }

    short second() {
        boolean isUnwrapped = command.value() == UNWRAPPED && command.again() == UNWRAPPED;
        return isUnwrapped && reaches(level.again()) ? ALSO : NO;
    }

    private static boolean reaches(short required) {
        return (GPSystem.getSecureChannel().getSecurityLevel() & required) == required;
    }

    private static short levelFor(byte instruction) {
        return Personalisation.answers(instruction) ? LEVEL_WITH_RESPONSE : LEVEL;
    }

    void process(APDU apdu) {
        SecureChannel channel = GPSystem.getSecureChannel();
        sendWrapped(apdu, channel, execute(apdu, channel));
    }

    /** Returns the length of the answer. */
    private short execute(APDU apdu, SecureChannel channel) {
        byte[] buffer = apdu.getBuffer();
        boolean open = protocol.value() == SCP03 && reaches(SecureChannel.AUTHENTICATED);
        short length = open ? unwrap(apdu, channel) : 0;
        personalisation.requireParameters(buffer);
        profile.contact.require(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        level.set(levelFor(buffer[ISO7816.OFFSET_INS]), levelFor(buffer[ISO7816.OFFSET_INS]));
        require(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        profile.contact.confirm();
        return personalisation.execute(this, buffer, length);
    }

    void endCommand() {
        command.set(NO);
        level.set(LEVEL_OF_NOBODY);
    }

    /** Leaves the plain data at ISO7816.OFFSET_CDATA and returns their length. */
    private short unwrap(APDU apdu, SecureChannel channel) {
        byte[] buffer = apdu.getBuffer();
        short received = Transfer.receive(apdu);
        short length = NO;
        try {
            if ((channel.getSecurityLevel() & SecureChannel.C_MAC) == 0) {
                ISOException.throwIt(Iso.SW_SECURE_MESSAGING_WRONG);
            }
            length = channel.unwrap(buffer, (short) 0, (short) (ISO7816.OFFSET_CDATA + received));
        } catch (ISOException refused) {
            // Security domains differ in the status word; the session is over in any case.
            channel.resetSecurity();
            ISOException.throwIt(Iso.SW_SECURE_MESSAGING_WRONG);
        }
        length -= ISO7816.OFFSET_CDATA;
        // The command is "reformatted with all data relating to secure messaging removed", so it has another Lc now.
        alarm.same(length, (short) (buffer[ISO7816.OFFSET_LC] & 0xFF));
        command.set(UNWRAPPED);
        return length;
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
