package cardlab.vm.translate;

import cardlab.vm.interpreter.Layout;
import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.link.Opcode;
import org.objectweb.asm.Label;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Calls: arguments go to the card's stack, and the result comes from there. */
final class Calls {
    private final Body body;
    private final Code code;
    private final Effects effects;
    private final Points points;
    /** Cells of the frame below its operands: local variables and what separates them. */
    private final int frame;

    Calls(Body body, Code code, Effects effects, Points points) {
        this.body = body;
        this.code = code;
        this.effects = effects;
        this.points = points;
        frame = code.method().arguments + code.method().locals + 1;
    }

    void invoke(State state, int pc, Opcode opcode) {
        int depth = state.depth();
        int bottom = depth - effects.arguments(pc);
        body.placed(pc);
        for (int i = bottom; i < depth; i++) {
            argument(state.operands()[i], i);
        }
        body.vm();
        called(pc, opcode);
        body.cell(frame + depth);
        body.vm(opcode.mnemonic(), descriptor(opcode));
        result(state, pc, bottom);
    }

    private void argument(int tag, int operand) {
        String name = switch (tag) {
            case Layout.SHORT -> "putShort";
            case Layout.REFERENCE -> "putReference";
            case Layout.INT -> "putInt";
            default -> null;
        };
        if (name != null) {
            body.vm();
            body.cell(frame + operand);
            body.operand(operand);
            body.vm(name, "(II)V");
        }
    }

    private void called(int pc, Opcode opcode) {
        if (opcode == Opcode.INVOKEINTERFACE) {
            body.constant(code.entry(code.u2(pc + 2)), CardClass.class);
            body.number(code.u1(pc + 4));
            body.number(code.u1(pc + 1));
        } else {
            body.constant(code.entry(code.u2(pc + 1)), opcode == Opcode.INVOKEVIRTUAL
                    ? LoadedPackage.VirtualMethod.class : Method.class);
        }
    }

    private static String descriptor(Opcode opcode) {
        return switch (opcode) {
            case INVOKEINTERFACE -> "(" + Type.getDescriptor(CardClass.class) + "III)V";
            case INVOKEVIRTUAL -> "(" + Type.getDescriptor(LoadedPackage.VirtualMethod.class) + "I)V";
            default -> "(" + Type.getDescriptor(Method.class) + "I)V";
        };
    }

    /** What came back is compared with what the code relies on. */
    private void result(State state, int pc, int bottom) {
        char type = effects.result(pc);
        int cells = type == 'v' ? 0 : type == 'i' ? 2 : 1;
        body.vm();
        body.cell(frame + bottom + cells);
        body.number(type == 'v' ? Layout.NONE : State.tag(type));
        body.variable(Body.MARK);
        body.vm("returned", "(III)Z");
        State after = state.copy();
        after.drop(state.depth() - bottom);
        Label interpret = points.add(code.after(pc), after, true);
        body.mv.visitJumpInsn(Opcodes.IFEQ, interpret);
        if (type != 'v') {
            body.vm();
            body.cell(frame + bottom);
            body.vm(type == 'i' ? "intAt" : type == 'r' ? "referenceAt" : "shortAt", "(I)I");
            body.setOperand(bottom);
        }
    }
}
