package fidotest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.ECKey;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.apdu.ExtendedLength;

/** A FIDO authenticator in part: U2F (CTAP1) with one credential, and authenticatorGetInfo of CTAP2. */
public class Fido extends Applet implements ExtendedLength {
    private static final byte CLA_NFCCTAP = (byte) 0x80;
    private static final byte INS_REGISTER = 0x01;
    private static final byte INS_AUTHENTICATE = 0x02;
    private static final byte INS_VERSION = 0x03;
    private static final byte INS_MESSAGE = 0x10;
    private static final byte INS_GET_ATTESTATION_KEY = (byte) 0xCA;
    private static final byte INS_PUT_CERTIFICATE = (byte) 0xDA;
    private static final byte GET_INFO = 0x04;
    private static final byte CTAP1_ERR_INVALID_COMMAND = 0x01;
    private static final byte CHECK_ONLY = 0x07;
    private static final byte PRESENT = 0x01;
    private static final short PARAMETER = 32;
    private static final short HANDLE = 32;
    private static final short COUNTER = 4;
    private static final byte[] VERSION = {'U', '2', 'F', '_', 'V', '2'};
    /** 00, then CBOR: {1: ["FIDO_2_0", "U2F_V2"], 3: the AAGUID, all zeros}. */
    private static final byte[] INFO = {
        0x00, (byte) 0xA2, 0x01, (byte) 0x82, 0x68, 'F', 'I', 'D', 'O', '_', '2', '_', '0', 0x66, 'U', '2', 'F', '_', 'V', '2',
        0x03, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    private final KeyPair attestation = P256.pair();
    private final KeyPair credential = P256.pair();
    private final Signature ecdsa = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);
    private final RandomData random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
    private final byte[] handle = new byte[HANDLE];
    private final byte[] application = new byte[PARAMETER];
    private final byte[] counter = new byte[COUNTER];
    private final byte[] certificate = new byte[512];
    private final byte[] work = JCSystem.makeTransientByteArray((short) 768, JCSystem.CLEAR_ON_DESELECT);
    private short certificateLength;

    private Fido(byte[] array, short offset) {
        attestation.genKeyPair();
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Fido(array, offset);
    }

    public void process(APDU apdu) {
        short length = selectingApplet() ? copied(VERSION) : answer(apdu);
        apdu.setOutgoing();
        apdu.setOutgoingLength(length);
        apdu.sendBytesLong(work, (short) 0, length);
    }

    private short copied(byte[] from) {
        return Util.arrayCopyNonAtomic(from, (short) 0, work, (short) 0, (short) from.length);
    }

    private short answer(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        short length = receive(apdu);
        if (buffer[ISO7816.OFFSET_CLA] == CLA_NFCCTAP) {
            return ofCtap2(buffer, length);
        }
        switch (buffer[ISO7816.OFFSET_INS]) {
            case INS_REGISTER:
                return register(length);
            case INS_AUTHENTICATE:
                return authenticate(buffer[ISO7816.OFFSET_P1], length);
            case INS_VERSION:
                return copied(VERSION);
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
                return 0;
        }
    }

    /** The command's data, in work; returns their length. */
    private short receive(APDU apdu) {
        short received = apdu.setIncomingAndReceive();
        short offset = apdu.getOffsetCdata();
        short end = 0;
        while (received > 0) {
            end = Util.arrayCopyNonAtomic(apdu.getBuffer(), offset, work, end, received);
            received = end < apdu.getIncomingLength() ? apdu.receiveBytes(offset) : 0;
        }
        return end;
    }

    private short ofCtap2(byte[] buffer, short length) {
        switch (buffer[ISO7816.OFFSET_INS]) {
            case INS_MESSAGE:
                if (length == 1 && work[0] == GET_INFO) {
                    return copied(INFO);
                }
                work[0] = CTAP1_ERR_INVALID_COMMAND;
                return 1;
            case INS_GET_ATTESTATION_KEY:
                return ((ECPublicKey) attestation.getPublic()).getW(work, (short) 0);
            case INS_PUT_CERTIFICATE:
                Util.arrayCopy(work, (short) 0, certificate, (short) 0, length);
                certificateLength = length;
                return 0;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
                return 0;
        }
    }

    /** FIDO U2F Raw Message Formats, 4: 05, public key, handle, certificate, signature. */
    private short register(short length) {
        if (length != 2 * PARAMETER) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        credential.genKeyPair();
        random.generateData(handle, (short) 0, HANDLE);
        Util.arrayCopy(work, PARAMETER, application, (short) 0, PARAMETER);
        // What is signed: 00, application, challenge, handle, public key.
        short signed = 512;
        work[signed] = 0;
        short at = Util.arrayCopyNonAtomic(application, (short) 0, work, (short) (signed + 1), PARAMETER);
        at = Util.arrayCopyNonAtomic(work, (short) 0, work, at, PARAMETER);
        at = Util.arrayCopyNonAtomic(handle, (short) 0, work, at, HANDLE);
        at += ((ECPublicKey) credential.getPublic()).getW(work, at);
        ecdsa.init(attestation.getPrivate(), Signature.MODE_SIGN);
        work[0] = 0x05;
        short end = (short) (1 + ((ECPublicKey) credential.getPublic()).getW(work, (short) 1));
        work[end++] = (byte) HANDLE;
        end = Util.arrayCopyNonAtomic(handle, (short) 0, work, end, HANDLE);
        end = Util.arrayCopyNonAtomic(certificate, (short) 0, work, end, certificateLength);
        return (short) (end + ecdsa.sign(work, signed, (short) (at - signed), work, end));
    }

    /** The same, 5: presence, counter, signature over application, presence, counter, challenge. */
    private short authenticate(byte control, short length) {
        short given = (short) (2 * PARAMETER + 1);
        if (length != (short) (given + HANDLE)
                || Util.arrayCompare(work, PARAMETER, application, (short) 0, PARAMETER) != 0
                || Util.arrayCompare(work, given, handle, (short) 0, HANDLE) != 0) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        if (control == CHECK_ONLY) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED); // the handle is this card's
        }
        Util.setShort(counter, (short) 2, (short) (Util.getShort(counter, (short) 2) + 1));
        short signed = 512;
        short at = Util.arrayCopyNonAtomic(application, (short) 0, work, signed, PARAMETER);
        work[at++] = PRESENT;
        at = Util.arrayCopyNonAtomic(counter, (short) 0, work, at, COUNTER);
        at = Util.arrayCopyNonAtomic(work, (short) 0, work, at, PARAMETER);
        work[0] = PRESENT;
        short end = Util.arrayCopyNonAtomic(counter, (short) 0, work, (short) 1, COUNTER);
        ecdsa.init(credential.getPrivate(), Signature.MODE_SIGN);
        return (short) (end + ecdsa.sign(work, signed, (short) (at - signed), work, end));
    }

    /** Key pairs on the curve P-256 (SEC 2, 2.4.2). */
    static final class P256 {
        private static final byte[] P = {
            -1, -1, -1, -1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
        private static final byte[] A = {
            -1, -1, -1, -1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -4};
        private static final byte[] B = {
            0x5A, (byte) 0xC6, 0x35, (byte) 0xD8, (byte) 0xAA, 0x3A, (byte) 0x93, (byte) 0xE7, (byte) 0xB3, (byte) 0xEB, (byte) 0xBD,
            0x55, 0x76, (byte) 0x98, (byte) 0x86, (byte) 0xBC, 0x65, 0x1D, 0x06, (byte) 0xB0, (byte) 0xCC, 0x53, (byte) 0xB0,
            (byte) 0xF6, 0x3B, (byte) 0xCE, 0x3C, 0x3E, 0x27, (byte) 0xD2, 0x60, 0x4B};
        private static final byte[] G = {
            0x04, 0x6B, 0x17, (byte) 0xD1, (byte) 0xF2, (byte) 0xE1, 0x2C, 0x42, 0x47, (byte) 0xF8, (byte) 0xBC, (byte) 0xE6,
            (byte) 0xE5, 0x63, (byte) 0xA4, 0x40, (byte) 0xF2, 0x77, 0x03, 0x7D, (byte) 0x81, 0x2D, (byte) 0xEB, 0x33, (byte) 0xA0,
            (byte) 0xF4, (byte) 0xA1, 0x39, 0x45, (byte) 0xD8, (byte) 0x98, (byte) 0xC2, (byte) 0x96, 0x4F, (byte) 0xE3, 0x42,
            (byte) 0xE2, (byte) 0xFE, 0x1A, 0x7F, (byte) 0x9B, (byte) 0x8E, (byte) 0xE7, (byte) 0xEB, 0x4A, 0x7C, 0x0F, (byte) 0x9E,
            0x16, 0x2B, (byte) 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, (byte) 0xCE, (byte) 0xCB, (byte) 0xB6, 0x40, 0x68, 0x37,
            (byte) 0xBF, 0x51, (byte) 0xF5};
        private static final byte[] R = {
            -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1, (byte) 0xBC, (byte) 0xE6, (byte) 0xFA, (byte) 0xAD,
            (byte) 0xA7, 0x17, (byte) 0x9E, (byte) 0x84, (byte) 0xF3, (byte) 0xB9, (byte) 0xCA, (byte) 0xC2, (byte) 0xFC, 0x63, 0x25,
            0x51};

        private P256() {}

        static KeyPair pair() {
            ECPublicKey open = (ECPublicKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.LENGTH_EC_FP_256, false);
            ECPrivateKey secret = (ECPrivateKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PRIVATE, KeyBuilder.LENGTH_EC_FP_256, false);
            place(open);
            place(secret);
            return new KeyPair(open, secret);
        }

        private static void place(ECKey key) {
            key.setFieldFP(P, (short) 0, (short) P.length);
            key.setA(A, (short) 0, (short) A.length);
            key.setB(B, (short) 0, (short) B.length);
            key.setG(G, (short) 0, (short) G.length);
            key.setR(R, (short) 0, (short) R.length);
            key.setK((short) 1);
        }
    }
}
