package cardlab.vm.memory;

import java.util.Arrays;

/** A piece of transient memory; what is in it ends when it is cleared. */
final class Ram {
    private final int limit;
    private byte[] bytes = {};
    private int top;

    Ram(int limit) {
        this.limit = limit;
    }

    Ram fork() {
        Ram other = new Ram(limit);
        other.bytes = bytes.clone();
        other.top = top;
        return other;
    }

    byte[] bytes() {
        return bytes;
    }

    int available() {
        return limit - top;
    }

    int limit() {
        return limit;
    }

    /** Take {@code length} bytes at the end, or -1. */
    int take(int length) {
        if (top + length > limit) {
            return -1;
        }
        claim(top, length);
        return top - length;
    }

    /** These bytes are in use. */
    void claim(int offset, int length) {
        top = Math.max(top, offset + length);
        if (top > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(top, Math.min(limit, 2 * bytes.length)));
        }
    }

    /** Nothing is in use beyond {@code newTop}. */
    void setTop(int newTop) {
        top = newTop;
    }

    void clear() {
        Arrays.fill(bytes, (byte) 0);
    }

    void clear(int offset, int length) {
        Arrays.fill(bytes, offset, offset + length, (byte) 0);
    }
}
