package costtest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;
import javacard.security.MessageDigest;
import javacard.security.RandomData;
import javacard.security.Signature;

/** Commands whose cost is known. */
public class Meter extends Applet {
    private static short total;
    private static byte last;
    private short count;
    private final byte[] store = new byte[16];
    private final short[] numbers = new short[4];
    private final OwnerPIN pin = new OwnerPIN((byte) 3, (byte) 4);
    private final MessageDigest digest = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
    private final RandomData random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
    private final Signature mac = Signature.getInstance(Signature.ALG_AES_MAC_128_NOPAD, false);
    private final AESKey key = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_128, false);

    private Meter() {
        pin.update(new byte[] {1, 2, 3, 4}, (short) 0, (byte) 4);
        key.setKey(store, (short) 0);
        mac.init(key, Signature.MODE_SIGN);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Meter().register();
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x00:
                break;
            case 0x01:
                count++;
                break;
            case 0x02:
                store[2] = 7;
                store[3] = 7;
                numbers[1] = 7;
                break;
            case 0x03:
                total++;
                total++;
                last = 1;
                break;
            case 0x04:
                digest.update(buffer, (short) 0, (short) 200);
                digest.doFinal(buffer, (short) 0, (short) 5, buffer, (short) 0);
                random.generateData(buffer, (short) 0, (short) 8);
                break;
            case 0x05:
                mac.update(buffer, (short) 0, (short) 32);
                mac.sign(buffer, (short) 0, (short) 16, buffer, (short) 0);
                break;
            case 0x06:
                pin.check(buffer, ISO7816.OFFSET_CDATA, (byte) apdu.setIncomingAndReceive());
                break;
            case 0x07:
                JCSystem.beginTransaction();
                count++;
                JCSystem.commitTransaction();
                break;
            case 0x08:
                for (short i = 0; i < 1000; i++) {
                    buffer[0] ^= (byte) i;
                }
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }
}
