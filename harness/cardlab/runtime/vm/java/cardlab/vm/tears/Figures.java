package cardlab.vm.tears;

/** What is counted (Python: cardlab.runtime.vm.tears.Figures, in this order). */
final class Figures {
    enum Kind { FIRST_CUTS, SECOND_CUTS, RECOVERY_WRITES, CHANCES, AFTER_FIRST, AFTER_SECOND, RECOVERIES }

    private final long[] values = new long[Kind.values().length];

    void add(Kind kind, long count) {
        values[kind.ordinal()] += count;
    }

    /** Those of Kind in their order, then these. */
    long[] with(long... others) {
        long[] all = java.util.Arrays.copyOf(values, values.length + others.length);
        System.arraycopy(others, 0, all, values.length, others.length);
        return all;
    }
}
