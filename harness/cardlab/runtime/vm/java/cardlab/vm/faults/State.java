package cardlab.vm.faults;

import cardlab.vm.Machine;
import cardlab.vm.memory.Heap;
import java.util.Arrays;
import java.util.List;

/** What memory holds, and a digest of what another card's memory holds differently. */
final class State {
    private final byte[] persistent;
    private final List<byte[]> ram;

    State(Machine machine) {
        Heap heap = machine.card().heap();
        persistent = heap.nvm().bytes().clone();
        ram = heap.transientMemory().stream().map(byte[]::clone).toList();
    }

    /** Zero when nothing differs; {@code withRam} false: in persistent memory. */
    long differences(Machine machine, boolean withRam) {
        Heap heap = machine.card().heap();
        long sum = differences(persistent, heap.nvm().bytes(), 1);
        if (withRam) {
            List<byte[]> now = heap.transientMemory();
            for (int i = 0; i < now.size(); i++) {
                sum ^= differences(i < ram.size() ? ram.get(i) : new byte[0], now.get(i), 2 + i);
            }
        }
        return sum;
    }

    /** Bytes that are missing count as zero. */
    private static long differences(byte[] before, byte[] now, long salt) {
        long sum = 0;
        int shared = Math.min(before.length, now.length);
        int at = 0;
        while (at < shared) {
            int step = Arrays.mismatch(before, at, shared, now, at, shared);
            if (step < 0) {
                break;
            }
            at += step;
            sum ^= mixed(salt << 48 | (long) at << 8 | now[at] & 0xFF);
            at++;
        }
        for (int i = shared; i < now.length; i++) {
            sum ^= now[i] == 0 ? 0 : mixed(salt << 48 | (long) i << 8 | now[i] & 0xFF);
        }
        return sum;
    }

    /** The finisher of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mixed(long number) {
        long mixing = (number * 0x9E3779B97F4A7C15L ^ number >>> 30) * 0xBF58476D1CE4E5B9L;
        mixing = (mixing ^ mixing >>> 27) * 0x94D049BB133111EBL;
        return mixing ^ mixing >>> 31;
    }
}
