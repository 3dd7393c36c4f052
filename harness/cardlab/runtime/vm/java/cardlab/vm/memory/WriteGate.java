package cardlab.vm.memory;

/**
 * The one place that every persistent write passes: it counts them for the command, tells a listener, keeps the wear of
 * cells, and cuts the power.
 *
 * <p>Nothing of this costs more than a comparison until the count reaches {@code alarm}.
 */
public final class WriteGate {
    private long writes;
    private long cutAt;
    /** The write of a later call, where calls that write come before it. */
    private long cutLater;
    private int callsBefore;
    private TornCell torn = TornCell.OLD;
    private long seed;
    private WriteListener listener;
    private Wear wear;
    private long alarm = Long.MAX_VALUE;

    /** Begin to count anew: a command starts. */
    public void startCommand() {
        writes = 0;
    }

    /** The call is over: a cut that was for it is for no other. */
    public void endCommand() {
        if (callsBefore == 0) {
            cutAt(0, TornCell.OLD, 0);
        } else if (writes > 0) {
            cutAt(callsBefore - 1, cutLater, torn, seed);
        }
    }

    /** Persistent writes since the command started. */
    public long writes() {
        return writes;
    }

    /** Cut the power at the n-th write from the start of the next command, 1 or more; 0 takes it back. */
    public void cutAt(long number, TornCell cell, long newSeed) {
        cutAt(0, number, cell, newSeed);
    }

    /** The same after so many further calls that write. */
    public void cutAt(int calls, long number, TornCell cell, long newSeed) {
        callsBefore = calls;
        cutLater = number;
        cutAt = calls == 0 ? number : 0;
        torn = cell;
        seed = newSeed;
        setAlarm();
    }

    public void listen(WriteListener newListener) {
        listener = newListener;
        setAlarm();
    }

    /** Add the writes of each byte to this from now on; null: to nothing any more. */
    public void keepWear(Wear newWear) {
        wear = newWear;
        setAlarm();
    }

    private void setAlarm() {
        alarm = listener != null || wear != null ? 0 : cutAt > 0 ? cutAt : Long.MAX_VALUE;
    }

    /** Whether this many writes can be done at once, with nobody to know of each. */
    boolean isQuietFor(int count) {
        return writes + count < alarm;
    }

    void countQuiet(int count) {
        writes += count;
    }

    /** The same for cells of which a listener may be told at once; false: each is to pass by itself. */
    boolean passCells(int address, int count, int cell, WriteKind kind) {
        boolean isCut = cutAt > writes && cutAt <= writes + count;
        if (listener == null || wear != null || isCut || !listener.writingCells(writes + 1, address, count, cell, kind)) {
            return false;
        }
        writes += count;
        return true;
    }

    /** A write of up to 4 bytes is about to be done. Throws PowerCut when the power fails at it. */
    void pass(byte[] memory, int address, int length, int value, WriteKind kind) {
        if (++writes >= alarm) {
            report(address, length, kind);
            if (writes == cutAt) {
                byte[] fresh = new byte[length];
                Nvm.store(fresh, 0, length, value);
                tear(memory, address, fresh, kind);
            }
        }
    }

    /** The same for a page that is cleared ({@code from} null) or gets bytes of {@code from}. */
    void passPage(byte[] memory, int address, int length, byte[] from, int offset, WriteKind kind) {
        if (++writes >= alarm) {
            report(address, length, kind);
            if (writes == cutAt) {
                byte[] fresh = new byte[length];
                if (from != null) {
                    System.arraycopy(from, offset, fresh, 0, length);
                }
                tear(memory, address, fresh, kind);
            }
        }
    }

    private void report(int address, int length, WriteKind kind) {
        if (listener != null) {
            listener.writing(writes, address, length, kind);
        }
        if (wear != null) {
            wear.add(address, length);
        }
    }

    private void tear(byte[] memory, int address, byte[] fresh, WriteKind kind) {
        byte[] old = java.util.Arrays.copyOfRange(memory, address, address + fresh.length);
        System.arraycopy(torn.left(old, fresh, kind, seed), 0, memory, address, fresh.length);
        throw cut();
    }

    private PowerCut cut() {
        long at = cutAt;
        cutAt(0, TornCell.OLD, 0);
        return new PowerCut(at);
    }
}
