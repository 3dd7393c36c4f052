package cardlab.vm.tears;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** What tells one memory from another: places, lengths and bytes; of zeros, which erasing leaves, a negative length alone. */
final class Delta {
    private static final int HEAD = 8;
    private static final byte[] CLEAR = new byte[1 << 12];

    private final byte[] encoded;
    private final int end;

    private Delta(byte[] encoded, int end) {
        this.encoded = encoded;
        this.end = end;
    }

    /** What {@code memory} has otherwise than {@code base}, which may be shorter: zeros follow it. */
    static Delta between(byte[] base, byte[] memory) {
        ByteBuffer out = ByteBuffer.allocate(256);
        int at = 0;
        int end = 0;
        while (at < memory.length) {
            int from = next(base, memory, at);
            if (from == memory.length) {
                break;
            }
            boolean isClear = memory[from] == 0;
            int to = isClear ? endOfClear(memory, from) : endOfContent(base, memory, from);
            out = room(out, HEAD + to - from);
            out.putInt(from).putInt(isClear ? from - to : to - from);
            if (!isClear) {
                out.put(memory, from, to - from);
            }
            at = to;
            end = to;
        }
        return new Delta(Arrays.copyOf(out.array(), out.position()), end);
    }

    private static int endOfClear(byte[] memory, int from) {
        int most = Math.min(CLEAR.length, memory.length - from);
        int found = Arrays.mismatch(memory, from, from + most, CLEAR, 0, most);
        return from + (found < 0 ? most : found);
    }

    private static int endOfContent(byte[] base, byte[] memory, int from) {
        int to = from + 1;
        while (to < memory.length && !isClear(memory, to)
                && (valueAt(base, to) != memory[to] || isNear(base, memory, to))) {
            to++;
        }
        return to;
    }

    private static ByteBuffer room(ByteBuffer out, int needed) {
        if (out.remaining() >= needed) {
            return out;
        }
        ByteBuffer larger = ByteBuffer.allocate(2 * (out.position() + needed));
        return larger.put(out.array(), 0, out.position());
    }

    private static int next(byte[] base, byte[] memory, int from) {
        if (from < base.length) {
            int shared = Math.min(base.length, memory.length);
            int found = Arrays.mismatch(base, from, shared, memory, from, shared);
            if (found >= 0) {
                return from + found;
            }
            from = shared;
        }
        while (from < memory.length && memory[from] == 0) {
            from++;
        }
        return from;
    }

    /** A few zeros are cheaper than another head. */
    private static boolean isClear(byte[] memory, int from) {
        for (int i = from; i < Math.min(from + HEAD, memory.length); i++) {
            if (memory[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** A few equal bytes are cheaper than another head. */
    private static boolean isNear(byte[] base, byte[] memory, int from) {
        for (int i = from + 1; i < Math.min(from + HEAD, memory.length); i++) {
            if (valueAt(base, i) != memory[i]) {
                return true;
            }
        }
        return false;
    }

    private static byte valueAt(byte[] base, int address) {
        return address < base.length ? base[address] : 0;
    }

    /** Make the memory that this was made of; {@code memory} holds the base, and is as long. */
    void apply(byte[] memory) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        while (in.hasRemaining()) {
            int from = in.getInt();
            int length = in.getInt();
            if (length < 0) {
                Arrays.fill(memory, from, from - length, (byte) 0);
            } else {
                in.get(memory, from, length);
            }
        }
    }

    /** The first address behind all that is different. */
    int end() {
        return end;
    }
}
