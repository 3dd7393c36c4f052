package cardlab.vm.translate;

import java.util.BitSet;
import java.util.SortedMap;

/** Instructions that are counted together: they are executed one after the other, and no other code runs between them. */
final class Blocks {
    private final BitSet starts = new BitSet();
    private final SortedMap<Integer, State> states;
    private final Code code;

    Blocks(Code code, SortedMap<Integer, State> states) {
        this.code = code;
        this.states = states;
        starts.set(code.method().start);
        code.method().handlers().forEach(one -> starts.set(one.target()));
        for (int pc : states.keySet()) {
            if (code.endsBlock(pc)) {
                code.successors(pc).forEach(starts::set);
            }
        }
    }

    boolean isStart(int pc) {
        return starts.get(pc);
    }

    /** Instructions from this one to the end of its block. */
    int length(int pc) {
        int count = 1;
        int at = pc;
        while (!code.endsBlock(at)) {
            at = code.after(at);
            if (starts.get(at)) {
                break;
            }
            count++;
        }
        return count;
    }

    /** For each instruction, by distance from the first, how many of its block come after it. */
    short[] uncounted() {
        int first = code.method().start;
        short[] after = new short[states.lastKey() - first + 1];
        states.keySet().forEach(pc -> after[pc - first] = (short) (length(pc) - 1));
        return after;
    }
}
