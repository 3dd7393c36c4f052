package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;
import javacardx.crypto.Cipher;
import javacardx.framework.math.BCDUtil;
import javacardx.framework.math.BigNumber;
import javacardx.framework.string.StringUtil;
import javacardx.framework.tlv.BERTLV;

/** Uses what is in the API and a runtime may have left without effect; INS says what. */
public class Newer extends Applet {
    private final byte[] data = new byte[32];
    private final short[] shorts = new short[2];

    public static void install(byte[] array, short offset, byte length) {
        new Newer().register(array, (short) (offset + 1), array[offset]);
    }

    @Override
    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short length = perform(buffer[ISO7816.OFFSET_INS]);
        Util.arrayCopyNonAtomic(data, (short) 0, buffer, (short) 0, length);
        apdu.setOutgoingAndSend((short) 0, length);
    }

    /** Leaves the answer in data; returns its length. */
    private short perform(byte ins) {
        switch (ins) {
            case 0x01:
                JCSystem.getAvailableMemory(shorts, (short) 0, JCSystem.MEMORY_TYPE_PERSISTENT);
                Util.setShort(data, (short) 0, shorts[0]);
                return Util.setShort(data, (short) 2, shorts[1]);
            case 0x02: // 81 02 05 06
                data[0] = (byte) 0x81;
                data[1] = 2;
                data[2] = 5;
                data[3] = 6;
                BERTLV tlv = BERTLV.getInstance(data, (short) 0, (short) 4);
                return Util.setShort(data, (short) 0, tlv.getLength());
            case 0x03: // 200 + 100
                BigNumber number = new BigNumber((short) 2);
                data[0] = (byte) 200;
                number.init(data, (short) 0, (short) 1, BigNumber.FORMAT_HEX);
                data[0] = 100;
                number.add(data, (short) 0, (short) 1, BigNumber.FORMAT_HEX);
                number.toBytes(data, (short) 0, (short) 2, BigNumber.FORMAT_HEX);
                return 2;
            case 0x04: // " a " without blanks
                data[0] = ' ';
                data[1] = 'a';
                data[2] = ' ';
                return StringUtil.trim(data, (short) 0, (short) 3, data, (short) 0);
            case 0x05: // 300 in decimal digits
                data[0] = 1;
                data[1] = 44;
                return BCDUtil.convertToBCD(data, (short) 0, (short) 2, data, (short) 0);
            case 0x06:
                return encrypted(Cipher.getInstance(Cipher.CIPHER_AES_CBC, Cipher.PAD_NOPAD, false));
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
                return 0;
        }
    }

    /** A block of zeros under a key of zeros. */
    private short encrypted(Cipher cipher) {
        AESKey key = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_128, false);
        Util.arrayFillNonAtomic(data, (short) 0, (short) 32, (byte) 0);
        key.setKey(data, (short) 0);
        cipher.init(key, Cipher.MODE_ENCRYPT);
        return cipher.doFinal(data, (short) 0, (short) 16, data, (short) 0);
    }
}
