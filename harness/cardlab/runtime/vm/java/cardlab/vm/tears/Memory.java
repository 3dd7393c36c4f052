package cardlab.vm.tears;

import java.util.Arrays;

/**
 * Persistent memory with a digest of 128 bits that follows each change of a byte: the sum (exclusive or) of a number for
 * each address and value, none for zero. States with equal digests are taken for equal; among a million states chance
 * makes that wrong once in 10^26 times.
 */
final class Memory {
    private static final long FIRST = 0x9E3779B97F4A7C15L;
    private static final long SECOND = 0xD1B54A32D192ED03L;

    private byte[] bytes;
    private long high;
    private long low;

    /** A memory of zeros. */
    Memory(int size) {
        bytes = new byte[size];
    }

    /** Hold these bytes, and zeros behind them. */
    void become(byte[] content) {
        if (content.length > bytes.length) {
            bytes = new byte[content.length];
        }
        high = 0;
        low = 0;
        System.arraycopy(content, 0, bytes, 0, content.length);
        Arrays.fill(bytes, content.length, bytes.length, (byte) 0);
        for (int i = 0; i < content.length; i++) {
            mark(i, content[i]);
        }
    }

    /** The same as another one. */
    void become(Memory other) {
        if (bytes.length != other.bytes.length) {
            bytes = new byte[other.bytes.length];
        }
        System.arraycopy(other.bytes, 0, bytes, 0, bytes.length);
        high = other.high;
        low = other.low;
    }

    /** Another one but for these differences, of which the digest is known. */
    void become(Memory other, Delta delta, long newHigh, long newLow) {
        become(other);
        require(delta.end());
        delta.apply(bytes);
        high = newHigh;
        low = newLow;
    }

    private void require(int end) {
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * end);
        }
    }

    void put(int address, byte[] content) {
        put(address, content, 0, content.length);
    }

    void put(int address, byte[] from, int offset, int length) {
        require(address + length);
        int i = next(address, from, offset, length, 0);
        while (i < length) {
            byte value = from[offset + i];
            mark(address + i, bytes[address + i]);
            bytes[address + i] = value;
            mark(address + i, value);
            i = next(address, from, offset, length, i + 1);
        }
    }

    /** The next byte that is another one. */
    private int next(int address, byte[] from, int offset, int length, int at) {
        if (at == length) {
            return length;
        }
        int found = Arrays.mismatch(bytes, address + at, address + length, from, offset + at, offset + length);
        return found < 0 ? length : at + found;
    }

    private void mark(int address, byte value) {
        if (value != 0) {
            long cell = (long) address << 8 | value & 0xFF;
            high ^= mixed(cell * FIRST + FIRST);
            low ^= mixed(cell * SECOND + SECOND);
        }
    }

    /** The finisher of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mixed(long number) {
        long mixing = (number ^ number >>> 30) * 0xBF58476D1CE4E5B9L;
        mixing = (mixing ^ mixing >>> 27) * 0x94D049BB133111EBL;
        return mixing ^ mixing >>> 31;
    }

    byte[] bytes() {
        return bytes;
    }

    long high() {
        return high;
    }

    long low() {
        return low;
    }
}
