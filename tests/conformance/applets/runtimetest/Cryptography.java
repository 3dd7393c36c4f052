package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.RSAPublicKey;
import javacard.security.RandomData;
import javacard.security.Signature;

/** Everything that draws random numbers. */
public class Cryptography extends Applet {
    private final KeyPair rsa = new KeyPair(KeyPair.ALG_RSA_CRT, KeyBuilder.LENGTH_RSA_1024);
    private final KeyPair ec = new KeyPair(KeyPair.ALG_EC_FP, KeyBuilder.LENGTH_EC_FP_256);
    private final Signature ecdsa = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);
    private final Signature pkcs1 = Signature.getInstance(Signature.ALG_RSA_SHA_256_PKCS1, false);
    private final RandomData random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);

    private Cryptography(byte[] array, short offset) {
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Cryptography(array, offset);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01:
                rsa.genKeyPair();
                modulus(apdu);
                return;
            case 0x02:
                ec.genKeyPair();
                apdu.setOutgoingAndSend((short) 0, ((ECPublicKey) ec.getPublic()).getW(buffer, (short) 0));
                return;
            case 0x03:
                ecdsa.init(ec.getPrivate(), Signature.MODE_SIGN);
                sign(apdu, ecdsa);
                return;
            case 0x04:
                random.generateData(buffer, (short) 0, (short) 32);
                apdu.setOutgoingAndSend((short) 0, (short) 32);
                return;
            case 0x05:
                random.setSeed(buffer, ISO7816.OFFSET_CDATA, apdu.setIncomingAndReceive());
                return;
            case 0x06:
                pkcs1.init(rsa.getPrivate(), Signature.MODE_SIGN);
                sign(apdu, pkcs1);
                return;
            case 0x07:
                modulus(apdu);
                return;
            case 0x08:
                shorterExponent(apdu);
                return;
            case 0x09:
                random.generateData(buffer, (short) 0, Util.getShort(buffer, ISO7816.OFFSET_P1));
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    /** Whether a signature verifies after the public exponent was a longer one for a while. */
    private void shorterExponent(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        RSAPublicKey key = (RSAPublicKey) rsa.getPublic();
        short exponent = key.getExponent(buffer, (short) 0);
        Util.arrayFillNonAtomic(buffer, (short) 10, (short) 8, (byte) 0xFF);
        key.setExponent(buffer, (short) 10, (short) 8);
        key.setExponent(buffer, (short) 0, exponent);
        pkcs1.init(rsa.getPrivate(), Signature.MODE_SIGN);
        short length = pkcs1.sign(buffer, (short) 0, exponent, buffer, (short) 100);
        pkcs1.init(key, Signature.MODE_VERIFY);
        buffer[0] = (byte) (pkcs1.verify(buffer, (short) 0, exponent, buffer, (short) 100, length) ? 1 : 0);
        apdu.setOutgoingAndSend((short) 0, (short) 1);
    }

    private void modulus(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        apdu.setOutgoingAndSend((short) 0, ((RSAPublicKey) rsa.getPublic()).getModulus(buffer, (short) 0));
    }

    private void sign(APDU apdu, Signature signature) {
        byte[] buffer = apdu.getBuffer();
        short count = apdu.setIncomingAndReceive();
        short length = signature.sign(buffer, ISO7816.OFFSET_CDATA, count, buffer, (short) 100);
        apdu.setOutgoingAndSend((short) 100, length);
    }
}
