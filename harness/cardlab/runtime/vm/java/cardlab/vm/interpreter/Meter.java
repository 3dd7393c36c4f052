package cardlab.vm.interpreter;

import cardlab.vm.Observer;
import cardlab.vm.link.CardClass;
import cardlab.vm.link.Coverage;
import cardlab.vm.link.Method;

/**
 * Counts instructions, enforces the budget of a command, and tells the observer. It is asked when a slice of instructions
 * is used up; with an observer of instructions, each slice is one instruction.
 */
public final class Meter {
    /** Instructions between looks at the host. */
    private static final int SLICE = 1 << 18;

    private final Interpreter interpreter;
    private long budget = 200_000_000L;
    private long executed;
    private int granted;
    private Observer observer;
    private long[] kinds;
    private Coverage coverage;
    private int branch = Coverage.NO_BRANCH;
    private Disturbance disturbance;
    private final Hands hands;

    Meter(Interpreter interpreter) {
        this.interpreter = interpreter;
        hands = new Hands(interpreter);
    }

    /** Disturb instructions from now on; null: none any more. */
    public void disturb(Disturbance newDisturbance) {
        disturbance = newDisturbance;
        settle();
    }

    /** Whether code may do what no code would without a fault. */
    boolean isDisturbed() {
        return disturbance != null;
    }

    /** What becomes of the exception that the instruction in progress threw. */
    Disturbance.Ending disturbed() {
        return disturbance == null ? Disturbance.Ending.THROWN : disturbance.thrown(hands, executed() - 1);
    }

    /** Instructions that one command may execute. */
    public void setBudget(long instructions) {
        budget = instructions;
    }

    public long budget() {
        return budget;
    }

    /** A command starts. */
    public void start() {
        executed = 0;
        granted = 0;
        interpreter.slice = 0;
    }

    /** Instructions executed since the command started. */
    public long executed() {
        return executed + granted - Math.max(interpreter.slice, 0);
    }

    void observe(Observer newObserver) {
        observer = newObserver;
        settle();
    }

    Observer observer() {
        return observer;
    }

    /** Count instructions by opcode in these 256 numbers from now on; null: in none any more. */
    public void keepKinds(long[] newKinds) {
        kinds = newKinds;
        settle();
    }

    /** Add to what is known of executed instructions. */
    public void cover(Coverage newCoverage) {
        coverage = newCoverage;
        settle();
    }

    /** Whether nobody wants to know of single instructions. */
    boolean isQuiet() {
        return disturbance == null && !looksAtEach();
    }

    private boolean looksAtEach() {
        return observer != null || kinds != null || coverage != null;
    }

    /** Instructions until somebody looks again; at least 1. */
    private int slice() {
        if (looksAtEach()) {
            return 1;
        }
        long most = Math.min(SLICE, budget - executed);
        return (int) (disturbance == null ? most : Math.min(most, Math.max(1, disturbance.next() - executed)));
    }

    /**
     * The slice has no room for {@code count} instructions that translated code is about to execute: grant another one.
     * False when somebody has to look before all of them are executed: the interpreter goes on.
     */
    boolean grant(int count) {
        boolean isLate = granted > 1;
        settle();
        if (!isQuiet() || budget - executed < count) {
            return false;
        }
        if (isLate) {
            interpreter.environment.poll();
        }
        granted = (int) Math.min(SLICE, budget - executed);
        interpreter.slice = granted - count;
        return true;
    }

    private void settle() {
        interpreter.translations().settle();
        executed = executed();
        granted = 0;
        interpreter.slice = 0;
    }

    /** A slice is used up and another instruction is about to be executed. */
    void tick(int opcode) {
        executed += granted;
        if (executed >= budget) {
            throw interpreter.mute(CardMute.Cause.BUDGET, "the command executed " + executed + " instructions");
        }
        if (looksAtEach() ? (executed & SLICE - 1) == SLICE - 1 : granted > 1) {
            interpreter.environment.poll();
        }
        granted = 0;
        if (disturbance != null && disturbance.next() <= executed) {
            disturbance.act(hands, executed);
        }
        granted = slice();
        interpreter.slice = granted - 1;
        if (kinds != null) {
            kinds[opcode]++;
        }
        if (coverage != null) {
            branch = coverage.executed(interpreter.method(), interpreter.at(), opcode, branch);
        }
        if (observer != null) {
            Method running = interpreter.method();
            observer.instruction(running.home.number, running.offset, interpreter.at(), opcode);
        }
    }

    void entered(Method called) {
        if (observer != null) {
            observer.call(called.isNative() ? -1 : called.home.number, called.offset, called.name);
        }
    }

    void thrown(CardClass type, int reference) {
        if (observer != null) {
            int reason = type.instanceSize() == 0 ? 0 : interpreter.heap.get2(reference, 0);
            observer.exception(type.name, reason);
        }
    }
}
