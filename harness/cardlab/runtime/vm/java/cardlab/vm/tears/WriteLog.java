package cardlab.vm.tears;

import cardlab.vm.memory.Nvm;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.memory.WriteListener;
import java.util.Arrays;

/** Persistent writes in their order, each with what the cell or page held before and after. */
final class WriteLog implements WriteListener {
    private static final WriteKind[] KINDS = WriteKind.values();

    private final Nvm nvm;
    private int count;
    private int[] address = new int[1 << 10];
    private int[] length = new int[1 << 10];
    private byte[] kind = new byte[1 << 10];
    private int[] call = new int[1 << 10];
    private int[] number = new int[1 << 10];
    /** Where the old bytes of a write begin in {@link #bytes}; the new ones stand behind them. */
    private int[] place = new int[1 << 10];
    private byte[] bytes = new byte[1 << 13];
    private int used;
    private boolean isOpen;
    private int current;
    private long last;

    WriteLog(Nvm nvm) {
        this.nvm = nvm;
    }

    void clear() {
        count = 0;
        used = 0;
        isOpen = false;
        startCall(0);
    }

    /** The writes that follow belong to the n-th call of the runtime, from 0. */
    void startCall(int which) {
        current = which;
        last = 0;
    }

    @Override
    public void writing(long at, int ofAddress, int ofLength, WriteKind ofKind) {
        close();
        if (count == address.length) {
            grow();
        }
        address[count] = ofAddress;
        length[count] = ofLength;
        kind[count] = (byte) ofKind.ordinal();
        number[count] = (int) at;
        current += at <= last ? 1 : 0; // numbers begin anew with each call
        last = at;
        call[count] = current;
        place[count++] = used;
        append(ofAddress, ofLength);
        isOpen = true;
    }

    /** The last write has been done: its new bytes are in memory. */
    void close() {
        if (isOpen) {
            append(address[count - 1], length[count - 1]);
            isOpen = false;
        }
    }

    private void append(int from, int size) {
        if (used + size > bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * bytes.length);
        }
        if (size == 1) {
            bytes[used++] = nvm.bytes()[from];
            return;
        }
        System.arraycopy(nvm.bytes(), from, bytes, used, size);
        used += size;
    }

    private void grow() {
        int size = 2 * count;
        address = Arrays.copyOf(address, size);
        length = Arrays.copyOf(length, size);
        kind = Arrays.copyOf(kind, size);
        call = Arrays.copyOf(call, size);
        number = Arrays.copyOf(number, size);
        place = Arrays.copyOf(place, size);
    }

    int count() {
        return count;
    }

    /** Which call of the runtime a write belongs to: each has its own numbers. */
    int call(int write) {
        return call[write];
    }

    /** The number of the write within its call, from 1. */
    int number(int write) {
        return number[write];
    }

    int address(int write) {
        return address[write];
    }

    int length(int write) {
        return length[write];
    }

    WriteKind kind(int write) {
        return KINDS[kind[write]];
    }

    byte[] old(int write) {
        return Arrays.copyOfRange(bytes, place[write], place[write] + length[write]);
    }

    byte[] fresh(int write) {
        int from = place[write] + length[write];
        return Arrays.copyOfRange(bytes, from, from + length[write]);
    }

    void doTo(Memory memory, int write) {
        memory.put(address[write], bytes, place[write] + length[write], length[write]);
    }

    /** Whether the write leaves every byte as it was. */
    boolean isIdle(int write) {
        int from = place[write];
        if (length[write] == 1) {
            return bytes[from] == bytes[from + 1];
        }
        int middle = from + length[write];
        return Arrays.equals(bytes, from, middle, bytes, middle, middle + length[write]);
    }

    /** The first address behind all writes. */
    int end() {
        int end = 0;
        for (int i = 0; i < count; i++) {
            end = Math.max(end, address[i] + length[i]);
        }
        return end;
    }
}
