package crypto;

import javacard.framework.*;
import javacard.security.*;
import javacardx.crypto.Cipher;

/** Imports of several packages, in the order of their use. */
public class Crypto extends Applet {
    private final Signature signature = Signature.getInstance(Signature.ALG_RSA_SHA_PKCS1, false);
    private final KeyPair pair = new KeyPair(KeyPair.ALG_RSA, KeyBuilder.LENGTH_RSA_2048);
    private final byte[] work = JCSystem.makeTransientByteArray((short) 16, JCSystem.CLEAR_ON_DESELECT);
    private Cipher cipher;

    public static void install(byte[] buffer, short offset, byte length) {
        new Crypto().register();
    }

    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        try {
            signature.init(pair.getPrivate(), Signature.MODE_SIGN);
            short length = signature.sign(buffer, (short) 0, (short) 5, buffer, (short) 0);
            apdu.setOutgoingAndSend((short) 0, length);
        } catch (CryptoException e) {
            if (e.getReason() == CryptoException.NO_SUCH_ALGORITHM) {
                ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED);
            }
            throw e;
        } finally {
            Util.arrayFillNonAtomic(work, (short) 0, (short) work.length, (byte) 0);
        }
    }

    void encrypt(byte[] data, AESKey key) {
        if (cipher == null) {
            cipher = Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD, false);
        }
        key.setKey(data, (short) 0);
        cipher.init(key, Cipher.MODE_ENCRYPT);
        cipher.doFinal(data, (short) 0, (short) data.length, data, (short) 0);
        RSAPublicKey publicKey = (RSAPublicKey) pair.getPublic();
        publicKey.setExponent(data, (short) 0, (short) 3);
        RandomData.getInstance(RandomData.ALG_SECURE_RANDOM).generateData(work, (short) 0, (short) 8);
    }
}
