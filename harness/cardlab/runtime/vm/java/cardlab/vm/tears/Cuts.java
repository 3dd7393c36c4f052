package cardlab.vm.tears;

import cardlab.vm.memory.TornCell;
import java.util.SplittableRandom;

/**
 * Finds the states that a cut at one of the writes of a log leaves.
 *
 * <p>The old value at a write is the new one at the write before it, and a write that changes nothing leaves what was. Cells in
 * which a tear may leave any value get a random one at each write of the command. Of a recovery each combination would be
 * another state, so {@code chances} of them are drawn for each state that a first cut left.
 */
final class Cuts {
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private final States states;
    private final Figures figures;
    private final long seed;
    private final int chances;
    private final int firstIn;
    private final int oneIn;

    Cuts(States states, Figures figures, long seed, int chances, int firstIn, int oneIn) {
        this.states = states;
        this.figures = figures;
        this.seed = seed;
        this.chances = chances;
        this.firstIn = firstIn;
        this.oneIn = oneIn;
    }

    /** One pass along the writes of a log; {@code memory} holds what was before the first, and follows. */
    private record Pass(Memory memory, WriteLog log, int parent, int depth) {}

    /** At every write of the command: the old, the new and a random value are left. */
    void ofCommand(Memory memory, WriteLog log) {
        Pass pass = new Pass(memory, log, -1, 0);
        int state = log.count() == 0 ? 0 : found(pass, 0, TornCell.OLD);
        for (int run = 0; run < log.runs(); run++) {
            int change = log.nextChange(run, log.first(run));
            for (int write = log.first(run); write < log.end(run); write++) {
                states.countFirstCut(state);
                states.countFirstCut(chance(pass, write));
                if (write == change) {
                    log.doTo(memory, run, write, write + 1);
                    state = found(pass, write, TornCell.NEW);
                    change = write + 1 == log.end(run) ? write + 1 : log.nextChange(run, write + 1);
                }
                states.countFirstCut(state);
            }
        }
    }

    /** At every write of a recovery; from the write {@code known} on, what they leave without chance is known already. */
    void ofRecovery(Memory memory, WriteLog log, int parent, int known) {
        if (log.count() == 0) {
            return;
        }
        Pass pass = new Pass(memory, log, parent, states.depth(parent));
        int[] drawn = pass.depth == 1 ? drawn(log, parent) : new int[0];
        int next = 0;
        int end = drawn.length == 0 ? known : Math.max(known, drawn[drawn.length - 1] + 1);
        if (known > 0) {
            found(pass, 0, TornCell.OLD);
        }
        for (int run = 0; run < log.runs() && log.first(run) < end; run++) {
            int write = log.first(run);
            while (write < log.end(run) && write < end) {
                int change = log.nextChange(run, write);
                boolean isDrawn = next < drawn.length && drawn[next] < log.end(run) && drawn[next] <= change;
                if (isDrawn) {
                    chance(pass, drawn[next++]);
                }
                write = step(pass, run, isDrawn ? drawn[next - 1] : change, known);
            }
        }
    }

    /** Do one write, the first that changes something from where memory is on, or none; returns the next one. */
    private int step(Pass pass, int run, int write, int known) {
        if (write < pass.log.end(run)) {
            pass.log.doTo(pass.memory, run, write, write + 1);
            if (write < known) {
                found(pass, write, TornCell.NEW);
            }
        }
        return write + 1;
    }

    /** The writes of a recovery that leave a random value, in order. */
    private int[] drawn(WriteLog log, int parent) {
        int free = log.free();
        SplittableRandom random = new SplittableRandom(seed ^ SPREAD * (parent + 1));
        return random.longs(Math.min(chances, free), 0, Math.max(1, free)).mapToInt(one -> log.free((int) one))
                .sorted().distinct().toArray();
    }

    private int chance(Pass pass, int write) {
        WriteLog log = pass.log;
        byte[] old = log.old(write);
        byte[] left = TornCell.RANDOM.left(old, log.fresh(write), log.kind(log.runOf(write)), log.number(write));
        pass.memory.put(log.address(write), left);
        int state = found(pass, write, TornCell.RANDOM);
        pass.memory.put(log.address(write), old);
        figures.add(Figures.Kind.CHANCES, pass.depth);
        return state;
    }

    private int found(Pass pass, int write, TornCell torn) {
        int before = states.count();
        int of = pass.depth == 0 ? firstIn : oneIn;
        boolean isChosen = of == 1 || Long.remainderUnsigned(pass.memory.low() ^ seed * SPREAD, of) == 0;
        int number = states.add(pass.memory, pass.parent, pass.log, write, torn, pass.depth + 1, isChosen);
        if (pass.depth < 2) {
            figures.add(Figures.Kind.AFTER_SECOND, states.count() - before);
        }
        return number;
    }
}
