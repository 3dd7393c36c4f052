package jpki.applet;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacardx.apdu.ExtendedLength;
import org.globalplatform.GPSystem;

/** The JPKI applet: installation, selection, and which class answers which command (docs/reference/applet.md). */
public final class JpkiApplet extends Applet implements ExtendedLength {

    /** P1 and P2 of SELECT without the bits that ask for an FCI (ISO/IEC 7816-4, 11.1.1). */
    private static final short BY_NAME = 0x0400;
    private static final short FIRST_OCCURRENCE_MASK = (short) 0xFFF3;

    private final KeySlot signing;
    private final KeySlot authentication;
    private final Files files;
    private final PinCommands pinCommands;
    private final Signer signer;
    private final DeviceCommands deviceCommands;
    private final CertificateLoader loader;
    private final TsmCommands tsmCommands;

    /** Everything the applet will ever allocate is allocated here. */
    private JpkiApplet(Profile profile) {
        Randomness random = new Randomness();
        byte[] scratch = JCSystem.makeTransientByteArray(Pin.MAX_LENGTH, JCSystem.CLEAR_ON_DESELECT);
        Indicator indicator = new Indicator();
        signing = new KeySlot(Pin.password(random, scratch), null, scratch);
        authentication = new KeySlot(Pin.fourDigits(random, scratch), new DeviceKeys(random), scratch);
        files = new Files(profile, signing, authentication);
        pinCommands = new PinCommands(files);
        signer = new Signer(files, profile, indicator);
        deviceCommands = new DeviceCommands(authentication, profile);
        loader = new CertificateLoader(files);
        tsmCommands = new TsmCommands(
            profile, new Personalisation(profile, files, signing, authentication, loader, indicator));
    }

    /** @param parameters length and value of: instance AID, privileges, application data (JCRE 3.0.4, 3.1) */
    public static void install(byte[] parameters, short offset, byte length) {
        short aid = offset;
        short privileges = next(parameters, aid);
        short data = next(parameters, privileges);
        Profile profile = new Profile(parameters, (short) (data + 1), (short) (parameters[data] & 0xFF));
        new JpkiApplet(profile).register(parameters, (short) (aid + 1), parameters[aid]);
    }

    private static short next(byte[] parameters, short offset) {
        return (short) (offset + 1 + (parameters[offset] & 0xFF));
    }

    public boolean select() {
        signing.finishErasing();
        authentication.finishErasing();
        return true;
    }

    /** Selecting the applet again keeps what was verified; where the platform does not show the SELECT, nothing is. */
    public void deselect() {
        if (!isSelectedAgain()) {
            signing.pin.endSession();
            authentication.pin.endSession();
        }
        GPSystem.getSecureChannel().resetSecurity();
    }

    private static boolean isSelectedAgain() {
        try {
            byte[] command = APDU.getCurrentAPDUBuffer();
            return Iso.withoutChannel(command[ISO7816.OFFSET_CLA]) == ISO7816.CLA_ISO7816
                && command[ISO7816.OFFSET_INS] == ISO7816.INS_SELECT
                && (Util.getShort(command, ISO7816.OFFSET_P1) & FIRST_OCCURRENCE_MASK) == BY_NAME
                && JCSystem.getAID().equals(command, ISO7816.OFFSET_CDATA, command[ISO7816.OFFSET_LC]);
        } catch (RuntimeException hidden) {
            // Java Card API 3.0.4, APDU.getCurrentAPDUBuffer(): a platform may refuse it outside process().
            return false;
        }
    }

    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            answerSelect(apdu);
            return;
        }
        loader.beginCommand();
        byte instruction = buffer[ISO7816.OFFSET_INS];
        short outcome = ISO7816.SW_CLA_NOT_SUPPORTED;
        switch (Iso.withoutChannel(buffer[ISO7816.OFFSET_CLA])) {
            case ISO7816.CLA_ISO7816:
                outcome = processInterindustry(apdu, instruction);
                break;
            case Iso.CLA_PLAIN:
                outcome = processPlain(apdu, instruction);
                break;
            case Iso.CLA_SECURED:
                outcome = processSecured(apdu, instruction);
                break;
            default:
                break;
        }
        if (outcome != ISO7816.SW_NO_ERROR) {
            ISOException.throwIt(outcome);
        }
    }

    /** 9000 when the command was carried out, else why there is none; so do the next two. */
    private short processInterindustry(APDU apdu, byte instruction) {
        switch (instruction) {
            case ISO7816.INS_SELECT:
                files.select(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_READ_BINARY:
                files.readBinary(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_VERIFY:
                pinCommands.verify(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_CHANGE_REFERENCE_DATA:
                pinCommands.change(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_GET_CHALLENGE:
                deviceCommands.getChallenge(apdu);
                return ISO7816.SW_NO_ERROR;
            default:
                return ISO7816.SW_INS_NOT_SUPPORTED;
        }
    }

    private short processPlain(APDU apdu, byte instruction) {
        switch (instruction) {
            case Iso.INS_SIGN:
                signer.sign(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_SIGN_WITH_INDICATOR:
                signer.signWithIndicator(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_GET_SIGNED_ATTRIBUTES:
                signer.sendSignedAttributes(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_REGISTER_DEVICE_KEY:
                deviceCommands.register(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_DELETE:
                deviceCommands.remove(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_INITIALIZE_UPDATE:
                tsmCommands.openChannel(apdu);
                return ISO7816.SW_NO_ERROR;
            case Iso.INS_GENERATE_KEY_PAIR:
            case Iso.INS_STORE_CERTIFICATE:
            case Iso.INS_SET_PIN:
            case Iso.INS_GET_STATUS:
                return ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED;
            default:
                return ISO7816.SW_INS_NOT_SUPPORTED;
        }
    }

    private short processSecured(APDU apdu, byte instruction) {
        if (instruction == Iso.INS_EXTERNAL_AUTHENTICATE) {
            tsmCommands.openChannel(apdu);
        } else {
            tsmCommands.process(apdu);
        }
        return ISO7816.SW_NO_ERROR;
    }

    /** The FCI (ISO/IEC 7816-4, 5.3.3): the name and an empty proprietary template, unless P2 asks for nothing. */
    private static void answerSelect(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if ((buffer[ISO7816.OFFSET_P2] & 0x0C) != 0) {
            return;
        }
        AID aid = JCSystem.getAID();
        byte length = aid.getBytes(buffer, (short) 4);
        Util.setShort(buffer, (short) 0, (short) (0x6F00 | (length + 4)));
        Util.setShort(buffer, (short) 2, (short) ((short) 0x8400 | length));
        Util.setShort(buffer, (short) (4 + length), (short) 0xA500);
        Transfer.send(apdu, (short) (length + 6));
    }
}
