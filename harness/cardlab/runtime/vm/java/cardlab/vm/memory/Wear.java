package cardlab.vm.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Persistent writes by byte, from the moment that it is made. */
public final class Wear {
    private int[] counts = {};
    private long writes;

    void add(int address, int length) {
        writes++;
        if (counts.length < address + length) {
            counts = Arrays.copyOf(counts, Math.max(address + length, 2 * counts.length));
        }
        for (int i = 0; i < length; i++) {
            counts[address + i]++;
        }
    }

    /** Writes, whatever their length; one at which the power was cut is among them. */
    public long writes() {
        return writes;
    }

    /** Neighbouring bytes that were written equally often, once or more: address, length, writes of each. */
    public List<int[]> runs() {
        List<int[]> found = new ArrayList<>();
        for (int from = 0, to; from < counts.length; from = to) {
            for (to = from + 1; to < counts.length && counts[to] == counts[from]; to++) {}
            if (counts[from] > 0) {
                found.add(new int[] {from, to - from, counts[from]});
            }
        }
        return found;
    }
}
