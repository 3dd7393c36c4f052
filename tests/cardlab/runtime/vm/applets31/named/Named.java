package named;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.SensitiveArrays;
import javacard.framework.SystemException;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.GenericSecretKey;
import javacard.security.Key;
import javacard.security.KeyAgreement;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.NamedParameterSpec;
import javacard.security.PrivateKey;
import javacard.security.PublicKey;
import javacard.security.Signature;
import javacard.security.XECKey;
import javacardx.crypto.Cipher;
import javacardx.security.SensitiveResult;

/** What Java Card 3.1 adds, a command each; P1P2 is the number of a curve where one is needed. */
public final class Named extends Applet {
    private static final byte[] PIN = {1, 2, 3, 4};

    private final OwnerPIN pin = new OwnerPIN((byte) 3, (byte) 4);
    private XECKey publicKey;
    private XECKey privateKey;
    private byte[] sensitive;

    private Named() {
        pin.update(PIN, (short) 0, (byte) 4);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Named().register();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short length = apdu.setIncomingAndReceive();
        try {
            apdu.setOutgoingAndSend((short) 0, run(buffer, length));
        } catch (CryptoException refused) {
            ISOException.throwIt((short) (0x6B00 | refused.getReason()));
        } catch (SystemException refused) {
            ISOException.throwIt((short) (0x6C00 | refused.getReason()));
        } catch (SecurityException refused) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
    }

    private short run(byte[] buffer, short length) {
        short number = Util.getShort(buffer, ISO7816.OFFSET_P1);
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 1:
                return build(buffer, number);
            case 2:
                return generate(buffer);
            case 3:
                privateKey.setEncoded(buffer, ISO7816.OFFSET_CDATA, length);
                return privateKey.getEncoded(buffer, (short) 0);
            case 4:
                return agree(buffer, length, (byte) number);
            case 5:
                return sign(buffer, length, buffer[ISO7816.OFFSET_P1], buffer[ISO7816.OFFSET_P2]);
            case 6:
                return verify(buffer, length, buffer[ISO7816.OFFSET_P1], buffer[ISO7816.OFFSET_P2]);
            case 7:
                return memoryTypes(buffer);
            case 8:
                return secret(buffer, length);
            case 9:
                JCSystem.getAvailableMemory(buffer, (short) 0, JCSystem.MEMORY_TYPE_PERSISTENT);
                return Util.setShort(buffer, (short) 4, JCSystem.getVersion());
            case 10:
                return arrays(buffer, (byte) number);
            case 11:
                return results(buffer, (byte) number);
            case 12:
                new KeyPair((PublicKey) publicKey, (PrivateKey) privateKey).genKeyPair(NamedParameterSpec.getInstance(number));
                return 0;
            case 13:
                ((Key) privateKey).clearKey();
                buffer[0] = (byte) (((Key) privateKey).isInitialized() ? 1 : 0);
                return 1;
            case 14:
                return intermediate(buffer);
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
                return 0;
        }
    }

    private short build(byte[] buffer, short number) {
        NamedParameterSpec spec = NamedParameterSpec.getInstance(number);
        publicKey = (XECKey) KeyBuilder.buildXECKey(spec, KeyBuilder.ATTR_PUBLIC, false);
        privateKey = (XECKey) KeyBuilder.buildXECKey(
                spec, (short) (KeyBuilder.ATTR_PRIVATE | JCSystem.MEMORY_TYPE_TRANSIENT_RESET), true);
        short at = Util.setShort(buffer, (short) 0, spec.getName());
        at = Util.setShort(buffer, at, ((Key) publicKey).getSize());
        at = Util.setShort(buffer, at, publicKey.getEncodingLength());
        at = Util.setShort(buffer, at, privateKey.getEncodingLength());
        buffer[at++] = ((Key) publicKey).getType();
        buffer[at++] = KeyBuilder.getMemoryType((Key) privateKey);
        buffer[at++] = (byte) (publicKey.getParams() == spec && publicKey instanceof PublicKey ? 1 : 0);
        buffer[at++] = (byte) (((Key) privateKey).isInitialized() ? 1 : 0);
        return at;
    }

    private short generate(byte[] buffer) {
        new KeyPair((PublicKey) publicKey, (PrivateKey) privateKey).genKeyPair();
        short at = publicKey.getEncoded(buffer, (short) 0);
        return (short) (at + privateKey.getEncoded(buffer, at));
    }

    private short agree(byte[] buffer, short length, byte algorithm) {
        KeyAgreement agreement = KeyAgreement.getInstance(algorithm, false);
        agreement.init((PrivateKey) privateKey);
        return agreement.generateSecret(buffer, ISO7816.OFFSET_CDATA, length, buffer, (short) 0);
    }

    private short sign(byte[] buffer, short length, byte digest, byte cipher) {
        Signature signature = Signature.getInstance(digest, cipher, Cipher.PAD_NULL, false);
        signature.init((PrivateKey) privateKey, Signature.MODE_SIGN);
        short half = (short) (length / 2);
        signature.update(buffer, ISO7816.OFFSET_CDATA, half);
        return signature.sign(buffer, (short) (ISO7816.OFFSET_CDATA + half), (short) (length - half), buffer, (short) 0);
    }

    /** The signature's length, the signature, the message. */
    private short verify(byte[] buffer, short length, byte digest, byte cipher) {
        Signature signature = Signature.getInstance(digest, cipher, Cipher.PAD_NULL, false);
        signature.init((PublicKey) publicKey, Signature.MODE_VERIFY);
        short size = (short) (buffer[ISO7816.OFFSET_CDATA] & 0xFF);
        short message = (short) (ISO7816.OFFSET_CDATA + 1 + size);
        boolean good = signature.verify(buffer, message, (short) (length - 1 - size), buffer,
                (short) (ISO7816.OFFSET_CDATA + 1), size);
        if (good) {
            SensitiveResult.assertTrue();
        } else {
            SensitiveResult.assertFalse();
        }
        buffer[0] = (byte) (good ? 1 : 0);
        return 1;
    }

    /** Both classes number this method, and each otherwise. */
    private static short intermediate(byte[] buffer) {
        MessageDigest digest = MessageDigest.getInitializedMessageDigestInstance(MessageDigest.ALG_SHA_256, false);
        if (!MessageDigest.isIntermediateMessageDigestSupported(MessageDigest.ALG_SHA_256)) {
            digest.doIntermediateMessageDigest(buffer, (short) 0);
        }
        return 0;
    }

    private static short memoryTypes(byte[] buffer) {
        short at = 0;
        for (byte memory = 0; memory < 3; memory++) {
            Key key = KeyBuilder.buildKey(KeyBuilder.ALG_TYPE_AES, memory, KeyBuilder.LENGTH_AES_128, false);
            buffer[at++] = KeyBuilder.getMemoryType(key);
        }
        buffer[at++] = KeyBuilder.buildKey(KeyBuilder.TYPE_SM4, KeyBuilder.LENGTH_SM4, false).getType();
        buffer[at++] = KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PARAMETERS, (short) 256, false).getType();
        return at;
    }

    private static short secret(byte[] buffer, short length) {
        GenericSecretKey key = (GenericSecretKey) KeyBuilder.buildKey(
                KeyBuilder.TYPE_GENERIC_SECRET, (short) (8 * buffer[ISO7816.OFFSET_P2]), false);
        key.setKey(buffer, ISO7816.OFFSET_CDATA, length);
        return key.getKey(buffer, (short) 0);
    }

    private short arrays(byte[] buffer, byte step) {
        switch (step) {
            case 0:
                sensitive = (byte[]) SensitiveArrays.makeIntegritySensitiveArray(
                        JCSystem.ARRAY_TYPE_BYTE, JCSystem.MEMORY_TYPE_PERSISTENT, (short) 5);
                Util.arrayFillNonAtomic(sensitive, (short) 0, (short) 5, (byte) 7);
                short[] shorts = (short[]) SensitiveArrays.makeIntegritySensitiveArray(
                        JCSystem.ARRAY_TYPE_SHORT, JCSystem.MEMORY_TYPE_TRANSIENT_RESET, (short) 3);
                shorts[2] = 9;
                buffer[0] = (byte) SensitiveArrays.clearArray(shorts);
                buffer[1] = (byte) shorts[2];
                buffer[2] = JCSystem.isTransient(shorts);
                return 3;
            case 1:
                SensitiveArrays.assertIntegrity(sensitive);
                buffer[0] = (byte) (SensitiveArrays.isIntegritySensitive(sensitive) ? 1 : 0);
                buffer[1] = (byte) (SensitiveArrays.isIntegritySensitive(PIN) ? 1 : 0);
                return Util.arrayCopy(sensitive, (short) 0, buffer, (short) 2, (short) 5);
            case 2:
                JCSystem.beginTransaction();
                SensitiveArrays.clearArray(sensitive);
                JCSystem.abortTransaction();
                return Util.arrayCopy(sensitive, (short) 0, buffer, (short) 0, (short) 5);
            case 3:
                SensitiveArrays.assertIntegrity(PIN);
                return 0;
            default:
                SensitiveArrays.makeIntegritySensitiveArray(step, JCSystem.MEMORY_TYPE_PERSISTENT, (short) 1);
                return 0;
        }
    }

    private short results(byte[] buffer, byte step) {
        boolean right = pin.check(PIN, (short) 0, (byte) 4);
        switch (step) {
            case 0:
                SensitiveResult.assertTrue();
                Util.arrayCompare(PIN, (short) 0, PIN, (short) 1, (short) 2);
                SensitiveResult.assertNegative();
                SensitiveResult.assertLessThan((short) 0);
                SensitiveResult.assertEquals((short) -1);
                pin.getTriesRemaining();
                SensitiveResult.assertPositive();
                SensitiveResult.assertGreaterThan((short) 2);
                Object own = JCSystem.getAID();
                SensitiveResult.assertEquals(own);
                return 0;
            case 1:
                SensitiveResult.assertFalse();
                break;
            case 2:
                SensitiveResult.assertZero();
                break;
            case 3:
                SensitiveResult.reset();
                SensitiveResult.assertTrue();
                break;
            case 4:
                try {
                    pin.check(PIN, (short) 3, (byte) 4);
                } catch (ArrayIndexOutOfBoundsException expected) {
                    SensitiveResult.assertTrue();
                }
                break;
            case 5:
                SensitiveResult.assertEquals((Object) null);
                break;
            default:
                JCSystem.beginTransaction();
                JCSystem.commitTransaction();
                SensitiveResult.assertTrue(); // other methods leave it alone
                return 0;
        }
        ISOException.throwIt((short) 0x6F01);
        return 0;
    }
}
