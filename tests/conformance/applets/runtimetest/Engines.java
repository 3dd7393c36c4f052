package runtimetest;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.DESKey;
import javacard.security.ECPublicKey;
import javacard.security.Key;
import javacard.security.KeyAgreement;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.PrivateKey;
import javacard.security.RSAPublicKey;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/** One of everything that a card can hold, initialized at install time and used ever after. */
public class Engines extends Applet {
    private static final byte[] CONSTANTS = {1, 2, 3, 4};

    private static byte[] shared;
    private static short calls;

    private final KeyPair rsa = new KeyPair(KeyPair.ALG_RSA_CRT, KeyBuilder.LENGTH_RSA_1024);
    private final KeyPair plain = new KeyPair(KeyPair.ALG_RSA, KeyBuilder.LENGTH_RSA_1024);
    private final KeyPair ec = new KeyPair(KeyPair.ALG_EC_FP, KeyBuilder.LENGTH_EC_FP_256);
    private final AESKey aes = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_128, false);
    private final DESKey des = (DESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_DES, KeyBuilder.LENGTH_DES3_2KEY, false);
    private final Signature[] signatures = {
        Signature.getInstance(Signature.ALG_RSA_SHA_256_PKCS1, false),
        Signature.getInstance(Signature.ALG_RSA_SHA_256_PKCS1_PSS, false),
        Signature.getInstance(Signature.ALG_RSA_SHA_PKCS1, false),
        Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false),
        Signature.getInstance(Signature.ALG_AES_CMAC_128, false),
        Signature.getInstance(Signature.ALG_AES_MAC_128_NOPAD, false),
        Signature.getInstance(Signature.ALG_DES_MAC8_ISO9797_M2, false)
    };
    private final Cipher[] ciphers = {
        Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD, false),
        Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_ECB_NOPAD, false),
        Cipher.getInstance(Cipher.ALG_DES_CBC_ISO9797_M2, false),
        Cipher.getInstance(Cipher.ALG_RSA_PKCS1, false),
        Cipher.getInstance(Cipher.ALG_RSA_PKCS1_OAEP, false)
    };
    private final MessageDigest[] digests = {
        MessageDigest.getInstance(MessageDigest.ALG_SHA, false),
        MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false),
        MessageDigest.getInstance(MessageDigest.ALG_SHA_512, false)
    };
    private final KeyAgreement agreement = KeyAgreement.getInstance(KeyAgreement.ALG_EC_SVDP_DH_PLAIN, false);
    private final RandomData random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
    private final OwnerPIN pin = new OwnerPIN((byte) 3, (byte) 8);
    private final byte[] ram = JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_RESET);
    private final byte[] session = JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_DESELECT);
    private final byte[] alias = CONSTANTS;
    private final Link first = new Link();
    private final Inner inner = new Inner();
    private final AID ownAid;

    private Engines(byte[] array, short offset) {
        rsa.genKeyPair();
        plain.genKeyPair();
        ec.genKeyPair();
        shared = new byte[24];
        Util.arrayFillNonAtomic(shared, (short) 0, (short) 24, (byte) 0x5A);
        shared[8] = 1;
        aes.setKey(shared, (short) 0);
        des.setKey(shared, (short) 4);
        initialize();
        pin.update(shared, (short) 0, (byte) 4);
        first.next = new Link();
        first.next.next = first;
        first.next.bytes = shared;
        register(array, (short) (offset + 1), array[offset]);
        ownAid = JCSystem.getAID();
    }

    private void initialize() {
        Key[] keys = {rsa.getPrivate(), rsa.getPrivate(), plain.getPrivate(), ec.getPrivate(), aes, aes, des};
        for (short i = 0; i < signatures.length; i++) {
            signatures[i].init(keys[i], Signature.MODE_SIGN);
        }
        ciphers[0].init(aes, Cipher.MODE_ENCRYPT, shared, (short) 0, (short) 16);
        ciphers[1].init(aes, Cipher.MODE_DECRYPT);
        ciphers[2].init(des, Cipher.MODE_ENCRYPT);
        ciphers[3].init(rsa.getPrivate(), Cipher.MODE_ENCRYPT);
        ciphers[4].init(rsa.getPublic(), Cipher.MODE_ENCRYPT);
        agreement.init((PrivateKey) ec.getPrivate());
    }

    public static void install(byte[] array, short offset, byte length) {
        new Engines(array, offset);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        calls++;
        byte[] buffer = apdu.getBuffer();
        byte which = buffer[ISO7816.OFFSET_P1];
        short count = apdu.setIncomingAndReceive();
        short length = 0;
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01:
                length = signatures[which].sign(buffer, ISO7816.OFFSET_CDATA, count, buffer, (short) 100);
                break;
            case 0x02:
                length = ciphers[which].doFinal(buffer, ISO7816.OFFSET_CDATA, count, buffer, (short) 100);
                break;
            case 0x03:
                length = digests[which].doFinal(buffer, ISO7816.OFFSET_CDATA, count, buffer, (short) 100);
                break;
            case 0x04:
                length = agreement.generateSecret(buffer, ISO7816.OFFSET_CDATA, count, buffer, (short) 100);
                break;
            case 0x05:
                random.generateData(buffer, (short) 100, (short) 32);
                length = 32;
                break;
            case 0x06:
                pin.check(buffer, ISO7816.OFFSET_CDATA, (byte) count);
                break;
            case 0x07:
                length = state(buffer);
                break;
            case 0x08:
                ram[0] = which;
                session[0] = which;
                CONSTANTS[0] = which;
                shared[0] = which;
                break;
            case 0x09: // unfinished work
                signatures[which].update(buffer, ISO7816.OFFSET_CDATA, count);
                break;
            case 0x0A:
                digests[which].update(buffer, ISO7816.OFFSET_CDATA, count);
                break;
            case 0x0B:
                length = publicKey(which, buffer);
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
        apdu.setOutgoingAndSend((short) 100, length);
    }

    private short publicKey(byte which, byte[] buffer) {
        return which == 0
                ? ((RSAPublicKey) rsa.getPublic()).getModulus(buffer, (short) 100)
                : ((ECPublicKey) ec.getPublic()).getW(buffer, (short) 100);
    }

    private short state(byte[] buffer) {
        short at = 100;
        buffer[at++] = (byte) (first.next.next == first ? 1 : 0);
        buffer[at++] = (byte) (first.next.bytes == shared ? 1 : 0);
        buffer[at++] = (byte) (inner.outer() == this ? 1 : 0);
        buffer[at++] = (byte) (JCSystem.getAID() == ownAid ? 1 : 0);
        buffer[at++] = (byte) (alias == CONSTANTS ? 1 : 0);
        buffer[at++] = JCSystem.isTransient(ram);
        buffer[at++] = JCSystem.isTransient(session);
        buffer[at++] = JCSystem.isTransient(shared);
        buffer[at++] = ram[0];
        buffer[at++] = session[0];
        buffer[at++] = CONSTANTS[0];
        buffer[at++] = shared[0];
        buffer[at++] = pin.getTriesRemaining();
        buffer[at++] = (byte) (pin.isValidated() ? 1 : 0);
        at = Util.setShort(buffer, at, calls);
        return (short) (at - 100);
    }

    private static final class Link {
        Link next;
        byte[] bytes;
    }

    private final class Inner {
        Engines outer() {
            return Engines.this;
        }
    }
}
