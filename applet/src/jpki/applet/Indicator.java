package jpki.applet;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * The CMS signed attributes with the signature indicator (C4, C5; RFC 5652, 5.3; the ASN.1 is in docs/reference/applet.md).
 *
 * <p>They are kept in RAM until the next ones, for GET SIGNED ATTRIBUTES.
 */
final class Indicator {

    static final byte METHOD_PASSWORD = 0x01;
    static final byte METHOD_PIN = 0x02;
    // The other methods have the numbers of DeviceKeys: biometric 3, lock screen 4.

    /** The longest without the digest: 31 81 .., content type 38, indicator up to 44, the head of the digest. */
    private static final short CAPACITY = 102;
    /** Where the members begin: behind the tag and a length of two bytes. */
    private static final short MEMBERS = 3;
    private static final short MAX_SHORT_LENGTH = 0x7F;

    private static final byte VERSION = 1;
    private static final short COUNTER_LENGTH = 4;

    /** contentType = id-data: a document. */
    static final byte[] DOCUMENT = {
        0x30, 0x18,
        0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x09, 0x03,
        0x31, 0x0B,
        0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x07, 0x01,
    };

    /** contentType = an application for certificates, in an arc below the indicator's. */
    static final byte[] APPLICATION = {
        0x30, 0x24,
        0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x09, 0x03,
        0x31, 0x17,
        0x06, 0x15, 0x69, (byte) 0x83, (byte) 0xAF, (byte) 0x92, (byte) 0xA0, (byte) 0x92, (byte) 0xFF, (byte) 0xFC,
        (byte) 0xA2, (byte) 0x8A, (byte) 0xDF, (byte) 0xB4, (byte) 0xE6, (byte) 0xBC, (byte) 0xCF, (byte) 0xF0,
        (byte) 0xFD, (byte) 0xE7, (byte) 0xE3, 0x1D, 0x01,
    };

    /** The indicator up to the counter's value; lengths are those without a counter. */
    private static final byte[] HEAD = {
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
    private static final short ATTRIBUTE_LENGTH = 1;
    private static final short IDENTIFIER = 2;
    private static final short IDENTIFIER_LENGTH = 22;
    private static final short VALUES_LENGTH = 25;
    private static final short SEQUENCE_LENGTH = 27;
    private static final short METHOD = 33;
    private static final short SOURCE = 36;
    private static final short INTEGER_LENGTH = 38;

    private static final byte SET = 0x31;
    private static final byte ONE_LENGTH_BYTE = (byte) 0x81;

    private static final short START = 0;
    private static final short LENGTH = 1;

    private final Suite suite;
    final byte[] attributes;
    /** Where in {@link #attributes} they are: START and LENGTH. */
    private final short[] range;
    private final byte[] counter;

    Indicator(Suite suite) {
        this.suite = suite;
        attributes = JCSystem.makeTransientByteArray((short) (CAPACITY + suite.hashLength), JCSystem.CLEAR_ON_DESELECT);
        range = JCSystem.makeTransientShortArray((short) 2, JCSystem.CLEAR_ON_DESELECT);
        counter = JCSystem.makeTransientByteArray((short) (COUNTER_LENGTH + 1), JCSystem.CLEAR_ON_DESELECT);
    }

    short start() {
        return range[START];
    }

    /** Zero when there are none. */
    short length() {
        return range[LENGTH];
    }

    void forget() {
        range[LENGTH] = 0;
    }

    /**
     * Composes the attributes for the use that the slot has just counted. The members are in SET OF order as they come
     * (X.690, 11.6): content type 3018 or 3024, indicator 3026 to 302A, message digest 302F or 303F.
     */
    void compose(byte[] type, byte method, byte source, UseCounter uses, byte[] hash, short hashOffset) {
        range[LENGTH] = 0;
        short head = Util.arrayCopyNonAtomic(type, (short) 0, attributes, MEMBERS, (short) type.length);
        short end = Util.arrayCopyNonAtomic(HEAD, (short) 0, attributes, head, (short) HEAD.length);
        attributes[(short) (head + METHOD)] = method;
        attributes[(short) (head + SOURCE)] = source;
        short first = startOfCounter(uses);
        byte size = (byte) (COUNTER_LENGTH + 1 - first);
        end = Util.arrayCopyNonAtomic(counter, first, attributes, end, size);
        attributes[(short) (head + INTEGER_LENGTH)] += size;
        attributes[(short) (head + SEQUENCE_LENGTH)] += size;
        attributes[(short) (head + VALUES_LENGTH)] += size;
        attributes[(short) (head + ATTRIBUTE_LENGTH)] += size;
        end = Util.arrayCopyNonAtomic(suite.digestHead, (short) 0, attributes, end, (short) suite.digestHead.length);
        end = Util.arrayCopyNonAtomic(hash, hashOffset, attributes, end, suite.hashLength);
        range[START] = startOfSet((short) (end - MEMBERS));
        range[LENGTH] = (short) (end - range[START]);
    }

    /** That the attributes say this: they are an attacker's doing when they do not. */
    void confirm(Alarm alarm, byte[] type, byte method, byte source, UseCounter uses) {
        short head = (short) (MEMBERS + type.length);
        alarm.require(Util.arrayCompare(type, (short) 0, attributes, MEMBERS, (short) type.length) == 0);
        alarm.require(Util.arrayCompare(HEAD, IDENTIFIER, attributes, (short) (head + IDENTIFIER), IDENTIFIER_LENGTH) == 0);
        alarm.same(attributes[(short) (head + METHOD)], method);
        alarm.same(attributes[(short) (head + SOURCE)], source);
        uses.confirmShown(attributes, (short) (head + HEAD.length), attributes[(short) (head + INTEGER_LENGTH)]);
    }

    /** Puts tag and length before the members; returns where the SET begins (X.690, 8.1.3: the shortest form). */
    private short startOfSet(short length) {
        short start = (short) (MEMBERS - 2);
        if (length > MAX_SHORT_LENGTH) {
            attributes[start] = ONE_LENGTH_BYTE;
            start--;
        }
        attributes[start] = SET;
        attributes[(short) (MEMBERS - 1)] = (byte) length;
        return start;
    }

    /** A DER INTEGER is the shortest form that has a sign bit of zero (X.690, 8.3); returns where it begins. */
    private short startOfCounter(UseCounter uses) {
        counter[0] = 0;
        uses.copy(counter, (short) 1);
        short start = 0;
        while (start < COUNTER_LENGTH && counter[start] == 0 && counter[(short) (start + 1)] >= 0) {
            start++;
        }
        return start;
    }
}
