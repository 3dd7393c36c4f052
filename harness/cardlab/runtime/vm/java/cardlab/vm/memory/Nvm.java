package cardlab.vm.memory;

import java.util.Arrays;

/**
 * Persistent memory: flat bytes, grown on demand up to the card's size. Reading is free, every write passes the gate.
 *
 * <p>A write of 1, 2 or 4 bytes is one cell and atomic (JCRE 3.0.5, 7.4), as on memories with words and check bits.
 */
public final class Nvm {
    /** Bytes that are cleared, or filled with code, by one write. */
    public static final int PAGE = 64;

    private final int size;
    private final WriteGate gate;
    private byte[] bytes;

    /** An empty memory of {@code size} bytes. */
    public Nvm(int size, WriteGate gate) {
        this(size, gate, new byte[Math.min(size, 1 << 13)]);
    }

    /** A memory that holds these bytes from address 0 on. */
    public Nvm(int size, WriteGate gate, byte[] content) {
        this.size = size;
        this.gate = gate;
        bytes = content;
    }

    public int size() {
        return size;
    }

    public WriteGate gate() {
        return gate;
    }

    /** The bytes themselves, for reading; another array after {@link #require}. */
    public byte[] bytes() {
        return bytes;
    }

    /** Make sure that addresses below {@code end} are there. */
    public void require(int end) {
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(Math.max(end, 2 * bytes.length), Math.max(end, size)));
        }
    }

    /** Hold these bytes from address 0 on, and zeros behind them: for who makes the memory that a power cut leaves. */
    public void become(byte[] content) {
        require(content.length);
        System.arraycopy(content, 0, bytes, 0, content.length);
        Arrays.fill(bytes, content.length, bytes.length, (byte) 0);
    }

    public int get1(int address) {
        return bytes[address] & 0xFF;
    }

    public int get2(int address) {
        return (bytes[address] & 0xFF) << 8 | bytes[address + 1] & 0xFF;
    }

    public int get4(int address) {
        return get2(address) << 16 | get2(address + 2);
    }

    public void put1(int address, int value, WriteKind kind) {
        gate.pass(bytes, address, 1, value, kind);
        bytes[address] = (byte) value;
    }

    public void put2(int address, int value, WriteKind kind) {
        gate.pass(bytes, address, 2, value, kind);
        bytes[address] = (byte) (value >> 8);
        bytes[address + 1] = (byte) value;
    }

    public void put4(int address, int value, WriteKind kind) {
        gate.pass(bytes, address, 4, value, kind);
        store(bytes, address, 4, value);
    }

    /** Write {@code length} bytes, {@code cell} (1, 2 or 4) at a time. */
    public void putCells(int address, byte[] from, int offset, int length, int cell, WriteKind kind) {
        int count = length / cell;
        if (gate.isQuietFor(count)) {
            gate.countQuiet(count);
            System.arraycopy(from, offset, bytes, address, length);
            return;
        }
        if (count > 1 && gate.passCells(address, count, cell, kind)) {
            System.arraycopy(from, offset, bytes, address, length);
            return;
        }
        for (int done = 0; done < length; done += cell) {
            gate.pass(bytes, address + done, cell, load(from, offset + done, cell), kind);
            System.arraycopy(from, offset + done, bytes, address + done, cell);
        }
    }

    /** Write code or clear memory page by page; {@code from} null clears. */
    public void putPages(int address, byte[] from, int length, WriteKind kind) {
        for (int done = 0; done < length; done += PAGE) {
            int part = Math.min(PAGE, length - done);
            gate.passPage(bytes, address + done, part, from, done, kind);
            if (from == null) {
                Arrays.fill(bytes, address + done, address + done + part, (byte) 0);
            } else {
                System.arraycopy(from, done, bytes, address + done, part);
            }
        }
    }

    static void store(byte[] memory, int address, int length, int value) {
        for (int i = 0; i < length; i++) {
            memory[address + i] = (byte) (value >> 8 * (length - 1 - i));
        }
    }

    static int load(byte[] memory, int address, int length) {
        int value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | memory[address + i] & 0xFF;
        }
        return value;
    }
}
