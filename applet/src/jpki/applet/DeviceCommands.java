package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** GET CHALLENGE, REGISTER DEVICE KEY and REMOVE DEVICE KEY (C2, C3). */
final class DeviceCommands {

    private final KeySlot slot;
    private final Profile profile;

    DeviceCommands(KeySlot authentication, Profile profile) {
        slot = authentication;
        this.profile = profile;
    }

    void getChallenge(APDU apdu) {
        Transfer.requireParameters(apdu.getBuffer(), (short) 0x0000);
        Transfer.receiveNothing(apdu);
        if (apdu.setOutgoing() < DeviceKeys.CHALLENGE_LENGTH) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        short length = slot.deviceKeys.challenge(apdu.getBuffer());
        apdu.setOutgoingLength(length);
        apdu.sendBytes((short) 0, length);
    }

    void register(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        byte method = method(buffer);
        Transfer.receiveExactly(apdu, DeviceKeys.POINT_LENGTH);
        requireHolder();
        slot.deviceKeys.register(method, buffer, ISO7816.OFFSET_CDATA);
    }

    void remove(APDU apdu) {
        byte method = method(apdu.getBuffer());
        Transfer.receiveExactly(apdu, (short) 0);
        requireHolder();
        slot.deviceKeys.remove(method);
    }

    private static byte method(byte[] buffer) {
        byte method = buffer[ISO7816.OFFSET_P2];
        if (buffer[ISO7816.OFFSET_P1] != 0x00 || !DeviceKeys.isMethod(method)) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        return method;
    }

    private void requireHolder() {
        profile.refuseContactless();
        profile.requirePhone();
        slot.pin.requireVerified();
    }
}
