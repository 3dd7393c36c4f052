package oathtest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.HMACKey;
import javacard.security.KeyBuilder;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.apdu.ExtendedLength;

/** The YKOATH protocol in part: TOTP credentials with HMAC-SHA-1, put, listed, calculated, deleted. */
public class Oath extends Applet implements ExtendedLength {
    private static final byte INS_PUT = 0x01;
    private static final byte INS_DELETE = 0x02;
    private static final byte INS_LIST = (byte) 0xA1;
    private static final byte INS_CALCULATE = (byte) 0xA2;
    private static final byte INS_CALCULATE_ALL = (byte) 0xA4;
    private static final byte TAG_NAME = 0x71;
    private static final byte TAG_NAME_LIST = 0x72;
    private static final byte TAG_KEY = 0x73;
    private static final byte TAG_CHALLENGE = 0x74;
    private static final byte TAG_RESPONSE = 0x75;
    private static final byte TAG_TRUNCATED = 0x76;
    private static final byte TAG_VERSION = 0x79;
    private static final byte TOTP_SHA1 = 0x21;
    private static final short SW_NO_SUCH = 0x6984;
    private static final byte MOST = 4;
    private static final short LONGEST_NAME = 64;
    private static final short LONGEST_KEY = 64;
    private static final short DIGEST = 20;
    private static final short ID = 8;

    /** Length and name of each credential; a length of 0 is a free place. */
    private final byte[] names = new byte[(short) (MOST * (LONGEST_NAME + 1))];
    private final byte[] digits = new byte[MOST];
    private final HMACKey[] keys = new HMACKey[MOST];
    private final Signature hmac = Signature.getInstance(Signature.ALG_HMAC_SHA1, false);
    private final byte[] id = new byte[ID];
    private final byte[] work = JCSystem.makeTransientByteArray((short) 256, JCSystem.CLEAR_ON_DESELECT);
    private final byte[] data = JCSystem.makeTransientByteArray((short) 256, JCSystem.CLEAR_ON_DESELECT);
    private final byte[] digest = JCSystem.makeTransientByteArray(DIGEST, JCSystem.CLEAR_ON_DESELECT);

    private Oath(byte[] array, short offset) {
        for (byte place = 0; place < MOST; place++) {
            keys[place] = (HMACKey) KeyBuilder.buildKey(KeyBuilder.TYPE_HMAC, KeyBuilder.LENGTH_HMAC_SHA_1_BLOCK_64, false);
        }
        RandomData.getInstance(RandomData.ALG_SECURE_RANDOM).generateData(id, (short) 0, ID);
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Oath(array, offset);
    }

    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        short length = selectingApplet() ? greet()
                : answer(buffer[ISO7816.OFFSET_INS], buffer[ISO7816.OFFSET_P2] == 1, data, receive(apdu));
        apdu.setOutgoing();
        apdu.setOutgoingLength(length);
        apdu.sendBytesLong(work, (short) 0, length);
    }

    /** The command's data, in data; returns their length. */
    private short receive(APDU apdu) {
        short received = apdu.setIncomingAndReceive();
        short offset = apdu.getOffsetCdata();
        short end = 0;
        while (received > 0) {
            end = Util.arrayCopyNonAtomic(apdu.getBuffer(), offset, data, end, received);
            received = end < apdu.getIncomingLength() ? apdu.receiveBytes(offset) : 0;
        }
        return end;
    }

    private short greet() {
        work[0] = TAG_VERSION;
        work[1] = 3;
        work[2] = 5;
        work[3] = 4;
        work[4] = 3;
        work[5] = TAG_NAME;
        work[6] = ID;
        return Util.arrayCopyNonAtomic(id, (short) 0, work, (short) 7, ID);
    }

    private short answer(byte ins, boolean isTruncated, byte[] buffer, short end) {
        switch (ins) {
            case INS_PUT:
                return put(buffer, end);
            case INS_DELETE:
                names[at(place(buffer, find(buffer, end, TAG_NAME)))] = 0;
                return 0;
            case INS_LIST:
                return list();
            case INS_CALCULATE:
                return calculate(place(buffer, find(buffer, end, TAG_NAME)), isTruncated, buffer, end, (short) 0);
            case INS_CALCULATE_ALL:
                return calculateAll(isTruncated, buffer, end);
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
                return 0;
        }
    }

    private static short at(byte place) {
        return (short) (place * (LONGEST_NAME + 1));
    }

    /** Where the length of a data object's value stands. */
    private static short find(byte[] buffer, short end, byte tag) {
        for (short at = 0; at < end; at += (short) (2 + buffer[(short) (at + 1)])) {
            if (buffer[at] == tag) {
                return (short) (at + 1);
            }
        }
        ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        return 0;
    }

    /** The place of the credential with this name. */
    private byte place(byte[] buffer, short name) {
        for (byte place = 0; place < MOST; place++) {
            if (Util.arrayCompare(buffer, name, names, at(place), (short) (1 + buffer[name])) == 0) {
                return place;
            }
        }
        ISOException.throwIt(SW_NO_SUCH);
        return 0;
    }

    private byte free() {
        for (byte place = 0; place < MOST; place++) {
            if (names[at(place)] == 0) {
                return place;
            }
        }
        ISOException.throwIt(ISO7816.SW_FILE_FULL);
        return 0;
    }

    private short put(byte[] buffer, short end) {
        short name = find(buffer, end, TAG_NAME);
        short key = find(buffer, end, TAG_KEY);
        short size = (short) (buffer[key] - 2);
        if (buffer[name] > LONGEST_NAME || size > LONGEST_KEY || buffer[(short) (key + 1)] != TOTP_SHA1) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        byte place = free();
        JCSystem.beginTransaction();
        keys[place].setKey(buffer, (short) (key + 3), size);
        digits[place] = buffer[(short) (key + 2)];
        Util.arrayCopy(buffer, name, names, at(place), (short) (1 + buffer[name]));
        JCSystem.commitTransaction();
        return 0;
    }

    private short list() {
        short end = 0;
        for (byte place = 0; place < MOST; place++) {
            byte length = names[at(place)];
            if (length != 0) {
                work[end] = TAG_NAME_LIST;
                work[(short) (end + 1)] = (byte) (1 + length);
                work[(short) (end + 2)] = TOTP_SHA1;
                end = Util.arrayCopyNonAtomic(names, (short) (at(place) + 1), work, (short) (end + 3), length);
            }
        }
        return end;
    }

    private short calculateAll(boolean isTruncated, byte[] buffer, short dataEnd) {
        short end = 0;
        for (byte place = 0; place < MOST; place++) {
            if (names[at(place)] != 0) {
                work[end] = TAG_NAME;
                end = Util.arrayCopyNonAtomic(names, at(place), work, (short) (end + 1), (short) (1 + names[at(place)]));
                end = calculate(place, isTruncated, buffer, dataEnd, end);
            }
        }
        return end;
    }

    /** The whole HMAC, or the four bytes that RFC 4226, 5.3 takes of it; returns the end of what is written. */
    private short calculate(byte place, boolean isTruncated, byte[] buffer, short end, short to) {
        short challenge = find(buffer, end, TAG_CHALLENGE);
        hmac.init(keys[place], Signature.MODE_SIGN);
        hmac.sign(buffer, (short) (challenge + 1), buffer[challenge], digest, (short) 0);
        short from = isTruncated ? (short) (digest[(short) (DIGEST - 1)] & 0x0F) : 0;
        short length = isTruncated ? 4 : DIGEST;
        work[to] = isTruncated ? TAG_TRUNCATED : TAG_RESPONSE;
        work[(short) (to + 1)] = (byte) (1 + length);
        work[(short) (to + 2)] = digits[place];
        short written = Util.arrayCopyNonAtomic(digest, from, work, (short) (to + 3), length);
        if (isTruncated) {
            work[(short) (to + 3)] &= 0x7F;
        }
        return written;
    }
}
