package cardlab.vm;

import cardlab.vm.memory.Wear;
import java.util.ArrayList;
import java.util.List;

/** What a card's commands cost from the moment that it is kept ({@link Machine#keepCosts}). */
public final class Costs {
    private final long[] instructions = new long[256];
    private final Wear wear = new Wear();
    private final List<String> algorithms = new ArrayList<>();
    private final List<Integer> lengths = new ArrayList<>();

    /** Instructions by opcode; the meter counts in it. */
    public long[] instructions() {
        return instructions;
    }

    /** Persistent writes; the write gate counts in it. */
    public Wear wear() {
        return wear;
    }

    /** A cryptographic operation was given so many bytes. */
    public void crypto(String algorithm, int length) {
        algorithms.add(algorithm);
        lengths.add(length);
    }

    /** The algorithms of the operations, in their order. */
    public String[] algorithms() {
        return algorithms.toArray(new String[0]);
    }

    /** The bytes that each of them was given. */
    public int[] lengths() {
        return lengths.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Address, length and writes of neighbouring bytes that were written equally often. */
    public int[] wornBytes() {
        return wear.runs().stream().flatMapToInt(java.util.Arrays::stream).toArray();
    }

    public long writes() {
        return wear.writes();
    }
}
