package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;
import javacard.security.Signature;

/** Keys in RAM. */
public class TransientKeys extends Applet {
    private final AESKey untilReset = build(KeyBuilder.TYPE_AES_TRANSIENT_RESET);
    private final AESKey untilDeselect = build(KeyBuilder.TYPE_AES_TRANSIENT_DESELECT);
    private final Signature mac = Signature.getInstance(Signature.ALG_AES_CMAC_128, false);

    private TransientKeys(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    private static AESKey build(byte type) {
        return (AESKey) KeyBuilder.buildKey(type, KeyBuilder.LENGTH_AES_128, false);
    }

    public static void install(byte[] array, short offset, byte length) {
        new TransientKeys(array, offset);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01:
                apdu.setIncomingAndReceive();
                untilReset.setKey(buffer, ISO7816.OFFSET_CDATA);
                untilDeselect.setKey(buffer, ISO7816.OFFSET_CDATA);
                return;
            case 0x02:
                buffer[0] = (byte) (untilReset.isInitialized() ? 1 : 0);
                buffer[1] = (byte) (untilDeselect.isInitialized() ? 1 : 0);
                apdu.setOutgoingAndSend((short) 0, (short) 2);
                return;
            case 0x03:
                mac.init(untilReset, Signature.MODE_SIGN);
                apdu.setOutgoingAndSend((short) 16, mac.sign(buffer, (short) 0, (short) 4, buffer, (short) 16));
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }
}
