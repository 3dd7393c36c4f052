package cardlab.vm.tears;

import cardlab.vm.interpreter.CardMute;
import cardlab.vm.jcre.CardOff;
import cardlab.vm.jcre.Commands;
import cardlab.vm.jcre.Jcre;
import cardlab.vm.jcre.Refusal;
import cardlab.vm.memory.TornCell;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Every power cut of a command, and every further one of what the card does about it, until nothing new comes of it.
 *
 * <p>The command runs once, and its writes are kept. What a cut leaves is what memory held then, so the states after cuts
 * come of the kept writes; states with equal digests are one. From each distinct state the card is powered up and the applet
 * selected, once, and the writes of that are kept and cut in the same way. When no state is new, any number of cuts that
 * leave the old or the new value in a cell has been tried.
 *
 * <p>Cells in which a tear may leave any value get a random one at each first cut. At further cuts each combination would be
 * another state, so {@code chances} of them are drawn for each state that a first cut left.
 */
public final class Tears {
    private final Jcre card;
    private final Commands commands;
    private final int protocol;
    private final byte[] applet;
    private final byte[] select;
    private final long seed;
    private final int chances;
    private final int firstIn;
    private final int oneIn;

    private final Memory base = new Memory(0);
    private final Memory walking = new Memory(0);
    private final WriteLog command;
    private final WriteLog recovery;
    private final States states = new States(base);
    private final Ends ends = new Ends(base);
    private final List<Integer> endOf = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final long[] figures = new long[Figure.values().length];

    /** What is counted. */
    private enum Figure { FIRST_CUTS, SECOND_CUTS, RECOVERY_WRITES, CHANCES, AFTER_FIRST, AFTER_SECOND, RECOVERIES }

    /**
     * @param card the card before the command; it is used up
     * @param applet what is selected after power up; empty for nothing
     * @param select the command that selects it
     * @param seed decides which cells get random values at further cuts
     * @param firstIn of so many states that first cuts leave one is recovered from, by the seed and the state; 1: all
     * @param oneIn the same of states that further cuts leave
     */
    public Tears(Jcre card, int protocol, byte[] applet, byte[] select, long seed, int chances, int firstIn, int oneIn) {
        this.card = card;
        commands = new Commands(card);
        this.protocol = protocol;
        this.applet = applet;
        this.select = select;
        this.seed = seed;
        this.chances = chances;
        this.firstIn = firstIn;
        this.oneIn = oneIn;
        base.become(card.heap().nvm().bytes());
        command = new WriteLog(card.heap().nvm());
        recovery = new WriteLog(card.heap().nvm());
    }

    // The command

    /** The command is about to be done on this card; {@link #recorded} is to be called after it. */
    public void record() {
        card.gate().listen(command);
    }

    /** The command was done: its writes are known. */
    public void recorded() {
        card.gate().listen(null);
        command.close();
        Memory memory = new Memory(0);
        memory.become(base);
        replay(command, memory);
        requireSame(memory);
        walking.become(base);
        cut(command, -1, 0);
        figures[Figure.FIRST_CUTS.ordinal()] = 3L * command.count();
        figures[Figure.AFTER_FIRST.ordinal()] = states.count();
    }

    private static void replay(WriteLog log, Memory memory) {
        for (int write = 0; write < log.count(); write++) {
            log.doTo(memory, write);
        }
    }

    /** What was kept must be all that changed memory. */
    private void requireSame(Memory memory) {
        byte[] there = card.heap().nvm().bytes();
        int shared = Math.min(there.length, memory.bytes().length);
        if (!Arrays.equals(there, 0, shared, memory.bytes(), 0, shared)) {
            int at = Arrays.mismatch(there, 0, shared, memory.bytes(), 0, shared);
            throw new IllegalStateException("persistent memory changed at " + at + " without a write that was told");
        }
    }

    // Cuts

    /**
     * Every state that a cut at one of these writes leaves; {@link #walking} holds what was before the first. The old value
     * at a write is the new one at the write before it, and a write that changes nothing leaves what was.
     */
    private void cut(WriteLog log, int parent, int depth) {
        boolean isFirst = depth == 0;
        long[] drawn = depth == 1 ? drawn(log, parent) : new long[0];
        int state = log.count() == 0 ? 0 : found(parent, log, 0, TornCell.OLD, depth);
        for (int write = 0; write < log.count(); write++) {
            if (isFirst || Arrays.binarySearch(drawn, write) >= 0) {
                int left = chance(parent, log, write, depth);
                countFirst(isFirst, state, left);
            }
            if (!log.isIdle(write)) {
                log.doTo(walking, write);
                state = found(parent, log, write, TornCell.NEW, depth);
            }
            countFirst(isFirst, state);
        }
    }

    private void countFirst(boolean isFirst, int... left) {
        if (isFirst) {
            for (int one : left) {
                states.countFirstCut(one);
            }
        }
    }

    /** The writes of a recovery that leave a random value, in order. */
    private long[] drawn(WriteLog log, int parent) {
        int[] free = java.util.stream.IntStream.range(0, log.count()).filter(one -> log.kind(one).leavesAnything()).toArray();
        SplittableRandom random = new SplittableRandom(seed ^ seenKey(parent));
        int wanted = Math.min(chances, free.length);
        return random.longs(wanted, 0, Math.max(1, free.length)).map(one -> free[(int) one]).sorted().distinct().toArray();
    }

    private long seenKey(int parent) {
        return 0x9E3779B97F4A7C15L * (parent + 1);
    }

    private int chance(int parent, WriteLog log, int write, int depth) {
        byte[] old = log.old(write);
        byte[] left = TornCell.RANDOM.left(old, log.fresh(write), log.kind(write), log.number(write));
        walking.put(log.address(write), left);
        int state = found(parent, log, write, TornCell.RANDOM, depth);
        walking.put(log.address(write), old);
        figures[Figure.CHANCES.ordinal()] += depth;
        return state;
    }

    private int found(int parent, WriteLog log, int write, TornCell torn, int depth) {
        int before = states.count();
        boolean isChosen = Long.remainderUnsigned(walking.low() ^ seed * 0x9E3779B97F4A7C15L, depth == 0 ? firstIn : oneIn) == 0;
        int number = states.add(walking, parent, log, write, torn, depth + 1, isChosen);
        figures[Figure.AFTER_SECOND.ordinal()] += states.count() - before == 1 && depth < 2 ? 1 : 0;
        return number;
    }

    // Recovery

    /** Recover from the next states, so many at most; tells whether there are more. */
    public boolean recover(int most) {
        int end = Math.min(states.count(), endOf.size() + most);
        while (endOf.size() < end) {
            recoverFrom(endOf.size());
        }
        return endOf.size() < states.count();
    }

    private void recoverFrom(int number) {
        if (!states.isChosen(number)) {
            endOf.add(-1);
            return;
        }
        figures[Figure.RECOVERIES.ordinal()]++;
        states.take(number, walking);
        boolean isWell = powerUp(number);
        int writes = recovery.count();
        figures[Figure.RECOVERY_WRITES.ordinal()] += writes;
        figures[Figure.SECOND_CUTS.ordinal()] += states.firstCuts(number) * 2 * writes;
        cut(recovery, number, states.depth(number));
        if (isWell) {
            requireSame(walking);
            endOf.add(ends.add(walking, number));
        } else {
            endOf.add(-1);
        }
    }

    /** Power up and select, from what {@link #walking} holds; false when the card did not come to itself. */
    private boolean powerUp(int number) {
        recovery.clear();
        card.failWith(walking.bytes());
        card.gate().listen(recovery);
        try {
            card.reset(protocol);
            if (applet.length != 0) {
                recovery.startCall(1);
                commands.select(applet, select, 0);
            }
            return true;
        } catch (Refusal refused) {
            return true; // the applet is not there: whoever looks at the end judges
        } catch (CardMute | CardOff silent) {
            problems.add(number + " the card is mute: " + silent.getMessage());
        } catch (RuntimeException failed) {
            problems.add(number + " the card does not power up: " + failed);
        } finally {
            card.gate().listen(null);
            recovery.close();
        }
        return false;
    }

    // What was found

    public int writes() {
        return command.count();
    }

    /** Those of Figure in their order, then states and ends. */
    public long[] figures() {
        long[] all = Arrays.copyOf(figures, figures.length + 2);
        all[figures.length] = states.count();
        all[figures.length + 1] = ends.count();
        return all;
    }

    /** States that the card did not recover from: number, space, what happened. */
    public String[] problems() {
        return problems.toArray(new String[0]);
    }

    /** Memory in a state that a cut left. */
    public byte[] left(int state) {
        return states.memory(state);
    }

    /** Memory at an end, which is what recovery comes to without another cut. */
    public byte[] end(int end) {
        return ends.memory(end);
    }

    /** The end that recovery from a state comes to; -1 when it came to none, or was not tried. */
    public int endOf(int state) {
        return endOf.get(state);
    }

    /** The first state that came to an end. */
    public int stateOf(int end) {
        return ends.first(end);
    }

    /** The cuts that led to a state: call, number of the write in it, and torn cell, of each. */
    public int[] path(int state) {
        return states.path(state);
    }

    /** Whether a memory holds what another card holds. */
    public static boolean isSame(byte[] memory, Jcre other) {
        byte[] there = other.heap().nvm().bytes();
        int shared = Math.min(memory.length, there.length);
        return Arrays.equals(memory, 0, shared, there, 0, shared) && isZero(memory, shared) && isZero(there, shared);
    }

    private static boolean isZero(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
