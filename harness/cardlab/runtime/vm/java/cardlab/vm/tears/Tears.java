package cardlab.vm.tears;

import cardlab.vm.interpreter.CardMute;
import cardlab.vm.jcre.CardOff;
import cardlab.vm.jcre.Commands;
import cardlab.vm.jcre.Jcre;
import cardlab.vm.jcre.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Every power cut of a command, and every further one of what the card does about it, until nothing new comes of it.
 *
 * <p>The command runs once, and its writes are kept. What a cut leaves is what memory held then, so the states after cuts
 * come of the kept writes; states with equal digests are one. From each distinct state the card is powered up and the applet
 * selected, once, and the writes of that are kept and cut in the same way. When no state is new, any number of cuts that
 * leave the old or the new value in a cell has been tried. {@link Cuts} says what random values there are.
 *
 * <p>Ways of recovery meet: where the end of one is the end of the one before it, its states are not looked up again, and
 * where memory after the reset is known, nothing is selected ({@link Selections}).
 */
public final class Tears {
    private final Jcre card;
    private final Commands commands;
    private final int protocol;
    private final byte[] applet;
    private final byte[] select;

    private final Memory base = new Memory(0);
    private final Memory walking = new Memory(0);
    private final Memory cutting = new Memory(0);
    private final WriteLog command;
    private WriteLog recovery;
    /** The recovery before this one that was kept as a whole, and what memory held at its end. */
    private WriteLog earlier;
    private Selections.Start earlierEnd;
    private final States states = new States(base);
    private final Ends ends = new Ends(base);
    private final Selections selections = new Selections();
    private final Figures figures = new Figures();
    private final Cuts cuts;
    private final List<Integer> endOf = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

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
        cuts = new Cuts(states, figures, seed, chances, firstIn, oneIn);
        base.become(card.heap().nvm().bytes());
        command = new WriteLog(card.heap().nvm());
        recovery = new WriteLog(card.heap().nvm());
        earlier = new WriteLog(card.heap().nvm());
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
        walking.become(base);
        command.doTo(walking);
        requireSame(walking);
        walking.become(base);
        cuts.ofCommand(walking, command);
        figures.add(Figures.Kind.FIRST_CUTS, 3L * command.count());
        figures.add(Figures.Kind.AFTER_FIRST, states.count());
    }

    /** What was kept must be all that changed memory. */
    private void requireSame(Memory memory) {
        byte[] there = card.heap().nvm().bytes();
        int shared = Math.min(there.length, memory.bytes().length);
        int at = Arrays.mismatch(there, 0, shared, memory.bytes(), 0, shared);
        if (at >= 0) {
            throw new IllegalStateException("persistent memory changed at " + at + " without a write that was told");
        }
    }

    // Recovery

    /** Recover from the next states, so many at most; tells whether there are more. */
    public boolean recover(int most) {
        int end = Math.min(states.count(), endOf.size() + most);
        while (endOf.size() < end) {
            int state = endOf.size();
            endOf.add(states.isChosen(state) ? recoverFrom(state) : -1);
        }
        return endOf.size() < states.count();
    }

    /** The end that recovery from a state comes to, -1 when it came to none. */
    private int recoverFrom(int state) {
        figures.add(Figures.Kind.RECOVERIES, 1);
        states.take(state, walking);
        cutting.become(walking);
        recovery.clear();
        card.failWith(walking.bytes());
        String problem = done(() -> card.reset(protocol));
        recovery.doTo(walking);
        Selections.Start start = Selections.Start.of(walking);
        Selections.Selected known = problem.isEmpty() && states.depth(state) > 1 ? selections.known(start) : null;
        if (known != null) {
            cut(state, recovery.count(), known.writes());
            return told(state, known);
        }
        Selections.Selected selected = problem.isEmpty() ? select(state, start) : new Selections.Selected(0, -1, problem);
        cut(state, firstKnown(), 0);
        keepAsEarlier();
        return told(state, selected);
    }

    private int told(int state, Selections.Selected selected) {
        if (!selected.problem().isEmpty()) {
            problems.add(state + " " + selected.problem());
        }
        return selected.end();
    }

    private Selections.Selected select(int state, Selections.Start start) {
        byte[] random = card.randomState();
        int writes = recovery.count();
        recovery.startCall(1);
        String problem = applet.length == 0 ? "" : done(() -> commands.select(applet, select, 0));
        recovery.doTo(walking, writes);
        if (problem.isEmpty()) {
            requireSame(walking);
        }
        int end = problem.isEmpty() ? ends.add(walking, state) : -1;
        Selections.Selected selected = new Selections.Selected(recovery.count() - writes, end, problem);
        if (Arrays.equals(random, card.randomState())) {
            selections.keep(start, selected);
        }
        return selected;
    }

    /** Cut the writes that were kept, of which those from one on lead to known states; {@code more} writes follow them. */
    private void cut(int state, int known, int more) {
        int writes = recovery.count() + more;
        figures.add(Figures.Kind.RECOVERY_WRITES, writes);
        figures.add(Figures.Kind.SECOND_CUTS, states.firstCuts(state) * 2 * writes);
        cuts.ofRecovery(cutting, recovery, state, known);
    }

    /** The first write that leads to where the earlier recovery went, when both came to the same end. */
    private int firstKnown() {
        boolean isSame = Selections.Start.of(walking).equals(earlierEnd);
        return recovery.count() - (isSame ? recovery.sameAtEnd(earlier) : 0);
    }

    private void keepAsEarlier() {
        WriteLog free = earlier;
        earlier = recovery;
        recovery = free;
        earlierEnd = Selections.Start.of(walking);
    }

    /** Something that the card does. */
    private interface Work {
        void run() throws Refusal;
    }

    /** Do it and keep its writes; returns how it failed, empty when the card goes on. */
    private String done(Work work) {
        card.gate().listen(recovery);
        try {
            work.run();
            return "";
        } catch (Refusal refused) {
            return ""; // the applet is not there: whoever looks at the end judges
        } catch (CardMute | CardOff silent) {
            return "the card is mute: " + silent.getMessage();
        } catch (RuntimeException failed) {
            return "the card does not power up: " + failed;
        } finally {
            card.gate().listen(null);
            recovery.close();
        }
    }

    // What was found

    public int writes() {
        return command.count();
    }

    /** Those of Figures in their order, then states and ends. */
    public long[] figures() {
        return figures.with(states.count(), ends.count());
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
