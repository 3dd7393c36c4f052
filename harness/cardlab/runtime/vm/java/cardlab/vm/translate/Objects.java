package cardlab.vm.translate;

import cardlab.vm.interpreter.Access;
import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Opcode;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Fields, arrays, objects: calls of the methods of {@link Access} that have the instruction's name, with what the constant
 * pool says first and then the operands.
 */
final class Objects {
    private final Body body;
    private final Code code;

    Objects(Body body, Code code) {
        this.body = body;
        this.code = code;
    }

    /** getfield, putfield in all their forms. */
    void field(int depth, int pc, Opcode opcode) {
        boolean isThis = opcode.name().endsWith("_THIS");
        body.at(pc);
        body.objects();
        body.constant(code.field(pc), LoadedPackage.InstanceField.class);
        if (isThis) {
            body.local(0);
        }
        String name = opcode.mnemonic().replace("_this", "").replace("_w", "");
        invoke(name, (isThis ? "r" : "") + Type.getDescriptor(LoadedPackage.InstanceField.class), opcode.effect(), depth);
    }

    /** getstatic, putstatic. */
    void staticField(int depth, int pc, Opcode opcode) {
        body.at(pc);
        body.objects();
        body.constant(code.entry(code.u2(pc + 1)), LoadedPackage.StaticField.class);
        invoke(opcode.mnemonic(), Type.getDescriptor(LoadedPackage.StaticField.class), opcode.effect(), depth);
    }

    /** Array loads and stores, arraylength. */
    void plain(int depth, int pc, Opcode opcode) {
        body.at(pc);
        body.objects();
        invoke(opcode.mnemonic(), "", opcode.effect(), depth);
    }

    /** new, anewarray. */
    void ofClass(int depth, int pc, Opcode opcode) {
        body.placed(pc);
        body.objects();
        body.constant(code.entry(code.u2(pc + 1)), CardClass.class);
        String name = opcode == Opcode.NEW ? "newObject" : opcode.mnemonic();
        invoke(name, Type.getDescriptor(CardClass.class), opcode.effect(), depth);
    }

    void newarray(int depth, int pc) {
        body.placed(pc);
        body.objects();
        body.number(code.u1(pc + 1));
        invoke("newarray", "I", Opcode.NEWARRAY.effect(), depth);
    }

    /** checkcast leaves its operand, instanceof takes it. */
    void type(int depth, int pc, Opcode opcode) {
        int type = code.u1(pc + 1);
        body.at(pc);
        body.objects();
        body.number(type);
        if (Access.namesClass(type)) {
            body.constant(code.entry(code.u2(pc + 2)), CardClass.class);
        } else {
            body.op(Opcodes.ACONST_NULL);
        }
        boolean isCast = opcode == Opcode.CHECKCAST;
        String extra = "I" + Type.getDescriptor(CardClass.class);
        invoke(isCast ? "checkcast" : "instanceOf", extra, isCast ? "r>" : "r>s", depth);
    }

    /** Push the operands that the effect takes, call, and put the result where they were. */
    private void invoke(String name, String extra, String effect, int depth) {
        int middle = effect.indexOf('>');
        String taken = effect.substring(0, middle);
        int bottom = depth;
        for (char type : taken.toCharArray()) {
            bottom -= type == 'i' ? 2 : 1;
        }
        int at = bottom;
        for (char type : taken.toCharArray()) {
            body.operand(at);
            at += type == 'i' ? 2 : 1;
        }
        boolean hasResult = middle + 1 < effect.length();
        String own = extra.startsWith("r") ? extra.substring(1) + "I" : extra;
        body.objects(name, "(" + own + "I".repeat(taken.length()) + ")" + (hasResult ? "I" : "V"));
        if (hasResult) {
            body.setOperand(bottom);
        }
    }
}
