package cardlab.vm.translate;

import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.link.Opcode;

/** What each instruction does to the types of cells (JCVM 3.0.5, 7.5). */
final class Effects {
    private final Code code;

    Effects(Code code) {
        this.code = code;
    }

    /** Change the state as the instruction at {@code pc} does. */
    void apply(State state, int pc) {
        Opcode opcode = code.opcode(pc);
        switch (opcode) {
            case ALOAD, ALOAD_0, ALOAD_1, ALOAD_2, ALOAD_3 -> load(state, pc, 'r');
            case SLOAD, SLOAD_0, SLOAD_1, SLOAD_2, SLOAD_3 -> load(state, pc, 's');
            case ILOAD, ILOAD_0, ILOAD_1, ILOAD_2, ILOAD_3 -> load(state, pc, 'i');
            case ASTORE, ASTORE_0, ASTORE_1, ASTORE_2, ASTORE_3 -> store(state, pc, 'r');
            case SSTORE, SSTORE_0, SSTORE_1, SSTORE_2, SSTORE_3 -> store(state, pc, 's');
            case ISTORE, ISTORE_0, ISTORE_1, ISTORE_2, ISTORE_3 -> store(state, pc, 'i');
            case SINC, SINC_W -> state.load(code.local(pc), 's');
            case IINC, IINC_W -> state.load(code.local(pc), 'i');
            case POP -> state.drop(1);
            case POP2 -> state.drop(2);
            case DUP, DUP2, DUP_X, SWAP_X -> state.rearrange(moved(state.depth(), pc), places(state.depth(), pc));
            case INVOKEVIRTUAL, INVOKESPECIAL, INVOKESTATIC, INVOKEINTERFACE -> invoke(state, pc);
            case JSR, RET -> throw new Untranslatable("subroutines are not followed");
            default -> general(state, opcode);
        }
    }

    private void load(State state, int pc, char type) {
        state.load(code.local(pc), type);
        state.push(type);
    }

    private void store(State state, int pc, char type) {
        state.pop(type);
        state.store(code.local(pc), type);
    }

    /** As the table of instructions says. */
    private static void general(State state, Opcode opcode) {
        if (opcode.name().endsWith("_THIS")) {
            state.load(0, 'r');
        }
        String effect = opcode.effect();
        int middle = effect.indexOf('>');
        for (int i = middle - 1; i >= 0; i--) {
            state.pop(effect.charAt(i));
        }
        for (int i = middle + 1; i < effect.length(); i++) {
            state.push(effect.charAt(i));
        }
    }

    // dup_x, swap_x and their short forms

    /** The first operand that such an instruction moves. */
    int moved(int depth, int pc) {
        int mn = nibbles(pc);
        int m = mn >> 4;
        int n = mn & 15;
        int cells = code.opcode(pc) == Opcode.SWAP_X ? m + n : Math.max(m, n);
        boolean isOdd = code.opcode(pc) != Opcode.SWAP_X && n != 0 && n < m;
        if (cells > depth || isOdd) {
            throw new Untranslatable("other cells are moved than are there");
        }
        return depth - cells;
    }

    /** From {@link #moved} on, the operands whose values are there afterwards. */
    int[] places(int depth, int pc) {
        int m = nibbles(pc) >> 4;
        int n = nibbles(pc) & 15;
        int bottom = moved(depth, pc);
        boolean isSwap = code.opcode(pc) == Opcode.SWAP_X;
        int[] places = new int[depth - bottom + (isSwap ? 0 : m)];
        for (int i = 0; i < places.length; i++) {
            if (isSwap) {
                places[i] = bottom + (i < m ? i + n : i - m);
            } else {
                places[i] = i < m ? depth - m + i : bottom + i - m;
            }
        }
        return places;
    }

    private int nibbles(int pc) {
        return switch (code.opcode(pc)) {
            case DUP -> 0x10;
            case DUP2 -> 0x20;
            default -> code.u1(pc + 1);
        };
    }

    // Calls

    private void invoke(State state, int pc) {
        state.drop(arguments(pc));
        char result = result(pc);
        if (result != 'v') {
            state.push(result);
        }
    }

    /** Cells that a call takes. */
    int arguments(int pc) {
        if (code.opcode(pc) == Opcode.INVOKEINTERFACE) {
            return code.u1(pc + 1);
        }
        Object called = code.entry(code.u2(pc + 1));
        return called instanceof Method method ? method.arguments : ((LoadedPackage.VirtualMethod) called).arguments();
    }

    /** What a call gives back. */
    char result(int pc) {
        LoadedPackage home = code.method().home;
        if (code.opcode(pc) == Opcode.INVOKEINTERFACE) {
            return Results.ofInterface((CardClass) code.entry(code.u2(pc + 2)), code.u1(pc + 4), home);
        }
        Object called = code.entry(code.u2(pc + 1));
        return called instanceof Method method ? Results.of(method) : Results.of((LoadedPackage.VirtualMethod) called, home);
    }
}
