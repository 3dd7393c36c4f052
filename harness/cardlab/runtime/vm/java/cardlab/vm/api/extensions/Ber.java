package cardlab.vm.api.extensions;

import cardlab.vm.natives.Call;
import cardlab.vm.natives.JavaCardException;
import java.util.Arrays;

/** Tags and lengths of ISO/IEC 8825-1, 8.1, in bytes; tags of up to four, lengths in definite form. */
final class Ber {
    static final String EXCEPTION = "javacardx/framework/tlv/TLVException";
    static final int INVALID_PARAM = 1;
    static final int ILLEGAL_SIZE = 2;
    static final int EMPTY_TAG = 3;
    static final int EMPTY_TLV = 4;
    static final int MALFORMED_TAG = 5;
    static final int MALFORMED_TLV = 6;
    static final int TAG_NUMBER_GREATER_THAN_32767 = 9;
    static final int TLV_SIZE_GREATER_THAN_32767 = 10;
    static final int TLV_LENGTH_GREATER_THAN_32767 = 11;

    private static final int MOST_TAG_BYTES = 4;
    private static final int LONG_TAG = 0x1F;
    private static final int CONSTRUCTED = 0x20;
    private static final int MORE = 0x80;
    private static final int SHORT_MAX = 0x7FFF;

    private Ber() {}

    /** One structure in an array: where its value begins, and the value's length. */
    record Element(int start, int value, int length) {
        int end() {
            return value + length;
        }

        int size() {
            return end() - start;
        }
    }

    static JavaCardException error(Call call, int reason) {
        return call.thrown(EXCEPTION, reason);
    }

    /** Bytes of the tag at an offset; 0 when it is malformed or goes beyond {@code end}, -1 when it is too long. */
    static int tagSize(byte[] in, int at, int end) {
        if (at >= end) {
            return 0;
        }
        if ((in[at] & LONG_TAG) != LONG_TAG) {
            return 1;
        }
        int next = at + 1;
        while (next < end && (in[next] & MORE) != 0) {
            next++;
        }
        boolean good = next < end && (in[at + 1] & 0xFF) != MORE; // no leading zeros in the number
        return !good ? 0 : next + 1 - at > MOST_TAG_BYTES ? -1 : next + 1 - at;
    }

    /** The tag at an offset of an array of the card. MALFORMED_TAG, ILLEGAL_SIZE. */
    static byte[] tag(Call call, int array, int offset) {
        int length = call.length(array);
        call.require(array, offset, 1);
        byte[] in = call.bytes(array, offset, Math.min(length - offset, MOST_TAG_BYTES + 1));
        int size = tagSize(in, 0, in.length);
        if (size <= 0) {
            throw error(call, size == 0 ? MALFORMED_TAG : ILLEGAL_SIZE);
        }
        return Arrays.copyOf(in, size);
    }

    static boolean isConstructed(byte[] tag) {
        return (tag[0] & CONSTRUCTED) != 0;
    }

    static int tagClass(byte[] tag) {
        return (tag[0] & 0xFF) >> 6;
    }

    /** TAG_NUMBER_GREATER_THAN_32767. */
    static int tagNumber(Call call, byte[] tag) {
        int number = tag[0] & LONG_TAG;
        if (tag.length > 1) {
            number = 0;
            for (int i = 1; i < tag.length; i++) {
                number = number << 7 | tag[i] & 0x7F;
            }
        }
        if (number > SHORT_MAX) {
            throw error(call, TAG_NUMBER_GREATER_THAN_32767);
        }
        return number;
    }

    /** INVALID_PARAM for another class than 0 to 3 and for a negative number. */
    static byte[] tag(Call call, int tagClass, boolean constructed, int number) {
        if (tagClass < 0 || tagClass > 3 || number < 0) {
            throw error(call, INVALID_PARAM);
        }
        int first = tagClass << 6 | (constructed ? CONSTRUCTED : 0);
        if (number < LONG_TAG) {
            return new byte[] {(byte) (first | number)};
        }
        int count = number < 1 << 7 ? 1 : number < 1 << 14 ? 2 : 3;
        byte[] tag = new byte[1 + count];
        tag[0] = (byte) (first | LONG_TAG);
        for (int i = count; i > 0; i--) {
            tag[i] = (byte) (number & 0x7F | (i == count ? 0 : MORE));
            number >>= 7;
        }
        return tag;
    }

    static byte[] lengthBytes(int length) {
        if (length < 0x80) {
            return new byte[] {(byte) length};
        }
        return length < 0x100 ? new byte[] {(byte) 0x81, (byte) length}
                : new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length};
    }

    /** Tag, length, value. TLV_SIZE_GREATER_THAN_32767. */
    static byte[] encoded(Call call, byte[] tag, byte[] value) {
        byte[] length = lengthBytes(value.length);
        int size = tag.length + length.length + value.length;
        if (size > SHORT_MAX) {
            throw error(call, TLV_SIZE_GREATER_THAN_32767);
        }
        byte[] out = Arrays.copyOf(tag, size);
        System.arraycopy(length, 0, out, tag.length, length.length);
        System.arraycopy(value, 0, out, tag.length + length.length, value.length);
        return out;
    }

    /** The structure at an offset, which may end before {@code end}; null when it is malformed. */
    static Element element(byte[] in, int at, int end) {
        int tag = tagSize(in, at, end);
        if (tag <= 0 || at + tag >= end) {
            return null;
        }
        int first = in[at + tag] & 0xFF;
        int value = at + tag + 1;
        int length = first;
        if (first >= MORE) {
            int count = first & 0x7F;
            if (count == 0 || count > 3 || value + count > end) {
                return null;
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = length << 8 | in[value + i] & 0xFF;
            }
            value += count;
        }
        return value + length > end ? null : new Element(at, value, length);
    }

    /** Whether a value is a sequence of structures, all the way down. */
    static boolean isSequence(byte[] in, int at, int end) {
        int next = at;
        while (next < end) {
            Element one = element(in, next, end);
            if (one == null || !isWhole(in, one)) {
                return false;
            }
            next = one.end();
        }
        return true;
    }

    /** A primitive structure, or a constructed one whose value is a sequence. */
    static boolean isWhole(byte[] in, Element one) {
        return (in[one.start] & CONSTRUCTED) == 0 || isSequence(in, one.value, one.end());
    }

    /** The structure at an offset of an array of the card. MALFORMED_TLV also when it is not whole. */
    static Element required(Call call, byte[] all, int offset) {
        Element found = offset < 0 ? null : element(all, offset, all.length);
        if (found == null || !isWhole(all, found)) {
            throw error(call, MALFORMED_TLV);
        }
        return found;
    }
}
