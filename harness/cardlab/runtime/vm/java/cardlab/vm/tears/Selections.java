package cardlab.vm.tears;

import java.util.HashMap;
import java.util.Map;

/**
 * What selecting comes to, by what memory held before it. A reset leaves nothing else that could decide it, so where resets of
 * different states meet, the way goes on as it was found once; those that drew random numbers are not kept.
 */
final class Selections {
    /** The digest of memory after a reset. */
    record Start(long high, long low) {
        static Start of(Memory memory) {
            return new Start(memory.high(), memory.low());
        }
    }

    /** Writes of the selection, the end that it came to (-1: none), and what happened then, empty: nothing. */
    record Selected(int writes, int end, String problem) {}

    private final Map<Start, Selected> known = new HashMap<>();

    /** Null: not known. */
    Selected known(Start start) {
        return known.get(start);
    }

    void keep(Start start, Selected selected) {
        known.putIfAbsent(start, selected);
    }
}
