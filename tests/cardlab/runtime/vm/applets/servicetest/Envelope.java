package servicetest;

import javacard.framework.APDU;
import javacard.framework.service.BasicService;
import javacard.framework.service.SecurityService;

/** Takes the last data byte, a checksum, away; adds one to answers. It is a SecurityService that knows of the checksum. */
final class Envelope extends BasicService implements SecurityService {
    static final byte FLAG = 0x04;
    private static final byte OFFSET_LC = 4;
    private static final byte OFFSET_DATA = 5;
    private boolean isChecked;

    public boolean processDataIn(APDU apdu) {
        isChecked = false;
        if ((getCLA(apdu) & FLAG) == 0) {
            return false;
        }
        short length = receiveInData(apdu);
        byte[] buffer = apdu.getBuffer();
        if (length == 0 || sum(buffer, (short) (length - 1)) != buffer[(short) (OFFSET_DATA + length - 1)]) {
            return fail(apdu, (short) 0x6988);
        }
        buffer[OFFSET_LC] = (byte) (length - 1);
        isChecked = true;
        return true;
    }

    public boolean processDataOut(APDU apdu) {
        if (!isChecked) {
            return false;
        }
        short length = getOutputLength(apdu);
        apdu.getBuffer()[(short) (OFFSET_DATA + length)] = sum(apdu.getBuffer(), length);
        setOutputLength(apdu, (short) (length + 1));
        return true;
    }

    private static byte sum(byte[] buffer, short length) {
        byte sum = 0;
        for (short i = 0; i < length; i++) {
            sum += buffer[(short) (OFFSET_DATA + i)];
        }
        return sum;
    }

    public boolean isAuthenticated(short principal) {
        return false;
    }

    public boolean isChannelSecure(byte properties) {
        return false;
    }

    public boolean isCommandSecure(byte properties) {
        return isChecked && properties == PROPERTY_INPUT_INTEGRITY;
    }
}
