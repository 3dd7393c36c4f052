package cardlab.vm.link;

import java.util.List;

/**
 * The instructions of the Java Card virtual machine (JCVM 3.0.5, 7.5); the opcode is the ordinal.
 *
 * <p>The effect on the stack is written {@code taken>left}, the top on the right: s a 16-bit value, i an int of two cells,
 * r a reference, a a return address; {@code *} when operands decide.
 */
public enum Opcode {
    NOP(">", Flow.GOES_ON, null),
    ACONST_NULL(">r", Flow.GOES_ON, null),
    SCONST_M1(">s", Flow.GOES_ON, null),
    SCONST_0(">s", Flow.GOES_ON, null),
    SCONST_1(">s", Flow.GOES_ON, null),
    SCONST_2(">s", Flow.GOES_ON, null),
    SCONST_3(">s", Flow.GOES_ON, null),
    SCONST_4(">s", Flow.GOES_ON, null),
    SCONST_5(">s", Flow.GOES_ON, null),
    ICONST_M1(">i", Flow.GOES_ON, null),
    ICONST_0(">i", Flow.GOES_ON, null),
    ICONST_1(">i", Flow.GOES_ON, null),
    ICONST_2(">i", Flow.GOES_ON, null),
    ICONST_3(">i", Flow.GOES_ON, null),
    ICONST_4(">i", Flow.GOES_ON, null),
    ICONST_5(">i", Flow.GOES_ON, null),
    BSPUSH(">s", Flow.GOES_ON, null, Operand.S1),
    SSPUSH(">s", Flow.GOES_ON, null, Operand.S2),
    BIPUSH(">i", Flow.GOES_ON, null, Operand.S1),
    SIPUSH(">i", Flow.GOES_ON, null, Operand.S2),
    IIPUSH(">i", Flow.GOES_ON, null, Operand.S4),
    ALOAD(">r", Flow.GOES_ON, null, Operand.LOCAL),
    SLOAD(">s", Flow.GOES_ON, null, Operand.LOCAL),
    ILOAD(">i", Flow.GOES_ON, null, Operand.LOCAL),
    ALOAD_0(">r", Flow.GOES_ON, null),
    ALOAD_1(">r", Flow.GOES_ON, null),
    ALOAD_2(">r", Flow.GOES_ON, null),
    ALOAD_3(">r", Flow.GOES_ON, null),
    SLOAD_0(">s", Flow.GOES_ON, null),
    SLOAD_1(">s", Flow.GOES_ON, null),
    SLOAD_2(">s", Flow.GOES_ON, null),
    SLOAD_3(">s", Flow.GOES_ON, null),
    ILOAD_0(">i", Flow.GOES_ON, null),
    ILOAD_1(">i", Flow.GOES_ON, null),
    ILOAD_2(">i", Flow.GOES_ON, null),
    ILOAD_3(">i", Flow.GOES_ON, null),
    AALOAD("rs>r", Flow.GOES_ON, null),
    BALOAD("rs>s", Flow.GOES_ON, null),
    SALOAD("rs>s", Flow.GOES_ON, null),
    IALOAD("rs>i", Flow.GOES_ON, null),
    ASTORE("r>", Flow.GOES_ON, null, Operand.LOCAL),
    SSTORE("s>", Flow.GOES_ON, null, Operand.LOCAL),
    ISTORE("i>", Flow.GOES_ON, null, Operand.LOCAL),
    ASTORE_0("r>", Flow.GOES_ON, null),
    ASTORE_1("r>", Flow.GOES_ON, null),
    ASTORE_2("r>", Flow.GOES_ON, null),
    ASTORE_3("r>", Flow.GOES_ON, null),
    SSTORE_0("s>", Flow.GOES_ON, null),
    SSTORE_1("s>", Flow.GOES_ON, null),
    SSTORE_2("s>", Flow.GOES_ON, null),
    SSTORE_3("s>", Flow.GOES_ON, null),
    ISTORE_0("i>", Flow.GOES_ON, null),
    ISTORE_1("i>", Flow.GOES_ON, null),
    ISTORE_2("i>", Flow.GOES_ON, null),
    ISTORE_3("i>", Flow.GOES_ON, null),
    AASTORE("rsr>", Flow.GOES_ON, null),
    BASTORE("rss>", Flow.GOES_ON, null),
    SASTORE("rss>", Flow.GOES_ON, null),
    IASTORE("rsi>", Flow.GOES_ON, null),
    POP("*", Flow.GOES_ON, null),
    POP2("*", Flow.GOES_ON, null),
    DUP("*", Flow.GOES_ON, null),
    DUP2("*", Flow.GOES_ON, null),
    DUP_X("*", Flow.GOES_ON, null, Operand.NIBBLES),
    SWAP_X("*", Flow.GOES_ON, null, Operand.NIBBLES),
    SADD("ss>s", Flow.GOES_ON, null),
    IADD("ii>i", Flow.GOES_ON, null),
    SSUB("ss>s", Flow.GOES_ON, null),
    ISUB("ii>i", Flow.GOES_ON, null),
    SMUL("ss>s", Flow.GOES_ON, null),
    IMUL("ii>i", Flow.GOES_ON, null),
    SDIV("ss>s", Flow.GOES_ON, null),
    IDIV("ii>i", Flow.GOES_ON, null),
    SREM("ss>s", Flow.GOES_ON, null),
    IREM("ii>i", Flow.GOES_ON, null),
    SNEG("s>s", Flow.GOES_ON, null),
    INEG("i>i", Flow.GOES_ON, null),
    SSHL("ss>s", Flow.GOES_ON, null),
    ISHL("ii>i", Flow.GOES_ON, null),
    SSHR("ss>s", Flow.GOES_ON, null),
    ISHR("ii>i", Flow.GOES_ON, null),
    SUSHR("ss>s", Flow.GOES_ON, null),
    IUSHR("ii>i", Flow.GOES_ON, null),
    SAND("ss>s", Flow.GOES_ON, null),
    IAND("ii>i", Flow.GOES_ON, null),
    SOR("ss>s", Flow.GOES_ON, null),
    IOR("ii>i", Flow.GOES_ON, null),
    SXOR("ss>s", Flow.GOES_ON, null),
    IXOR("ii>i", Flow.GOES_ON, null),
    SINC(">", Flow.GOES_ON, null, Operand.LOCAL, Operand.S1),
    IINC(">", Flow.GOES_ON, null, Operand.LOCAL, Operand.S1),
    S2B("s>s", Flow.GOES_ON, null),
    S2I("s>i", Flow.GOES_ON, null),
    I2B("i>s", Flow.GOES_ON, null),
    I2S("i>s", Flow.GOES_ON, null),
    ICMP("ii>s", Flow.GOES_ON, null),
    IFEQ("s>", Flow.BRANCHES, null, Operand.BRANCH1),
    IFNE("s>", Flow.BRANCHES, null, Operand.BRANCH1),
    IFLT("s>", Flow.BRANCHES, null, Operand.BRANCH1),
    IFGE("s>", Flow.BRANCHES, null, Operand.BRANCH1),
    IFGT("s>", Flow.BRANCHES, null, Operand.BRANCH1),
    IFLE("s>", Flow.BRANCHES, null, Operand.BRANCH1),
    IFNULL("r>", Flow.BRANCHES, null, Operand.BRANCH1),
    IFNONNULL("r>", Flow.BRANCHES, null, Operand.BRANCH1),
    IF_ACMPEQ("rr>", Flow.BRANCHES, null, Operand.BRANCH1),
    IF_ACMPNE("rr>", Flow.BRANCHES, null, Operand.BRANCH1),
    IF_SCMPEQ("ss>", Flow.BRANCHES, null, Operand.BRANCH1),
    IF_SCMPNE("ss>", Flow.BRANCHES, null, Operand.BRANCH1),
    IF_SCMPLT("ss>", Flow.BRANCHES, null, Operand.BRANCH1),
    IF_SCMPGE("ss>", Flow.BRANCHES, null, Operand.BRANCH1),
    IF_SCMPGT("ss>", Flow.BRANCHES, null, Operand.BRANCH1),
    IF_SCMPLE("ss>", Flow.BRANCHES, null, Operand.BRANCH1),
    GOTO(">", Flow.ENDS, null, Operand.BRANCH1),
    JSR(">a", Flow.BRANCHES, null, Operand.BRANCH2),
    RET(">", Flow.ENDS, null, Operand.LOCAL),
    STABLESWITCH("s>", Flow.ENDS, null, Operand.TABLE),
    ITABLESWITCH("i>", Flow.ENDS, null, Operand.TABLE),
    SLOOKUPSWITCH("s>", Flow.ENDS, null, Operand.LOOKUP),
    ILOOKUPSWITCH("i>", Flow.ENDS, null, Operand.LOOKUP),
    ARETURN("r>", Flow.ENDS, null),
    SRETURN("s>", Flow.ENDS, null),
    IRETURN("i>", Flow.ENDS, null),
    RETURN(">", Flow.ENDS, null),
    GETSTATIC_A(">r", Flow.GOES_ON, PoolTag.STATIC_FIELD, Operand.POOL2),
    GETSTATIC_B(">s", Flow.GOES_ON, PoolTag.STATIC_FIELD, Operand.POOL2),
    GETSTATIC_S(">s", Flow.GOES_ON, PoolTag.STATIC_FIELD, Operand.POOL2),
    GETSTATIC_I(">i", Flow.GOES_ON, PoolTag.STATIC_FIELD, Operand.POOL2),
    PUTSTATIC_A("r>", Flow.GOES_ON, PoolTag.STATIC_FIELD, Operand.POOL2),
    PUTSTATIC_B("s>", Flow.GOES_ON, PoolTag.STATIC_FIELD, Operand.POOL2),
    PUTSTATIC_S("s>", Flow.GOES_ON, PoolTag.STATIC_FIELD, Operand.POOL2),
    PUTSTATIC_I("i>", Flow.GOES_ON, PoolTag.STATIC_FIELD, Operand.POOL2),
    GETFIELD_A("r>r", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    GETFIELD_B("r>s", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    GETFIELD_S("r>s", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    GETFIELD_I("r>i", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    PUTFIELD_A("rr>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    PUTFIELD_B("rs>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    PUTFIELD_S("rs>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    PUTFIELD_I("ri>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    INVOKEVIRTUAL("*", Flow.GOES_ON, PoolTag.VIRTUAL_METHOD, Operand.POOL2),
    INVOKESPECIAL("*", Flow.GOES_ON, PoolTag.SPECIAL, Operand.POOL2),
    INVOKESTATIC("*", Flow.GOES_ON, PoolTag.STATIC_METHOD, Operand.POOL2),
    INVOKEINTERFACE("*", Flow.GOES_ON, PoolTag.CLASS, Operand.COUNT, Operand.POOL2, Operand.IMETHOD),
    NEW(">r", Flow.GOES_ON, PoolTag.CLASS, Operand.POOL2),
    NEWARRAY("s>r", Flow.GOES_ON, null, Operand.ATYPE),
    ANEWARRAY("s>r", Flow.GOES_ON, PoolTag.CLASS, Operand.POOL2),
    ARRAYLENGTH("r>s", Flow.GOES_ON, null),
    ATHROW("r>", Flow.ENDS, null),
    CHECKCAST("r>r", Flow.GOES_ON, PoolTag.CLASS, Operand.ATYPE, Operand.POOL2),
    INSTANCEOF("r>s", Flow.GOES_ON, PoolTag.CLASS, Operand.ATYPE, Operand.POOL2),
    SINC_W(">", Flow.GOES_ON, null, Operand.LOCAL, Operand.S2),
    IINC_W(">", Flow.GOES_ON, null, Operand.LOCAL, Operand.S2),
    IFEQ_W("s>", Flow.BRANCHES, null, Operand.BRANCH2),
    IFNE_W("s>", Flow.BRANCHES, null, Operand.BRANCH2),
    IFLT_W("s>", Flow.BRANCHES, null, Operand.BRANCH2),
    IFGE_W("s>", Flow.BRANCHES, null, Operand.BRANCH2),
    IFGT_W("s>", Flow.BRANCHES, null, Operand.BRANCH2),
    IFLE_W("s>", Flow.BRANCHES, null, Operand.BRANCH2),
    IFNULL_W("r>", Flow.BRANCHES, null, Operand.BRANCH2),
    IFNONNULL_W("r>", Flow.BRANCHES, null, Operand.BRANCH2),
    IF_ACMPEQ_W("rr>", Flow.BRANCHES, null, Operand.BRANCH2),
    IF_ACMPNE_W("rr>", Flow.BRANCHES, null, Operand.BRANCH2),
    IF_SCMPEQ_W("ss>", Flow.BRANCHES, null, Operand.BRANCH2),
    IF_SCMPNE_W("ss>", Flow.BRANCHES, null, Operand.BRANCH2),
    IF_SCMPLT_W("ss>", Flow.BRANCHES, null, Operand.BRANCH2),
    IF_SCMPGE_W("ss>", Flow.BRANCHES, null, Operand.BRANCH2),
    IF_SCMPGT_W("ss>", Flow.BRANCHES, null, Operand.BRANCH2),
    IF_SCMPLE_W("ss>", Flow.BRANCHES, null, Operand.BRANCH2),
    GOTO_W(">", Flow.ENDS, null, Operand.BRANCH2),
    GETFIELD_A_W("r>r", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL2),
    GETFIELD_B_W("r>s", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL2),
    GETFIELD_S_W("r>s", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL2),
    GETFIELD_I_W("r>i", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL2),
    GETFIELD_A_THIS(">r", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    GETFIELD_B_THIS(">s", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    GETFIELD_S_THIS(">s", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    GETFIELD_I_THIS(">i", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    PUTFIELD_A_W("rr>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL2),
    PUTFIELD_B_W("rs>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL2),
    PUTFIELD_S_W("rs>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL2),
    PUTFIELD_I_W("ri>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL2),
    PUTFIELD_A_THIS("r>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    PUTFIELD_B_THIS("s>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    PUTFIELD_S_THIS("s>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1),
    PUTFIELD_I_THIS("i>", Flow.GOES_ON, PoolTag.INSTANCE_FIELD, Operand.POOL1);

    /** Where control goes after an instruction. */
    public enum Flow { GOES_ON, BRANCHES, ENDS }

    private static final Opcode[] ALL = values();

    private final String effect;
    private final Flow flow;
    private final PoolTag tag;
    private final List<Operand> operands;
    private final int impliedLocal;

    Opcode(String effect, Flow flow, PoolTag tag, Operand... operands) {
        this.effect = effect;
        this.flow = flow;
        this.tag = tag;
        this.operands = List.of(operands);
        impliedLocal = impliedLocalOf(name());
    }

    private static int impliedLocalOf(String name) {
        if (name.matches("[ASI](LOAD|STORE)_[0-3]")) {
            return name.charAt(name.length() - 1) - '0';
        }
        return name.endsWith("_THIS") ? 0 : -1;
    }

    /** The instruction with this opcode, or null: impdep1, impdep2 and the free ones may not occur (JCVM 3.0.5, 7.1). */
    public static Opcode of(int code) {
        return code < ALL.length ? ALL[code] : null;
    }

    public String mnemonic() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    public String effect() {
        return effect;
    }

    public Flow flow() {
        return flow;
    }

    /** What its constant pool entry has to be, or null when it has none. */
    public PoolTag tag() {
        return tag;
    }

    /** The local variable of aload_0 and its like, -1 of other instructions. */
    public int impliedLocal() {
        return impliedLocal;
    }

    public List<Operand> operands() {
        return operands;
    }

    /** Whether only a card with int has it (JCVM 3.0.5, 2.2.3.1). */
    public boolean needsInt() {
        return effect.indexOf('i') >= 0 || this == IINC || this == IINC_W;
    }
}
