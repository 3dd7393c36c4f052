package oneshottest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.SystemException;
import javacard.security.AESKey;
import javacard.security.CryptoException;
import javacard.security.InitializedMessageDigest;
import javacard.security.KeyBuilder;
import javacard.security.MessageDigest;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/** The OneShot classes. */
public final class Shots extends Applet {
    private final AESKey key = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_128, false);
    private final byte[] in = {'a', 'b', 'c', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    private final byte[] out = new byte[64];
    private MessageDigest kept;

    public static void install(byte[] array, short offset, byte length) {
        new Shots().register();
    }

    private Shots() {
        key.setKey(new byte[16], (short) 0);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        short length = 0;
        try {
            length = perform(apdu.getBuffer()[ISO7816.OFFSET_INS]);
        } catch (CryptoException error) {
            ISOException.throwIt((short) (0x6B00 | error.getReason()));
        } catch (SystemException error) {
            ISOException.throwIt((short) (0x6C00 | error.getReason()));
        } catch (SecurityException error) {
            ISOException.throwIt((short) 0x6982);
        }
        apdu.setOutgoing();
        apdu.setOutgoingLength(length);
        apdu.sendBytesLong(out, (short) 0, length);
    }

    private short perform(byte ins) {
        switch (ins) {
            case 1: return digest();
            case 2: return random();
            case 3: return sign();
            case 4: return encrypt();
            case 5: kept = MessageDigest.OneShot.open(MessageDigest.ALG_SHA_256); return 0;
            case 6: MessageDigest.OneShot.open(MessageDigest.ALG_SHA); MessageDigest.OneShot.open(MessageDigest.ALG_SHA); return 0;
            case 7: return afterClose();
            case 8: MessageDigest.OneShot.open(MessageDigest.ALG_SHA).update(in, (short) 0, (short) 3); return 0;
            case 9: return initialized();
            case 10: Cipher.OneShot.open(Cipher.CIPHER_AES_CBC, Cipher.PAD_NOPAD).update(in, (short) 0, (short) 16, out, (short) 0); return 0;
            case 11: RandomData.OneShot.open((byte) 99); return 0;
            case 12: return verify();
            default: Cipher.OneShot.open(Cipher.CIPHER_AES_CBC, Cipher.PAD_NOPAD).doFinal(in, (short) 0, (short) 16, out, (short) 0); return 0;
        }
    }

    private short digest() {
        MessageDigest.OneShot shot = MessageDigest.OneShot.open(MessageDigest.ALG_SHA_256);
        short length = shot.doFinal(in, (short) 0, (short) 3, out, (short) 0);
        shot.close();
        shot.close();
        return length;
    }

    private short initialized() {
        InitializedMessageDigest.OneShot shot = InitializedMessageDigest.OneShot.open(MessageDigest.ALG_SHA_256);
        digest();
        byte[] counted = {64};
        shot.setInitialDigest(out, (short) 0, (short) 32, counted, (short) 0, (short) 1);
        short length = shot.doFinal(in, (short) 0, (short) 3, out, (short) 0);
        shot.close();
        return length;
    }

    private short random() {
        RandomData.OneShot shot = RandomData.OneShot.open(RandomData.ALG_TRNG);
        shot.nextBytes(out, (short) 0, (short) 16);
        shot.close();
        return 16;
    }

    private short sign() {
        Signature.OneShot shot = Signature.OneShot.open(MessageDigest.ALG_NULL, Signature.SIG_CIPHER_AES_CMAC128, Cipher.PAD_NULL);
        shot.init(key, Signature.MODE_SIGN);
        short length = shot.sign(in, (short) 0, (short) 3, out, (short) 0);
        shot.close();
        return length;
    }

    private short verify() {
        short length = sign();
        Signature.OneShot shot = Signature.OneShot.open(MessageDigest.ALG_NULL, Signature.SIG_CIPHER_AES_CMAC128, Cipher.PAD_NULL);
        shot.init(key, Signature.MODE_VERIFY);
        boolean good = shot.verify(in, (short) 0, (short) 3, out, (short) 0, length);
        shot.close();
        out[0] = (byte) (good ? 1 : 0);
        return 1;
    }

    private short encrypt() {
        Cipher.OneShot shot = Cipher.OneShot.open(Cipher.CIPHER_AES_CBC, Cipher.PAD_NOPAD);
        shot.init(key, Cipher.MODE_ENCRYPT);
        short length = shot.doFinal(in, (short) 0, (short) 16, out, (short) 0);
        shot.close();
        return length;
    }

    private short afterClose() {
        MessageDigest.OneShot shot = MessageDigest.OneShot.open(MessageDigest.ALG_SHA_256);
        shot.close();
        return shot.doFinal(in, (short) 0, (short) 3, out, (short) 0);
    }
}
