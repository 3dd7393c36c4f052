package cardlab.vm.translate;

import cardlab.vm.interpreter.Access;
import cardlab.vm.interpreter.CodeSupport;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** The host's method that is being written: where things are in its variables, and the ways to reach what it calls. */
final class Body {
    static final String SUPPORT = Type.getInternalName(CodeSupport.class);
    static final String ACCESS = Type.getInternalName(Access.class);

    // Variables: `this`, the parameters of Translation.run, and its own
    private static final int VM = 1;
    private static final int OBJECTS = 2;
    static final int BASE = 3;
    static final int LEVEL = 4;
    static final int AT = 5;
    static final int MARK = 6;
    static final int POINT = 7;
    static final int CELLS = 8;

    final MethodVisitor mv;
    private final int locals;
    private final Constants constants;

    /** {@code locals} is the number of local variables of the card's method. */
    Body(MethodVisitor mv, Constants constants, int locals) {
        this.mv = mv;
        this.constants = constants;
        this.locals = locals;
    }

    void op(int opcode) {
        mv.visitInsn(opcode);
    }

    void number(int value) {
        if (value >= -1 && value <= 5) {
            mv.visitInsn(Opcodes.ICONST_0 + value);
        } else if (value == (byte) value) {
            mv.visitIntInsn(Opcodes.BIPUSH, value);
        } else if (value == (short) value) {
            mv.visitIntInsn(Opcodes.SIPUSH, value);
        } else {
            mv.visitLdcInsn(value);
        }
    }

    void variable(int number) {
        mv.visitVarInsn(Opcodes.ILOAD, number);
    }

    void setVariable(int number) {
        mv.visitVarInsn(Opcodes.ISTORE, number);
    }

    // Cells: an int is in the variable of its first cell

    void local(int index) {
        variable(CELLS + index);
    }

    void setLocal(int index) {
        setVariable(CELLS + index);
    }

    void operand(int index) {
        variable(CELLS + locals + index);
    }

    void setOperand(int index) {
        setVariable(CELLS + locals + index);
    }

    // What is called

    void self() {
        mv.visitVarInsn(Opcodes.ALOAD, 0);
    }

    void vm() {
        mv.visitVarInsn(Opcodes.ALOAD, VM);
    }

    void vm(String method, String descriptor) {
        mv.visitMethodInsn(Opcodes.INVOKEVIRTUAL, SUPPORT, method, descriptor, false);
    }

    void objects() {
        mv.visitVarInsn(Opcodes.ALOAD, OBJECTS);
    }

    void objects(String method, String descriptor) {
        mv.visitMethodInsn(Opcodes.INVOKEVIRTUAL, ACCESS, method, descriptor, false);
    }

    /** An object of the package that is linked: the same for all cards that share it. */
    void constant(Object value, Class<?> type) {
        constants.push(mv, value, type);
    }

    /** {@code base + distance}: a cell of the card's stack. */
    void cell(int distance) {
        variable(BASE);
        number(distance);
        op(Opcodes.IADD);
    }

    /** From here on an exception is one of the instruction at this place. */
    void at(int pc) {
        number(pc);
        setVariable(AT);
    }

    /** The same, and the card's frame says so. */
    void placed(int pc) {
        at(pc);
        vm();
        number(pc);
        vm("place", "(I)V");
    }
}
