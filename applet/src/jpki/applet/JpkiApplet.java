package jpki.applet;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.AppletEvent;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.SystemException;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacardx.apdu.ExtendedLength;

/** The JPKI applet: installation, selection, and which class answers which command (docs/reference/applet.md). */
public final class JpkiApplet extends Applet implements AppletEvent, ExtendedLength {

    /** P1 and P2 of SELECT without the bits that ask for an FCI (ISO/IEC 7816-4, 11.1.1). */
    private static final short BY_NAME = 0x0400;
    private static final short FIRST_OCCURRENCE_MASK = (short) 0xFFF3;
    /** P1 and P2 of GET DATA. */
    private static final short SIGNED_ATTRIBUTES = 0x01A0;
    private static final short IDENTIFICATION = 0x01A1;

    /** Whoever deletes the instance needs no right of this applet's. */
    private static final class Deletion extends Right {

        Deletion(Alarm alarm) {
            super(alarm);
        }

        short first() {
            return YES;
        }

        short second() {
            return ALSO;
        }
    }

    private final Alarm alarm;
    private final Right deletion;
    private final byte[] scratch;
    private final SpareKeyPair spare;
    private final KeySlot signing;
    private final KeySlot authentication;
    private final Files files;
    private final PinCommands pinCommands;
    private final Indicator indicator;
    private final Suite suite;
    private final Signer signer;
    private final Identification identification;
    private final DeviceCommands deviceCommands;
    private final CertificateLoader loader;
    private final TsmCommands tsmCommands;

    /** Everything the applet will ever allocate is allocated here. */
    private JpkiApplet(byte[] parameters, short offset, short length) {
        alarm = new Alarm();
        deletion = new Deletion(alarm);
        Profile profile = new Profile(alarm, parameters, offset, length);
        suite = profile.suite(alarm);
        identification = new Identification(profile, parameters, offset, length);
        Randomness random = new Randomness();
        scratch = JCSystem.makeTransientByteArray(Pin.MAX_LENGTH, JCSystem.CLEAR_ON_RESET);
        indicator = new Indicator(suite);
        spare = new SpareKeyPair(suite);
        signing = new KeySlot(alarm, suite, Pin.password(alarm, random, scratch), null, spare, scratch);
        Pin pin = Pin.fourDigits(alarm, random, scratch);
        DeviceKeys deviceKeys = profile.isPhone() ? new DeviceKeys(alarm, suite.hashLength) : null;
        authentication = new KeySlot(alarm, suite, pin, deviceKeys, spare, scratch);
        alarm.protect(signing, authentication);
        files = new Files(profile, signing, authentication);
        pinCommands = new PinCommands(alarm, files, profile);
        signer = new Signer(alarm, suite, files, profile, indicator);
        deviceCommands = new DeviceCommands(authentication, profile, random);
        loader = new CertificateLoader(alarm, files);
        Personalisation personalisation =
            new Personalisation(alarm, suite, profile, files, signing, authentication, loader, indicator);
        tsmCommands = new TsmCommands(alarm, profile, personalisation);
    }

    /**
     * @param parameters length and value of: instance AID, privileges, application data (JCRE 3.0.4, 3.1). What a card
     *     lacks is told apart: 6A81 an algorithm, 6A84 memory.
     */
    public static void install(byte[] parameters, short offset, byte length) {
        short aid = offset;
        short privileges = next(parameters, aid);
        short data = next(parameters, privileges);
        JpkiApplet made = create(parameters, (short) (data + 1), (short) (parameters[data] & 0xFF));
        made.register(parameters, (short) (aid + 1), parameters[aid]);
    }

    private static JpkiApplet create(byte[] parameters, short offset, short length) {
        JpkiApplet made = null;
        try {
            made = new JpkiApplet(parameters, offset, length);
        } catch (CryptoException missing) {
            ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED);
        } catch (SystemException full) {
            ISOException.throwIt(ISO7816.SW_FILE_FULL);
        }
        return made;
    }

    private static short next(byte[] parameters, short offset) {
        return (short) (offset + 1 + (parameters[offset] & 0xFF));
    }

    /** What a power cut kept from being overwritten is overwritten now. */
    public boolean select() {
        signing.finishErasing();
        authentication.finishErasing();
        spare.scrub();
        loader.scrub();
        return true;
    }

    /**
     * The instance is to be deleted. Whether its memory is overwritten then is the card's business, so it is here. What
     * is cleared on deselection cannot be used: the applet is not selected (JCRE 3.0.4, 5.1).
     */
    public void uninstall() {
        signing.erase(deletion);
        authentication.erase(deletion);
        spare.scrub();
        loader.scrub();
    }

    /**
     * Selecting the applet again keeps what was verified; where the platform does not show the SELECT, nothing is. Asked and
     * done twice: one disturbed instruction does not keep a right for whoever selects the applet next.
     */
    public void deselect() {
        try {
            endRights();
        } finally {
            endTheRest();
        }
    }

    /** The second time, whether the first went well or not. */
    private void endTheRest() {
        try {
            endRights();
        } finally {
            Alarm.endSecureChannel();
        }
    }

    private void endRights() {
        if (!isSelectedAgain()) {
            signing.pin.endSession();
            authentication.pin.endSession();
        }
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

    /**
     * Whatever is thrown ends here: a refusal with its status word, a failure of the platform (a full commit buffer, a
     * generation or a cipher that does not succeed) with 6581, never 6F00.
     */
    public void process(APDU apdu) {
        short outcome = Iso.SW_MEMORY_FAILURE;
        try {
            outcome = execute(apdu);
        } catch (ISOException refused) {
            outcome = refused.getReason();
        } catch (RuntimeException failed) {
            indicator.forget();
        }
        finish(apdu.getBuffer(), outcome == ISO7816.SW_UNKNOWN ? Iso.SW_MEMORY_FAILURE : outcome);
    }

    /** Leaves nothing of the command behind, where it was refused or failed in the APDU buffer neither. */
    private void finish(byte[] buffer, short outcome) {
        if (JCSystem.getTransactionDepth() != 0) {
            JCSystem.abortTransaction();
        }
        loader.endCommand();
        tsmCommands.endCommand();
        signing.endCommand();
        authentication.endCommand();
        spare.scrub();
        suite.forget();
        Util.arrayFillNonAtomic(scratch, (short) 0, Pin.MAX_LENGTH, (byte) 0);
        if (outcome != ISO7816.SW_NO_ERROR) {
            Transfer.wipe(buffer);
            ISOException.throwIt(outcome);
        }
    }

    private short execute(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            answerSelect(apdu);
            return ISO7816.SW_NO_ERROR;
        }
        loader.beginCommand();
        byte instruction = buffer[ISO7816.OFFSET_INS];
        byte cla = Iso.withoutChannel(buffer[ISO7816.OFFSET_CLA]);
        if (alarm.isAtEnd() && cla != Iso.CLA_SECURED && instruction != Iso.INS_INITIALIZE_UPDATE) {
            return Iso.SW_ATTACK;
        }
        switch (cla) {
            case ISO7816.CLA_ISO7816:
                return processInterindustry(apdu, instruction);
            case Iso.CLA_PLAIN:
                return processPlain(apdu, instruction);
            case Iso.CLA_SECURED:
                return processSecured(apdu, instruction);
            default:
                return ISO7816.SW_CLA_NOT_SUPPORTED;
        }
    }

    /** 9000 when the command was carried out, else why there is none; so do the next two. */
    private short processInterindustry(APDU apdu, byte instruction) {
        switch (instruction) {
            case ISO7816.INS_SELECT:
                files.select(apdu);
                break;
            case Iso.INS_READ_BINARY:
                files.readBinary(apdu);
                break;
            case Iso.INS_VERIFY:
                pinCommands.verify(apdu);
                break;
            case Iso.INS_CHANGE_REFERENCE_DATA:
                pinCommands.change(apdu);
                break;
            case Iso.INS_GET_CHALLENGE:
                deviceCommands.getChallenge(apdu);
                break;
            default:
                return ISO7816.SW_INS_NOT_SUPPORTED;
        }
        return ISO7816.SW_NO_ERROR;
    }

    private short processPlain(APDU apdu, byte instruction) {
        switch (instruction) {
            case Iso.INS_SIGN:
                signer.sign(apdu);
                break;
            case Iso.INS_SIGN_WITH_INDICATOR:
                signer.signWithIndicator(apdu);
                break;
            case Iso.INS_GET_DATA:
                return getData(apdu);
            case Iso.INS_REGISTER_DEVICE_KEY:
                deviceCommands.register(apdu);
                break;
            case Iso.INS_DELETE:
                deviceCommands.remove(apdu);
                break;
            case Iso.INS_INITIALIZE_UPDATE:
                tsmCommands.beginChannel(apdu);
                break;
            case Iso.INS_GENERATE_KEY_PAIR:
            case Iso.INS_STORE_CERTIFICATE:
            case Iso.INS_SET_PIN:
            case Iso.INS_GET_STATUS:
                return ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED;
            default:
                return ISO7816.SW_INS_NOT_SUPPORTED;
        }
        return ISO7816.SW_NO_ERROR;
    }

    private short getData(APDU apdu) {
        switch (Util.getShort(apdu.getBuffer(), ISO7816.OFFSET_P1)) {
            case SIGNED_ATTRIBUTES:
                signer.sendSignedAttributes(apdu);
                break;
            case IDENTIFICATION:
                identification.send(apdu);
                break;
            default:
                return ISO7816.SW_INCORRECT_P1P2;
        }
        return ISO7816.SW_NO_ERROR;
    }

    private short processSecured(APDU apdu, byte instruction) {
        if (instruction == Iso.INS_EXTERNAL_AUTHENTICATE) {
            tsmCommands.authenticate(apdu);
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
