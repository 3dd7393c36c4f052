package cardlab.jcardsim;

import java.util.Arrays;
import javacard.framework.AID;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** Passes the calls of org.globalplatform on to the card manager; the numbers are those of cardlab.runtime.interface.Service. */
public final class GlobalPlatform {
    public static final int PROCESS_SECURITY = 1;
    public static final int UNWRAP = 2;
    public static final int WRAP = 3;
    public static final int DECRYPT_DATA = 4;
    public static final int ENCRYPT_DATA = 5;
    public static final int RESET_SECURITY = 6;
    public static final int GET_SECURITY_LEVEL = 7;
    public static final int GET_CARD_STATE = 8;
    public static final int GET_APPLICATION_STATE = 9;
    public static final int SET_APPLICATION_STATE = 10;
    public static final int LOCK_CARD = 11;
    public static final int TERMINATE_CARD = 12;
    public static final int SET_HISTORICAL_BYTES = 13;
    public static final int GET_PRIVILEGES = 14;

    private static final byte[] NOTHING = {};
    private static final int SW_BYTES = 2;

    private GlobalPlatform() {}

    /** The result of a call; throws ISOException with the card manager's status word when it is not 9000. */
    public static byte[] call(int service, byte[] argument) {
        byte[] answer = CardRuntime.current().callServices(service, argument);
        short sw = (short) (answer[0] << 8 | answer[1] & 0xFF);
        if (sw != ISO7816.SW_NO_ERROR) {
            ISOException.throwIt(sw);
        }
        return Arrays.copyOfRange(answer, SW_BYTES, answer.length);
    }

    public static byte[] call(int service) {
        return call(service, NOTHING);
    }

    /** A call that answers with one byte. */
    public static byte byteOf(int service, byte... argument) {
        byte[] result = call(service, argument);
        if (result.length != 1) {
            throw new IllegalStateException("service " + service + " answered " + result.length + " bytes, not 1");
        }
        return result[0];
    }

    /** A call that says with 01 that it was done; a refusal is false, as the API wants it. */
    public static boolean done(int service, byte... argument) {
        try {
            return byteOf(service, argument) == 1;
        } catch (ISOException refused) {
            return false;
        }
    }

    /** A call whose argument is part of an array, and whose result goes into the array; returns the result's length. */
    public static short exchange(int service, byte[] array, short offset, short length, short resultOffset) {
        if (offset < 0 || length < 0 || offset + length > array.length) {
            throw new ArrayIndexOutOfBoundsException();
        }
        byte[] result = call(service, Arrays.copyOfRange(array, offset, offset + length));
        System.arraycopy(result, 0, array, resultOffset, result.length);
        return (short) result.length;
    }

    /** The bytes of an AID; none for null. */
    public static byte[] bytes(AID aid) {
        byte[] buffer = new byte[16];
        if (aid == null) {
            return NOTHING;
        }
        byte length = aid.getBytes(buffer, (short) 0);
        return Arrays.copyOf(buffer, length);
    }

    /** The AID of the applet that is running, as the runtime environment's object. */
    public static AID ownAid() {
        return CardRuntime.current().getAID();
    }
}
