package cryptotest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.Checksum;
import javacard.security.CryptoException;
import javacard.security.ECKey;
import javacard.security.InitializedMessageDigest;
import javacard.security.Key;
import javacard.security.KeyAgreement;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.PrivateKey;
import javacard.security.PublicKey;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacard.security.SignatureMessageRecovery;
import javacardx.apdu.ExtendedLength;
import javacardx.crypto.AEADCipher;
import javacardx.crypto.Cipher;
import javacardx.crypto.KeyEncryption;

/** Calls the API as commands say. A CryptoException answers 6Bxx with its reason. */
public final class Bench extends Applet implements ExtendedLength {
    private static final short SW_CRYPTO = 0x6B00;

    private final Key[] keys = new Key[8];
    private final byte[] in = new byte[600];
    private final byte[] out = new byte[600];
    private final byte[] kept = new byte[64];
    private final short[] numbers = new short[1];
    private Signature signature;
    private Cipher cipher;
    private MessageDigest digest;
    private KeyAgreement agreement;
    private Checksum checksum;
    private RandomData random;
    private KeyPair pair;

    public static void install(byte[] array, short offset, byte length) {
        new Bench().register();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short length = receive(apdu);
        short answer = 0;
        try {
            answer = perform(buffer[ISO7816.OFFSET_INS], buffer[ISO7816.OFFSET_P1], buffer[ISO7816.OFFSET_P2], length);
        } catch (CryptoException error) {
            ISOException.throwIt((short) (SW_CRYPTO | error.getReason()));
        }
        apdu.setOutgoing();
        apdu.setOutgoingLength(answer);
        apdu.sendBytesLong(out, (short) 0, answer);
    }

    private short receive(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        short got = apdu.setIncomingAndReceive();
        short length = 0;
        while (got > 0) {
            Util.arrayCopyNonAtomic(buffer, apdu.getOffsetCdata(), in, length, got);
            length += got;
            got = apdu.receiveBytes(apdu.getOffsetCdata());
        }
        return length;
    }

    private short perform(byte ins, byte p1, byte p2, short length) {
        switch ((byte) (ins & 0xF0)) {
            case 0x10: return key(ins, p1, p2, length);
            case 0x20: return generate(ins, p1, p2);
            case 0x30: return sign(ins, p1, p2, length);
            case 0x40: return encrypt(ins, p1, p2, length);
            case 0x50: return hash(ins, p1, length);
            case 0x60: return other(ins, p1, p2, length);
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED); return 0;
        }
    }

    private short key(byte ins, byte p1, byte p2, short length) {
        switch (ins) {
            case 0x10: keys[p1] = KeyBuilder.buildKey(in[0], Util.getShort(in, (short) 1), p2 != 0); return 0;
            case 0x11: keys[p1] = KeyBuilder.buildKey(in[0], in[1], Util.getShort(in, (short) 2), p2 != 0); return 0;
            case 0x12: keys[p1] = KeyBuilder.buildKeyWithSharedDomain(in[0], in[1], keys[p2], false); return 0;
            case 0x13: Keys.set(keys[p1], p2, in, (short) 0, length); return 0;
            case 0x14: return Keys.get(keys[p1], p2, out, (short) 0);
            case 0x15: return describe(keys[p1]);
            case 0x16: keys[p1].clearKey(); return 0;
            case 0x17: ((ECKey) keys[p1]).copyDomainParametersFrom((ECKey) keys[p2]); return 0;
            case 0x18: ((KeyEncryption) keys[p1]).setKeyCipher(p2 != 0 ? cipher : null); return 0;
            case 0x19: ((ECKey) keys[p1]).setFieldF2M(Util.getShort(in, (short) 0)); return 0;
            case 0x1A: return setInTransaction(keys[p1], p2, length);
            case 0x1B: return (short) (keys[p1] instanceof KeyEncryption ? 1 : 0);
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED); return 0;
        }
    }

    private short setInTransaction(Key key, byte part, short length) {
        JCSystem.beginTransaction();
        Keys.set(key, part, in, (short) 0, length);
        JCSystem.abortTransaction();
        return 0;
    }

    private short describe(Key key) {
        out[0] = (byte) (key.isInitialized() ? 1 : 0);
        out[1] = key.getType();
        Util.setShort(out, (short) 2, key.getSize());
        return 4;
    }

    private short generate(byte ins, byte p1, byte p2) {
        switch (ins) {
            case 0x20: pair = new KeyPair((PublicKey) keys[p1], (PrivateKey) keys[p2]); pair.genKeyPair(); return 0;
            case 0x21: pair = new KeyPair(p1, Util.getShort(in, (short) 0)); return 0;
            case 0x22: pair.genKeyPair(); return 0;
            default: keys[0] = (Key) pair.getPublic(); keys[1] = (Key) pair.getPrivate(); return 0;
        }
    }

    private short sign(byte ins, byte p1, byte p2, short length) {
        short first = (short) (in[0] & 0xFF);
        switch (ins) {
            case 0x30: signature = Signature.getInstance(p1, p2 != 0); return 0;
            case 0x31: signature = Signature.getInstance(in[0], in[1], in[2], false); return 0;
            case 0x32:
                if (length == 0) {
                    signature.init(keys[p1], p2);
                } else {
                    signature.init(keys[p1], p2, in, (short) 0, length);
                }
                return 0;
            case 0x33: signature.update(in, (short) 0, length); return 0;
            case 0x34: return signature.sign(in, (short) 0, length, out, (short) 0);
            case 0x35:
                out[0] = (byte) (signature.verify(in, (short) 1, first, in, (short) (1 + first), (short) (length - 1 - first)) ? 1 : 0);
                return 1;
            case 0x36: return signature.signPreComputedHash(in, (short) 0, length, out, (short) 0);
            case 0x37:
                out[0] = (byte) (signature.verifyPreComputedHash(
                        in, (short) 1, first, in, (short) (1 + first), (short) (length - 1 - first)) ? 1 : 0);
                return 1;
            case 0x38: return describeSignature();
            case 0x39: signature.setInitialDigest(in, (short) 1, first, in, (short) (1 + first), (short) (length - 1 - first)); return 0;
            case 0x3A: return recoverySign(length);
            case 0x3B: return beginVerify(length);
            case 0x3C:
                out[0] = (byte) (((SignatureMessageRecovery) signature).verify(in, (short) 0, length) ? 1 : 0);
                return 1;
            case 0x3D: return signature.sign(in, (short) 0, length, kept, p1);
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED); return 0;
        }
    }

    private short describeSignature() {
        out[0] = signature.getAlgorithm();
        out[1] = signature.getMessageDigestAlgorithm();
        out[2] = signature.getCipherAlgorithm();
        out[3] = signature.getPaddingAlgorithm();
        Util.setShort(out, (short) 4, signature.getLength());
        return 6;
    }

    private short recoverySign(short length) {
        short done = ((SignatureMessageRecovery) signature).sign(in, (short) 0, length, out, (short) 2, numbers, (short) 0);
        Util.setShort(out, (short) 0, numbers[0]);
        return (short) (2 + done);
    }

    private short beginVerify(short length) {
        short found = ((SignatureMessageRecovery) signature).beginVerify(in, (short) 0, length);
        Util.arrayCopyNonAtomic(in, (short) 0, out, (short) 0, found);
        return found;
    }

    private short encrypt(byte ins, byte p1, byte p2, short length) {
        switch (ins) {
            case 0x40: cipher = Cipher.getInstance(p1, p2 != 0); return 0;
            case 0x41: cipher = Cipher.getInstance(in[0], in[1], false); return 0;
            case 0x42:
                if (length == 0) {
                    cipher.init(keys[p1], p2);
                } else {
                    cipher.init(keys[p1], p2, in, (short) 0, length);
                }
                return 0;
            case 0x43: return cipher.update(in, (short) 0, length, out, (short) 0);
            case 0x44: return cipher.doFinal(in, (short) 0, length, out, (short) 0);
            case 0x45: ((AEADCipher) cipher).updateAAD(in, (short) 0, length); return 0;
            case 0x46: return ((AEADCipher) cipher).retrieveTag(out, (short) 0, p1);
            case 0x47: out[0] = (byte) (((AEADCipher) cipher).verifyTag(in, (short) 0, length, p1) ? 1 : 0); return 1;
            case 0x48:
                ((AEADCipher) cipher).init(keys[p1], p2, in, (short) 6, (short) (length - 6), Util.getShort(in, (short) 0),
                        Util.getShort(in, (short) 2), Util.getShort(in, (short) 4));
                return 0;
            case 0x49: return cipher.doFinal(in, (short) 0, length, in, (short) 0);
            case 0x4A:
                out[0] = cipher.getAlgorithm();
                out[1] = cipher.getCipherAlgorithm();
                out[2] = cipher.getPaddingAlgorithm();
                return 3;
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED); return 0;
        }
    }

    private short hash(byte ins, byte p1, short length) {
        switch (ins) {
            case 0x50: digest = MessageDigest.getInstance(p1, false); return 0;
            case 0x51: digest = MessageDigest.getInitializedMessageDigestInstance(p1, false); return 0;
            case 0x52: digest.update(in, (short) 0, length); return 0;
            case 0x53: return digest.doFinal(in, (short) 0, length, out, (short) 0);
            case 0x54: digest.reset(); return 0;
            case 0x55: out[0] = digest.getAlgorithm(); out[1] = digest.getLength(); return 2;
            default:
                ((InitializedMessageDigest) digest).setInitialDigest(in, (short) 1, in[0], in, (short) (1 + in[0]), (short) (length - 1 - in[0]));
                return 0;
        }
    }

    private short other(byte ins, byte p1, byte p2, short length) {
        switch (ins) {
            case 0x60: agreement = KeyAgreement.getInstance(p1, false); return 0;
            case 0x61: agreement.init((PrivateKey) keys[p1]); return 0;
            case 0x62: return agreement.generateSecret(in, (short) 0, length, out, (short) 0);
            case 0x63: checksum = Checksum.getInstance(p1, false); return 0;
            case 0x64: checksum.init(in, (short) 0, length); return 0;
            case 0x65: checksum.update(in, (short) 0, length); return 0;
            case 0x66: return checksum.doFinal(in, (short) 0, length, out, (short) 0);
            case 0x67: random = RandomData.getInstance(p1); return 0;
            case 0x68: random.generateData(out, (short) 0, p1); return p1;
            case 0x69: return random.nextBytes(out, (short) 0, p1);
            case 0x6A: random.setSeed(in, (short) 0, length); return 0;
            case 0x6B: return finish(p1, p2);
            default: CryptoException.throwIt(CryptoException.ILLEGAL_USE); return 0;
        }
    }

    /** End a message without an array, which is right for no data only. */
    private short finish(byte which, short length) {
        switch (which) {
            case 0: return digest.doFinal(null, (short) 0, length, out, (short) 0);
            case 1: return cipher.doFinal(null, (short) 0, length, out, (short) 0);
            case 2: return signature.sign(null, (short) 0, length, out, (short) 0);
            default: return checksum.doFinal(null, (short) 0, length, out, (short) 0);
        }
    }
}
