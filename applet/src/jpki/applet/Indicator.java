package jpki.applet;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * The CMS signed attributes with the signature indicator (C4, C5; RFC 5652, 5.3; the ASN.1 is in docs/applet.md).
 *
 * <p>They are kept in RAM until the next ones, for GET SIGNED ATTRIBUTES.
 */
final class Indicator {

    static final byte METHOD_PASSWORD = 0x01;
    static final byte METHOD_PIN = 0x02;
    // The other methods have the numbers of DeviceKeys: biometric 3, lock screen 4.

    /** The longest: 31 79, content type 26, indicator up to 44, message digest 49. */
    private static final short CAPACITY = 121;

    private static final byte VERSION = 1;
    private static final short HASH_LENGTH = 32;
    private static final short COUNTER_LENGTH = 4;

    /** SET, contentType = id-data, and the indicator up to the counter's value; lengths are those without a counter. */
    private static final byte[] HEAD = {
        0x31, 0x72,
        0x30, 0x18,
        0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x09, 0x03,
        0x31, 0x0B,
        0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x07, 0x01,
        0x30, 0x25,
        0x06, 0x14, 0x69, (byte) 0x83, (byte) 0xAF, (byte) 0x92, (byte) 0xA0, (byte) 0x92, (byte) 0xFF, (byte) 0xFC,
        (byte) 0xA2, (byte) 0x8A, (byte) 0xDF, (byte) 0xB4, (byte) 0xE6, (byte) 0xBC, (byte) 0xCF, (byte) 0xF0,
        (byte) 0xFD, (byte) 0xE7, (byte) 0xE3, 0x1D,
        0x31, 0x0D,
        0x30, 0x0B,
        0x02, 0x01, VERSION,
        0x0A, 0x01, 0x00,
        0x0A, 0x01, 0x00,
        0x02, 0x00,
    };
    private static final short SET_LENGTH = 1;
    private static final short ATTRIBUTE_LENGTH = 29;
    private static final short VALUES_LENGTH = 53;
    private static final short SEQUENCE_LENGTH = 55;
    private static final short METHOD = 61;
    private static final short SOURCE = 64;
    private static final short INTEGER_LENGTH = 66;

    /** messageDigest, without the digest. */
    private static final byte[] DIGEST_HEAD = {
        0x30, 0x2F,
        0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x09, 0x04,
        0x31, 0x22,
        0x04, 0x20,
    };

    private final byte[] attributes;
    private final short[] length;
    private final byte[] counter;

    Indicator() {
        attributes = JCSystem.makeTransientByteArray(CAPACITY, JCSystem.CLEAR_ON_DESELECT);
        length = JCSystem.makeTransientShortArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
        counter = JCSystem.makeTransientByteArray((short) (COUNTER_LENGTH + 1), JCSystem.CLEAR_ON_DESELECT);
    }

    byte[] attributes() {
        return attributes;
    }

    /** Zero when there are none. */
    short length() {
        return length[0];
    }

    void forget() {
        length[0] = 0;
    }

    /** Composes the attributes for the use that the slot has just counted. */
    void compose(KeySlot slot, byte method, byte source, byte[] hash, short hashOffset) {
        length[0] = 0;
        short end = Util.arrayCopyNonAtomic(HEAD, (short) 0, attributes, (short) 0, (short) HEAD.length);
        attributes[METHOD] = method;
        attributes[SOURCE] = source;
        short start = startOfCounter(slot);
        byte size = (byte) (COUNTER_LENGTH + 1 - start);
        end = Util.arrayCopyNonAtomic(counter, start, attributes, end, size);
        attributes[INTEGER_LENGTH] += size;
        attributes[SEQUENCE_LENGTH] += size;
        attributes[VALUES_LENGTH] += size;
        attributes[ATTRIBUTE_LENGTH] += size;
        attributes[SET_LENGTH] += size;
        end = Util.arrayCopyNonAtomic(DIGEST_HEAD, (short) 0, attributes, end, (short) DIGEST_HEAD.length);
        length[0] = Util.arrayCopyNonAtomic(hash, hashOffset, attributes, end, HASH_LENGTH);
    }

    /** A DER INTEGER is the shortest form that has a sign bit of zero (X.690, 8.3); returns where it begins. */
    private short startOfCounter(KeySlot slot) {
        counter[0] = 0;
        slot.copyCounter(counter, (short) 1);
        short start = 0;
        while (start < COUNTER_LENGTH && counter[start] == 0 && counter[(short) (start + 1)] >= 0) {
            start++;
        }
        return start;
    }
}
