package cardlab.vm.translate;

import cardlab.vm.link.Opcode;
import java.util.function.IntFunction;
import org.objectweb.asm.Label;
import org.objectweb.asm.Opcodes;

/** The translation of each instruction (JCVM 3.0.5, 7.5). */
final class Instructions {
    private final Code code;
    private final Effects effects;
    private final Numbers numbers;
    private final Objects objects;
    private final Jumps jumps;
    private final Calls calls;

    Instructions(Body body, Code code, Effects effects, Points points, IntFunction<Label> labels) {
        this.code = code;
        this.effects = effects;
        numbers = new Numbers(body);
        objects = new Objects(body, code);
        jumps = new Jumps(body, code, labels);
        calls = new Calls(body, code, effects, points);
    }

    /** Write the instruction at {@code pc}; {@code state} is what holds before it. */
    void translate(State state, int pc) {
        Opcode opcode = code.opcode(pc);
        int d = state.depth();
        switch (opcode) {
            case NOP, POP, POP2 -> { }
            case ACONST_NULL, SCONST_0, ICONST_0 -> numbers.push(d, 0);
            case SCONST_M1, ICONST_M1 -> numbers.push(d, -1);
            case SCONST_1, ICONST_1 -> numbers.push(d, 1);
            case SCONST_2, ICONST_2 -> numbers.push(d, 2);
            case SCONST_3, ICONST_3 -> numbers.push(d, 3);
            case SCONST_4, ICONST_4 -> numbers.push(d, 4);
            case SCONST_5, ICONST_5 -> numbers.push(d, 5);
            case BSPUSH, BIPUSH -> numbers.push(d, code.s1(pc + 1));
            case SSPUSH, SIPUSH -> numbers.push(d, code.s2(pc + 1));
            case IIPUSH -> numbers.push(d, code.s4(pc + 1));
            case ALOAD, ALOAD_0, ALOAD_1, ALOAD_2, ALOAD_3, SLOAD, SLOAD_0, SLOAD_1, SLOAD_2, SLOAD_3, ILOAD, ILOAD_0,
                    ILOAD_1, ILOAD_2, ILOAD_3 -> numbers.load(d, code.local(pc));
            case ASTORE, ASTORE_0, ASTORE_1, ASTORE_2, ASTORE_3, SSTORE, SSTORE_0, SSTORE_1, SSTORE_2, SSTORE_3 ->
                    numbers.store(d, code.local(pc), 1);
            case ISTORE, ISTORE_0, ISTORE_1, ISTORE_2, ISTORE_3 -> numbers.store(d, code.local(pc), 2);
            case DUP, DUP2, DUP_X, SWAP_X -> numbers.rearrange(effects.moved(d, pc), effects.places(d, pc));
            case SADD -> numbers.binaryShort(d, Opcodes.IADD);
            case SSUB -> numbers.binaryShort(d, Opcodes.ISUB);
            case SMUL -> numbers.binaryShort(d, Opcodes.IMUL);
            case SSHL -> numbers.binaryShort(d, Opcodes.ISHL);
            case SSHR -> numbers.binaryShort(d, Opcodes.ISHR);
            case SUSHR -> numbers.binaryShort(d, Opcodes.IUSHR);
            case SAND -> numbers.binaryShort(d, Opcodes.IAND);
            case SOR -> numbers.binaryShort(d, Opcodes.IOR);
            case SXOR -> numbers.binaryShort(d, Opcodes.IXOR);
            case SDIV -> numbers.divideShort(d, Opcodes.IDIV, pc);
            case SREM -> numbers.divideShort(d, Opcodes.IREM, pc);
            case SNEG -> numbers.unaryShort(d, Opcodes.INEG);
            case S2B -> numbers.unaryShort(d, Opcodes.I2B);
            case S2I -> numbers.s2i(d);
            case I2B -> numbers.narrow(d, Opcodes.I2B);
            case I2S -> numbers.narrow(d, Opcodes.I2S);
            case IADD -> numbers.binaryInt(d, Opcodes.IADD);
            case ISUB -> numbers.binaryInt(d, Opcodes.ISUB);
            case IMUL -> numbers.binaryInt(d, Opcodes.IMUL);
            case ISHL -> numbers.binaryInt(d, Opcodes.ISHL);
            case ISHR -> numbers.binaryInt(d, Opcodes.ISHR);
            case IUSHR -> numbers.binaryInt(d, Opcodes.IUSHR);
            case IAND -> numbers.binaryInt(d, Opcodes.IAND);
            case IOR -> numbers.binaryInt(d, Opcodes.IOR);
            case IXOR -> numbers.binaryInt(d, Opcodes.IXOR);
            case IDIV -> numbers.divideInt(d, Opcodes.IDIV, pc);
            case IREM -> numbers.divideInt(d, Opcodes.IREM, pc);
            case INEG -> numbers.ineg(d);
            case ICMP -> numbers.icmp(d);
            case SINC -> numbers.sinc(code.u1(pc + 1), code.s1(pc + 2));
            case SINC_W -> numbers.sinc(code.u1(pc + 1), code.s2(pc + 2));
            case IINC -> numbers.iinc(code.u1(pc + 1), code.s1(pc + 2));
            case IINC_W -> numbers.iinc(code.u1(pc + 1), code.s2(pc + 2));
            case IFEQ, IFEQ_W, IFNULL, IFNULL_W -> jumps.ifZero(d, pc, Opcodes.IFEQ);
            case IFNE, IFNE_W, IFNONNULL, IFNONNULL_W -> jumps.ifZero(d, pc, Opcodes.IFNE);
            case IFLT, IFLT_W -> jumps.ifZero(d, pc, Opcodes.IFLT);
            case IFGE, IFGE_W -> jumps.ifZero(d, pc, Opcodes.IFGE);
            case IFGT, IFGT_W -> jumps.ifZero(d, pc, Opcodes.IFGT);
            case IFLE, IFLE_W -> jumps.ifZero(d, pc, Opcodes.IFLE);
            case IF_ACMPEQ, IF_ACMPEQ_W, IF_SCMPEQ, IF_SCMPEQ_W -> jumps.ifCompare(d, pc, Opcodes.IF_ICMPEQ);
            case IF_ACMPNE, IF_ACMPNE_W, IF_SCMPNE, IF_SCMPNE_W -> jumps.ifCompare(d, pc, Opcodes.IF_ICMPNE);
            case IF_SCMPLT, IF_SCMPLT_W -> jumps.ifCompare(d, pc, Opcodes.IF_ICMPLT);
            case IF_SCMPGE, IF_SCMPGE_W -> jumps.ifCompare(d, pc, Opcodes.IF_ICMPGE);
            case IF_SCMPGT, IF_SCMPGT_W -> jumps.ifCompare(d, pc, Opcodes.IF_ICMPGT);
            case IF_SCMPLE, IF_SCMPLE_W -> jumps.ifCompare(d, pc, Opcodes.IF_ICMPLE);
            case GOTO, GOTO_W -> jumps.gotoTarget(pc);
            case STABLESWITCH -> jumps.tableswitch(d, pc, false);
            case ITABLESWITCH -> jumps.tableswitch(d, pc, true);
            case SLOOKUPSWITCH -> jumps.lookupswitch(d, pc, false);
            case ILOOKUPSWITCH -> jumps.lookupswitch(d, pc, true);
            case ARETURN, SRETURN, IRETURN -> jumps.returnValue(d, opcode);
            case RETURN -> jumps.returnNothing();
            case ATHROW -> jumps.athrow(d, pc);
            case GETSTATIC_A, GETSTATIC_B, GETSTATIC_S, GETSTATIC_I, PUTSTATIC_A, PUTSTATIC_B, PUTSTATIC_S, PUTSTATIC_I ->
                    objects.staticField(d, pc, opcode);
            case GETFIELD_A, GETFIELD_B, GETFIELD_S, GETFIELD_I, GETFIELD_A_W, GETFIELD_B_W, GETFIELD_S_W, GETFIELD_I_W,
                    GETFIELD_A_THIS, GETFIELD_B_THIS, GETFIELD_S_THIS, GETFIELD_I_THIS, PUTFIELD_A, PUTFIELD_B, PUTFIELD_S,
                    PUTFIELD_I, PUTFIELD_A_W, PUTFIELD_B_W, PUTFIELD_S_W, PUTFIELD_I_W, PUTFIELD_A_THIS, PUTFIELD_B_THIS,
                    PUTFIELD_S_THIS, PUTFIELD_I_THIS -> objects.field(d, pc, opcode);
            case AALOAD, BALOAD, SALOAD, IALOAD, AASTORE, BASTORE, SASTORE, IASTORE, ARRAYLENGTH ->
                    objects.plain(d, pc, opcode);
            case NEW, ANEWARRAY -> objects.ofClass(d, pc, opcode);
            case NEWARRAY -> objects.newarray(d, pc);
            case CHECKCAST, INSTANCEOF -> objects.type(d, pc, opcode);
            case INVOKEVIRTUAL, INVOKESPECIAL, INVOKESTATIC, INVOKEINTERFACE -> calls.invoke(state, pc, opcode);
            case JSR, RET -> throw new Untranslatable("subroutines are not followed");
        }
    }
}
