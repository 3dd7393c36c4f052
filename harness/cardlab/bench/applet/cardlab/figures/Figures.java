package cardlab.figures;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.Signature;

/** Does one small thing a command, so that it can be measured how long each takes; CLA is 80. */
public final class Figures extends Applet {
    private static final byte INS_READ = 2;
    private static final byte INS_WRITE = 4;
    private static final byte INS_COUNT = 6;
    private static final byte INS_HASH = 8;
    private static final byte INS_GENERATE = 10;
    private static final byte INS_SIGN = 12;
    private static final byte INS_FILL = 14;

    private static final short SIZE = 16;
    private static final byte ROUNDS = 100;
    private static final short PART = 32000;

    private final byte[] content = new byte[SIZE];
    private Object[] kept;
    private MessageDigest digest;
    private KeyPair keys;
    private Signature signature;

    private Figures() {
        register();
    }

    /** Takes no parameters. */
    public static void install(byte[] parameters, short offset, byte length) {
        new Figures();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        try {
            answer(apdu, apdu.getBuffer());
        } catch (CryptoException missing) {
            ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED);
        }
    }

    private void answer(APDU apdu, byte[] buffer) {
        switch (buffer[ISO7816.OFFSET_INS]) {
            case INS_READ:
                Util.arrayCopyNonAtomic(content, (short) 0, buffer, (short) 0, SIZE);
                apdu.setOutgoingAndSend((short) 0, SIZE);
                break;
            case INS_WRITE:
                write(apdu, buffer);
                break;
            case INS_COUNT:
                Util.setShort(buffer, (short) 0, count(buffer[ISO7816.OFFSET_P1]));
                apdu.setOutgoingAndSend((short) 0, (short) 2);
                break;
            case INS_HASH:
                apdu.setOutgoingAndSend((short) 0, hash(buffer, apdu.setIncomingAndReceive()));
                break;
            case INS_GENERATE:
                generate();
                break;
            case INS_SIGN:
                apdu.setOutgoingAndSend((short) 0, sign(buffer, apdu.setIncomingAndReceive()));
                break;
            case INS_FILL:
                fill(buffer[ISO7816.OFFSET_P1]);
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    /** Replaces what READ answers, in one transaction. */
    private void write(APDU apdu, byte[] buffer) {
        if (apdu.setIncomingAndReceive() != SIZE) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        Util.arrayCopy(buffer, ISO7816.OFFSET_CDATA, content, (short) 0, SIZE);
    }

    /** P1 times 100 rounds of arithmetic, a branch and a method call. */
    private static short count(byte hundreds) {
        short sum = 0;
        for (short hundred = 0; hundred < hundreds; hundred++) {
            for (byte round = 0; round < ROUNDS; round++) {
                sum = step(sum, round);
            }
        }
        return sum;
    }

    private static short step(short sum, byte round) {
        return (short) ((round & 1) == 0 ? sum * 3 + round : sum ^ round);
    }

    /** Takes P1 times 32,000 bytes of persistent memory, for good. */
    private void fill(byte parts) {
        kept = new Object[parts];
        for (byte part = 0; part < parts; part++) {
            kept[part] = new byte[PART];
        }
    }

    private short hash(byte[] buffer, short length) {
        if (digest == null) {
            digest = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
        }
        return digest.doFinal(buffer, ISO7816.OFFSET_CDATA, length, buffer, (short) 0);
    }

    private void generate() {
        if (keys == null) {
            keys = new KeyPair(KeyPair.ALG_RSA_CRT, KeyBuilder.LENGTH_RSA_2048);
            signature = Signature.getInstance(Signature.ALG_RSA_SHA_256_PKCS1, false);
        }
        keys.genKeyPair();
        signature.init(keys.getPrivate(), Signature.MODE_SIGN);
    }

    private short sign(byte[] buffer, short length) {
        if (signature == null) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        return signature.sign(buffer, ISO7816.OFFSET_CDATA, length, buffer, (short) 0);
    }
}
