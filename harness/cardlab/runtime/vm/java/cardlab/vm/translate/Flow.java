package cardlab.vm.translate;

import cardlab.vm.interpreter.Layout;
import cardlab.vm.link.Cap;
import cardlab.vm.link.Method;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/** Follows the types of cells along all ways through a method. What remains open makes it untranslatable. */
final class Flow {
    private final Code code;
    private final Method method;
    private final Effects effects;
    private final int[] arguments;
    private SortedMap<Integer, State> states = new TreeMap<>();
    private final ArrayDeque<Integer> open = new ArrayDeque<>();

    Flow(Code code, Effects effects) {
        this.code = code;
        this.effects = effects;
        method = code.method();
        arguments = new int[method.arguments];
        Arrays.fill(arguments, Layout.UNTOUCHED);
        while (!follow()) {
            states = new TreeMap<>();
            open.clear();
        }
    }

    /** What holds before each instruction that is reached, in their order. */
    SortedMap<Integer, State> states() {
        return states;
    }

    /** The tag of each argument that is used. */
    int[] arguments() {
        int[] tags = new int[arguments.length];
        for (int i = 0; i < tags.length; i++) {
            tags[i] = arguments[i] == Layout.UNTOUCHED ? Layout.NONE
                    : arguments[i] == Layout.LOW_HALF ? Layout.INT : arguments[i];
        }
        return tags;
    }

    /** False when it learned the type of an argument, and has to begin again. */
    private boolean follow() {
        try {
            int[] locals = Arrays.copyOf(arguments, method.arguments + method.locals);
            reach(method.start, new State(locals, new int[0]));
            while (!open.isEmpty()) {
                step(open.pop());
            }
            return true;
        } catch (State.Learned learned) {
            learn(learned.argument, learned.tag);
            return false;
        }
    }

    private void learn(int argument, int tag) {
        if (tag == Layout.INT && (argument + 1 >= arguments.length || arguments[argument + 1] != Layout.UNTOUCHED)) {
            throw new Untranslatable("argument " + argument + " is half an int");
        }
        arguments[argument] = tag;
        if (tag == Layout.INT) {
            arguments[argument + 1] = Layout.LOW_HALF;
        }
    }

    private void step(int pc) {
        State state = states.get(pc);
        for (Cap.Handler one : method.handlers()) {
            if (pc >= one.start() && pc < one.end()) {
                reach(one.target(), state.thrown());
            }
        }
        State after = state.copy();
        effects.apply(after, pc);
        code.successors(pc).forEach(next -> reach(next, after.copy()));
    }

    private void reach(int pc, State state) {
        State known = states.get(pc);
        State made = known == null ? state : known.merged(state);
        if (made != null) {
            states.put(pc, made);
            open.push(pc);
        }
    }
}
