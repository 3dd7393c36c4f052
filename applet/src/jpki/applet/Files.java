package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** The elementary files: SELECT, READ BINARY, and what the references in P2 stand for. */
final class Files {

    static final short SIGNING_CERTIFICATE = 0x0001;
    static final short SIGNING_CA_CERTIFICATE = 0x0002;
    static final short TOKEN_INFORMATION = 0x0006;
    static final short PRESENCE = 0x0008;
    static final short AUTHENTICATION_CERTIFICATE = 0x000A;
    static final short AUTHENTICATION_CA_CERTIFICATE = 0x000B;
    static final short AUTHENTICATION_KEY = 0x0017;
    static final short AUTHENTICATION_PIN = 0x0018;
    static final short SIGNING_KEY = 0x001A;
    static final short SIGNING_PASSWORD = 0x001B;

    private static final short NONE = 0;
    private static final byte CERTIFICATE_PRESENT = (byte) 0x8F;
    private static final short PRESENCE_LENGTH = 3;

    private final Profile profile;
    private final KeySlot signing;
    private final KeySlot authentication;
    private final byte[] tokenInformation;
    private final byte[] presence;
    private final short[] selected;

    Files(Profile profile, KeySlot signing, KeySlot authentication) {
        this.profile = profile;
        this.signing = signing;
        this.authentication = authentication;
        tokenInformation = TokenInformation.record(profile);
        presence = JCSystem.makeTransientByteArray(PRESENCE_LENGTH, JCSystem.CLEAR_ON_DESELECT);
        selected = JCSystem.makeTransientShortArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
    }

    void select(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (buffer[ISO7816.OFFSET_P1] != 0x02) {
            ISOException.throwIt(ISO7816.SW_FILE_NOT_FOUND);
        }
        if (buffer[ISO7816.OFFSET_P2] != 0x0C) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        Transfer.receiveExactly(apdu, (short) 2);
        short file = Util.getShort(buffer, ISO7816.OFFSET_CDATA);
        requireExisting(file);
        selected[0] = file;
    }

    void readBinary(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        short file = selected[0];
        short offset = Util.getShort(buffer, ISO7816.OFFSET_P1);
        if (offset < 0) {
            if ((buffer[ISO7816.OFFSET_P1] & 0x60) != 0) {
                ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
            }
            file = (short) (buffer[ISO7816.OFFSET_P1] & 0x1F);
            offset = (short) (buffer[ISO7816.OFFSET_P2] & 0xFF);
            requireExisting(file);
        }
        requireSelected(file);
        requireTransparent(file);
        Transfer.receiveNothing(apdu);
        requireReadable(file);
        if (offset >= length(file)) {
            ISOException.throwIt(ISO7816.SW_WRONG_P1P2);
        }
        selected[0] = file;
        send(apdu, content(file), offset, (short) (length(file) - offset));
    }

    private void send(APDU apdu, byte[] content, short offset, short length) {
        short expected = apdu.setOutgoing();
        if (expected < length) {
            length = expected;
        }
        apdu.setOutgoingLength(length);
        if (length > 0) {
            confirmReadable(content);
            apdu.sendBytesLong(content, offset, length);
        }
    }

    /** The slot whose PIN a reference names, else 6A88. */
    KeySlot slotOfPin(byte reference) {
        return slotOf(reference, Iso.REF_SIGNING_PASSWORD, Iso.REF_AUTHENTICATION_PIN, Iso.SW_REFERENCE_NOT_FOUND);
    }

    /** The slot whose key a reference names, else 6A88. */
    KeySlot slotOfKey(byte reference) {
        return slotOf(reference, Iso.REF_SIGNING_KEY, Iso.REF_AUTHENTICATION_KEY, Iso.SW_REFERENCE_NOT_FOUND);
    }

    /** The same, or the selected PIN for 80: 6986 when nothing is selected, 6981 when it is no PIN. */
    KeySlot slotOfPinOrSelected(byte reference) {
        if (reference != Iso.REF_SELECTED) {
            return slotOfPin(reference);
        }
        return slotOf(selectedReference(), Iso.REF_SIGNING_PASSWORD, Iso.REF_AUTHENTICATION_PIN, Iso.SW_WRONG_FILE);
    }

    /** The same, or the selected key for 80: 6986 when nothing is selected, 6981 when it is no key. */
    KeySlot slotOfKeyOrSelected(byte reference) {
        if (reference != Iso.REF_SELECTED) {
            return slotOfKey(reference);
        }
        return slotOf(selectedReference(), Iso.REF_SIGNING_KEY, Iso.REF_AUTHENTICATION_KEY, Iso.SW_WRONG_FILE);
    }

    /** A reference is 80 + the short file identifier (docs/reference/applet.md, Commands). */
    private byte selectedReference() {
        requireSelected(selected[0]);
        return (byte) (Iso.REF_SELECTED | selected[0]);
    }

    private KeySlot slotOf(byte reference, byte ofSigning, byte ofAuthentication, short notFound) {
        if (reference == ofSigning) {
            return signing;
        }
        if (reference != ofAuthentication) {
            ISOException.throwIt(notFound);
        }
        return authentication;
    }

    /** The certificate that is the content of an EF, or null. */
    CertificateFile certificate(short file) {
        switch (file) {
            case SIGNING_CERTIFICATE:
                return signing.certificate;
            case SIGNING_CA_CERTIFICATE:
                return signing.caCertificate;
            case AUTHENTICATION_CERTIFICATE:
                return authentication.certificate;
            case AUTHENTICATION_CA_CERTIFICATE:
                return authentication.caCertificate;
            default:
                return null;
        }
    }

    boolean needsKey(short file) {
        return file == SIGNING_CERTIFICATE || file == AUTHENTICATION_CERTIFICATE;
    }

    KeySlot slotOfCertificate(short file) {
        return file == SIGNING_CERTIFICATE ? signing : authentication;
    }

    private static void requireSelected(short file) {
        if (file == NONE) {
            ISOException.throwIt(ISO7816.SW_COMMAND_NOT_ALLOWED);
        }
    }

    private void requireExisting(short file) {
        if (!isTransparent(file) && !isKeyOrPin(file)) {
            ISOException.throwIt(ISO7816.SW_FILE_NOT_FOUND);
        }
    }

    private void requireTransparent(short file) {
        if (!isTransparent(file)) {
            ISOException.throwIt(Iso.SW_WRONG_FILE);
        }
    }

    private void requireReadable(short file) {
        if (file == SIGNING_CERTIFICATE) {
            signing.pin.require(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
        if (file == AUTHENTICATION_CERTIFICATE && profile.isPhone()) {
            authentication.pin.require(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
    }

    /** The same once more, of what is about to be sent. */
    private void confirmReadable(byte[] content) {
        if (content == signing.certificate.content()) {
            signing.pin.confirm();
        }
        if (content == authentication.certificate.content() && profile.isPhone()) {
            authentication.pin.confirm();
        }
    }

    private boolean isTransparent(short file) {
        return file == TOKEN_INFORMATION || file == PRESENCE || certificate(file) != null;
    }

    private static boolean isKeyOrPin(short file) {
        return file == AUTHENTICATION_KEY || file == AUTHENTICATION_PIN
            || file == SIGNING_KEY || file == SIGNING_PASSWORD;
    }

    private short length(short file) {
        switch (file) {
            case TOKEN_INFORMATION:
                return TokenInformation.LENGTH;
            case PRESENCE:
                return PRESENCE_LENGTH;
            default:
                return certificate(file).length();
        }
    }

    private byte[] content(short file) {
        switch (file) {
            case TOKEN_INFORMATION:
                return tokenInformation;
            case PRESENCE:
                presence[0] = presenceOf(signing);
                presence[1] = presenceOf(authentication);
                return presence;
            default:
                return certificate(file).content();
        }
    }

    private static byte presenceOf(KeySlot slot) {
        return slot.certificate.length() == 0 ? 0 : CERTIFICATE_PRESENT;
    }
}
