package cardlab.vm.translate;

import static cardlab.vm.interpreter.Layout.INT;
import static cardlab.vm.interpreter.Layout.LOW_HALF;
import static cardlab.vm.interpreter.Layout.NONE;
import static cardlab.vm.interpreter.Layout.REFERENCE;
import static cardlab.vm.interpreter.Layout.SHORT;
import static cardlab.vm.interpreter.Layout.UNTOUCHED;

import java.util.Arrays;

/** What the cells of a frame hold before an instruction, in the tags of a layout. */
final class State {
    /** An argument has to have this type, which nothing said so far. */
    static final class Learned extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final int argument;
        final int tag;

        Learned(int argument, int tag) {
            super(null, null, false, false);
            this.argument = argument;
            this.tag = tag;
        }
    }

    private final int[] locals;
    private int[] operands;

    State(int[] locals, int[] operands) {
        this.locals = locals;
        this.operands = operands;
    }

    State copy() {
        return new State(locals.clone(), operands.clone());
    }

    int[] locals() {
        return locals;
    }

    int[] operands() {
        return operands;
    }

    int depth() {
        return operands.length;
    }

    /** The same local variables with one reference as operand: at a handler. */
    State thrown() {
        return new State(locals.clone(), new int[] {REFERENCE});
    }

    // Operands; types are letters as in the table of instructions

    void push(char type) {
        int top = operands.length;
        operands = Arrays.copyOf(operands, top + (type == 'i' ? 2 : 1));
        operands[top] = tag(type);
        if (type == 'i') {
            operands[top + 1] = LOW_HALF;
        }
    }

    void pop(char type) {
        int cells = type == 'i' ? 2 : 1;
        int at = operands.length - cells;
        if (at < 0 || operands[at] != tag(type) || type == 'i' && operands[at + 1] != LOW_HALF) {
            throw new Untranslatable("an operand is no " + type);
        }
        operands = Arrays.copyOf(operands, at);
    }

    /** Take away that many cells, whole values only. */
    void drop(int cells) {
        int at = operands.length - cells;
        if (at < 0 || cells > 0 && operands[at] == LOW_HALF) {
            throw new Untranslatable("half an int is dropped");
        }
        operands = Arrays.copyOf(operands, at);
    }

    /** Replace the top by the cells that were at these places; ints stay whole. */
    void rearrange(int bottom, int[] places) {
        int[] made = Arrays.copyOf(operands, bottom + places.length);
        for (int i = 0; i < places.length; i++) {
            made[bottom + i] = operands[places[i]];
            boolean isHigh = operands[places[i]] == INT;
            boolean isLow = operands[places[i]] == LOW_HALF;
            if (isHigh && (i + 1 == places.length || places[i + 1] != places[i] + 1)
                    || isLow && (i == 0 || places[i - 1] != places[i] - 1)) {
                throw new Untranslatable("an int is taken apart");
            }
        }
        operands = made;
    }

    static int tag(char type) {
        return switch (type) {
            case 's' -> SHORT;
            case 'i' -> INT;
            case 'r' -> REFERENCE;
            default -> throw new Untranslatable("return addresses are not followed");
        };
    }

    // Local variables

    /** The local variable is read as this type. */
    void load(int index, char type) {
        if (locals[index] == UNTOUCHED) {
            throw new Learned(index, tag(type));
        }
        if (locals[index] != tag(type) || type == 'i' && locals[index + 1] != LOW_HALF) {
            throw new Untranslatable("local variable " + index + " is no " + type);
        }
    }

    void store(int index, char type) {
        split(index);
        locals[index] = tag(type);
        if (type == 'i') {
            split(index + 1);
            locals[index] = INT;
            locals[index + 1] = LOW_HALF;
        }
    }

    /** The other half of an int in this cell is of no use any more. */
    private void split(int index) {
        if (locals[index] == LOW_HALF) {
            locals[index - 1] = NONE;
        }
        if (locals[index] == INT && index + 1 < locals.length) {
            locals[index + 1] = NONE;
        }
    }

    /** What holds on both ways to an instruction; null when this is nothing new. */
    State merged(State other) {
        if (!Arrays.equals(operands, other.operands)) {
            throw new Untranslatable("the operands differ where ways meet");
        }
        State both = copy();
        for (int i = 0; i < locals.length; i++) {
            if (locals[i] != other.locals[i]) {
                both.locals[i] = either(i, locals[i], other.locals[i]);
            }
        }
        both.dropHalves();
        return Arrays.equals(both.locals, locals) ? null : both;
    }

    private static int either(int index, int one, int other) {
        int known = one == UNTOUCHED ? other : one;
        if ((one == UNTOUCHED || other == UNTOUCHED) && (known == SHORT || known == INT || known == REFERENCE)) {
            throw new Learned(index, known);
        }
        return NONE;
    }

    private void dropHalves() {
        for (int i = 0; i < locals.length; i++) {
            boolean isWhole = i + 1 < locals.length && locals[i + 1] == LOW_HALF;
            if (locals[i] == INT && !isWhole || locals[i] == LOW_HALF && (i == 0 || locals[i - 1] != INT)) {
                locals[i] = NONE;
            }
        }
    }
}
