package cardlab.vm.translate;

import org.objectweb.asm.Opcodes;

/** Constants, arithmetic and logic. A short is an int with its sign, so results are cut to 16 bits where they can be longer. */
final class Numbers {
    private final Body body;

    Numbers(Body body) {
        this.body = body;
    }

    /** Push a short, an int or a reference that is known: sconst, iconst, bspush, …, aconst_null. */
    void push(int depth, int value) {
        body.number(value);
        body.setOperand(depth);
    }

    /** sadd to sxor: two shorts. */
    void binaryShort(int depth, int opcode) {
        body.operand(depth - 2);
        body.operand(depth - 1);
        body.op(opcode);
        body.op(Opcodes.I2S);
        body.setOperand(depth - 2);
    }

    /** iadd to ixor: two ints. */
    void binaryInt(int depth, int opcode) {
        body.operand(depth - 4);
        body.operand(depth - 2);
        body.op(opcode);
        body.setOperand(depth - 4);
    }

    /** sdiv, srem: zero is ArithmeticException. */
    void divideShort(int depth, int opcode, int pc) {
        divide(depth - 2, depth - 1, opcode, pc);
        body.op(Opcodes.I2S);
        body.setOperand(depth - 2);
    }

    /** idiv, irem. */
    void divideInt(int depth, int opcode, int pc) {
        divide(depth - 4, depth - 2, opcode, pc);
        body.setOperand(depth - 4);
    }

    private void divide(int left, int right, int opcode, int pc) {
        body.at(pc);
        body.operand(left);
        body.objects();
        body.operand(right);
        body.objects("divisor", "(I)I");
        body.op(opcode);
    }

    /** sneg, s2b. */
    void unaryShort(int depth, int opcode) {
        body.operand(depth - 1);
        body.op(opcode);
        body.op(Opcodes.I2S);
        body.setOperand(depth - 1);
    }

    void ineg(int depth) {
        body.operand(depth - 2);
        body.op(Opcodes.INEG);
        body.setOperand(depth - 2);
    }

    void s2i(int depth) {
        body.operand(depth - 1);
        body.setOperand(depth - 1);
    }

    /** i2b, i2s. */
    void narrow(int depth, int opcode) {
        body.operand(depth - 2);
        body.op(opcode);
        body.setOperand(depth - 2);
    }

    void icmp(int depth) {
        body.operand(depth - 4);
        body.operand(depth - 2);
        body.mv.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Integer", "compare", "(II)I", false);
        body.setOperand(depth - 4);
    }

    /** sinc, sinc_w. */
    void sinc(int index, int value) {
        body.local(index);
        body.number(value);
        body.op(Opcodes.IADD);
        body.op(Opcodes.I2S);
        body.setLocal(index);
    }

    /** iinc, iinc_w. */
    void iinc(int index, int value) {
        body.local(index);
        body.number(value);
        body.op(Opcodes.IADD);
        body.setLocal(index);
    }

    /** aload, sload, iload. */
    void load(int depth, int index) {
        body.local(index);
        body.setOperand(depth);
    }

    /** astore, sstore, istore; {@code cells} that the value takes. */
    void store(int depth, int index, int cells) {
        body.operand(depth - cells);
        body.setLocal(index);
    }

    /** dup, dup2, dup_x, swap_x: all values are read before one is written. */
    void rearrange(int bottom, int[] places) {
        for (int place : places) {
            body.operand(place);
        }
        for (int i = places.length - 1; i >= 0; i--) {
            body.setOperand(bottom + i);
        }
    }
}
