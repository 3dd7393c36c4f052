package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** GET CHALLENGE, REGISTER DEVICE KEY and REMOVE DEVICE KEY (C2, C3). */
final class DeviceCommands {

    private static final short MIN_RANDOM_LENGTH = 8;
    private static final short MAX_RANDOM_LENGTH = 255;

    private final KeySlot slot;
    private final Profile profile;
    private final Randomness random;

    DeviceCommands(KeySlot authentication, Profile profile, Randomness random) {
        slot = authentication;
        this.profile = profile;
        this.random = random;
    }

    /** As many random bytes as Le asks for, 8 to 255; beyond, or without Le, the 32 of a challenge. */
    void getChallenge(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        Transfer.requireParameters(buffer, (short) 0x0000);
        Transfer.receiveNothing(apdu);
        short length = apdu.setOutgoing();
        if (length < MIN_RANDOM_LENGTH) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        if (length > MAX_RANDOM_LENGTH) {
            length = DeviceKeys.CHALLENGE_LENGTH;
        }
        random.fill(buffer, (short) 0, length);
        if (length == DeviceKeys.CHALLENGE_LENGTH && slot.deviceKeys != null) {
            slot.deviceKeys.takeChallenge(buffer);
        }
        apdu.setOutgoingLength(length);
        apdu.sendBytes((short) 0, length);
    }

    void register(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        byte method = method(buffer);
        Transfer.receiveExactly(apdu, DeviceKeys.POINT_LENGTH);
        requireHolder();
        profile.contact.confirm();
        slot.deviceKeys.register(slot.pin, method, buffer);
    }

    void remove(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        byte method = method(buffer);
        Transfer.receiveExactly(apdu, (short) 0);
        requireHolder();
        profile.contact.confirm();
        slot.deviceKeys.remove(slot.pin, method, buffer[ISO7816.OFFSET_P2]);
    }

    private static byte method(byte[] buffer) {
        byte method = buffer[ISO7816.OFFSET_P2];
        if (buffer[ISO7816.OFFSET_P1] != 0x00 || !DeviceKeys.isMethod(method)) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        return method;
    }

    private void requireHolder() {
        profile.contact.require(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        profile.phone.require(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        slot.pin.require(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
    }
}
