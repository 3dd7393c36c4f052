package cardlab.vm.tears;

import cardlab.vm.memory.TornCell;
import java.util.ArrayList;
import java.util.List;

/** The distinct states that cuts left, by number: what led to each, and what it has otherwise than memory before the command. */
final class States {
    private record State(
            int parent, int call, int number, TornCell torn, int depth, boolean isChosen, Delta delta, long high, long low) {}

    private final Memory base;
    private final StateSet seen = new StateSet();
    private final List<State> states = new ArrayList<>();
    private final List<Long> firstCuts = new ArrayList<>();

    States(Memory base) {
        this.base = base;
    }

    int count() {
        return states.size();
    }

    /** The number of the state that memory is in; it is a new one when count() has grown. */
    int add(Memory memory, int parent, WriteLog log, int write, TornCell torn, int depth, boolean isChosen) {
        int before = seen.count();
        int number = seen.add(memory.high(), memory.low());
        if (seen.count() > before) {
            Delta delta = Delta.between(base.bytes(), memory.bytes());
            states.add(new State(parent, log.call(write), log.number(write), torn, depth, isChosen, delta,
                    memory.high(), memory.low()));
            firstCuts.add(0L);
        }
        return number;
    }

    void countFirstCut(int state) {
        firstCuts.set(state, firstCuts.get(state) + 1);
    }

    /** How many first cuts left the state. */
    long firstCuts(int state) {
        return firstCuts.get(state);
    }

    /** Cuts that led to it. */
    int depth(int state) {
        return states.get(state).depth;
    }

    boolean isChosen(int state) {
        return states.get(state).isChosen;
    }

    /** Have a memory be in the state. */
    void take(int state, Memory memory) {
        State one = states.get(state);
        memory.become(base, one.delta, one.high, one.low);
    }

    byte[] memory(int state) {
        Memory memory = new Memory(0);
        take(state, memory);
        return memory.bytes();
    }

    /** The cuts that led to a state: call, number of the write in it, and torn cell, of each. */
    int[] path(int state) {
        List<Integer> path = new ArrayList<>();
        for (int at = state; at >= 0; at = states.get(at).parent) {
            State one = states.get(at);
            path.addAll(0, List.of(one.call, one.number, one.torn.ordinal()));
        }
        return path.stream().mapToInt(Integer::intValue).toArray();
    }
}
