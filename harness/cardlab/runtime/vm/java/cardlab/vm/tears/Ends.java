package cardlab.vm.tears;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The distinct states that recoveries came to, by number, each with the first state from which one did. */
final class Ends {
    private final Memory base;
    private final StateSet seen = new StateSet();
    private final List<Delta> ends = new ArrayList<>();
    private final List<Integer> firsts = new ArrayList<>();

    Ends(Memory base) {
        this.base = base;
    }

    int count() {
        return ends.size();
    }

    /** The number of the end that memory is at, after recovery from a state. */
    int add(Memory memory, int state) {
        int before = seen.count();
        int end = seen.add(memory.high(), memory.low());
        if (seen.count() > before) {
            ends.add(Delta.between(base.bytes(), memory.bytes()));
            firsts.add(state);
        }
        return end;
    }

    int first(int end) {
        return firsts.get(end);
    }

    byte[] memory(int end) {
        byte[] memory = Arrays.copyOf(base.bytes(), Math.max(base.bytes().length, ends.get(end).end()));
        ends.get(end).apply(memory);
        return memory;
    }
}
