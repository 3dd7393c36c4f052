"""The Java Card virtual machine's instructions (JCVM 3.0.5, 7.5 and chapter 8), one row each.

The effect on the stack is written `taken>left`, the top on the right: s a boolean, byte or short, i an int (two words),
r a reference, A one to an array, n null, a a return address, w a word of any type but half an int; `*` where operands
or the member named decide. Disassembler, converter and verifier read this table; the rows of the virtual machine's
Java enum are made of it (`cardlab.cap.java_table`).
"""

from __future__ import annotations

from enum import IntEnum, unique

from cardlab.cap.constants import PoolTag
from cardlab.cap.operands import Operand, Thrown
from cardlab.classfile.flow import Flow

_S1, _S2, _S4, _LOCAL, _ATYPE = Operand.S1, Operand.S2, Operand.S4, Operand.LOCAL, Operand.ATYPE
_POOL1, _POOL2, _BRANCH1, _BRANCH2 = Operand.POOL1, Operand.POOL2, Operand.BRANCH1, Operand.BRANCH2
_NIBBLES, _COUNT, _IMETHOD = Operand.NIBBLES, Operand.COUNT, Operand.IMETHOD
_TABLE, _LOOKUP = Operand.TABLE, Operand.LOOKUP

_CLASS, _FIELD, _STATIC = (PoolTag.CLASS,), (PoolTag.INSTANCE_FIELD,), (PoolTag.STATIC_FIELD,)
_SPECIAL = (PoolTag.SUPER_METHOD, PoolTag.STATIC_METHOD)

_OBJECT = (Thrown.NULL, Thrown.SECURITY)
_ELEMENT = (Thrown.NULL, Thrown.ARRAY_INDEX, Thrown.SECURITY)
_ELEMENT_STORE = (Thrown.NULL, Thrown.ARRAY_INDEX, Thrown.ARRAY_STORE, Thrown.SECURITY)
_DIVISION = (Thrown.ARITHMETIC,)
_FIREWALL = (Thrown.SECURITY,)
_CAST = (Thrown.CLASS_CAST, Thrown.SECURITY)
_NULL = (Thrown.NULL,)
_MEMORY = (Thrown.NO_RESOURCE,)
_ARRAY = (Thrown.NEGATIVE_SIZE, Thrown.NO_RESOURCE)


@unique
class Opcode(IntEnum):
    """An instruction: its number and the rest of its row. impdep1 and impdep2 may not occur in a CAP file (7.2)."""

    effect: str
    operands: tuple[Operand, ...]
    flow: Flow
    pool: tuple[PoolTag, ...]
    """Tags that its constant pool entry may have."""
    throws: tuple[Thrown, ...]
    mnemonic: str
    size: int
    """Bytes with the opcode; 0 for switches, whose size depends on their operands."""

    def __new__(
        cls,
        code: int,
        effect: str,
        operands: tuple[Operand, ...] = (),
        flow: Flow = Flow.NEXT,
        pool: tuple[PoolTag, ...] = (),
        throws: tuple[Thrown, ...] = (),
    ) -> Opcode:
        """One row."""
        row = int.__new__(cls, code)
        row._value_ = code
        row.effect, row.operands, row.flow, row.pool, row.throws = effect, operands, flow, pool, throws
        row.size = 0 if flow is Flow.SWITCH else 1 + sum(o.size for o in operands)
        return row

    def __init__(self, *_: object) -> None:
        self.mnemonic = self._name_.lower()

    @property
    def needs_int(self) -> bool:
        """Whether only a card with int has it (JCVM 3.0.5, 2.2.3.1)."""
        return "i" in self.effect or self.mnemonic.startswith("iinc")

    NOP = 0x00, ">"
    ACONST_NULL = 0x01, ">n"
    SCONST_M1 = 0x02, ">s"
    SCONST_0 = 0x03, ">s"
    SCONST_1 = 0x04, ">s"
    SCONST_2 = 0x05, ">s"
    SCONST_3 = 0x06, ">s"
    SCONST_4 = 0x07, ">s"
    SCONST_5 = 0x08, ">s"
    ICONST_M1 = 0x09, ">i"
    ICONST_0 = 0x0A, ">i"
    ICONST_1 = 0x0B, ">i"
    ICONST_2 = 0x0C, ">i"
    ICONST_3 = 0x0D, ">i"
    ICONST_4 = 0x0E, ">i"
    ICONST_5 = 0x0F, ">i"
    BSPUSH = 0x10, ">s", (_S1,)
    SSPUSH = 0x11, ">s", (_S2,)
    BIPUSH = 0x12, ">i", (_S1,)
    SIPUSH = 0x13, ">i", (_S2,)
    IIPUSH = 0x14, ">i", (_S4,)
    ALOAD = 0x15, ">r", (_LOCAL,)
    SLOAD = 0x16, ">s", (_LOCAL,)
    ILOAD = 0x17, ">i", (_LOCAL,)
    ALOAD_0 = 0x18, ">r"
    ALOAD_1 = 0x19, ">r"
    ALOAD_2 = 0x1A, ">r"
    ALOAD_3 = 0x1B, ">r"
    SLOAD_0 = 0x1C, ">s"
    SLOAD_1 = 0x1D, ">s"
    SLOAD_2 = 0x1E, ">s"
    SLOAD_3 = 0x1F, ">s"
    ILOAD_0 = 0x20, ">i"
    ILOAD_1 = 0x21, ">i"
    ILOAD_2 = 0x22, ">i"
    ILOAD_3 = 0x23, ">i"
    AALOAD = 0x24, "rs>r", (), Flow.NEXT, (), _ELEMENT
    BALOAD = 0x25, "rs>s", (), Flow.NEXT, (), _ELEMENT
    SALOAD = 0x26, "rs>s", (), Flow.NEXT, (), _ELEMENT
    IALOAD = 0x27, "rs>i", (), Flow.NEXT, (), _ELEMENT
    ASTORE = 0x28, "r>", (_LOCAL,)
    SSTORE = 0x29, "s>", (_LOCAL,)
    ISTORE = 0x2A, "i>", (_LOCAL,)
    ASTORE_0 = 0x2B, "r>"
    ASTORE_1 = 0x2C, "r>"
    ASTORE_2 = 0x2D, "r>"
    ASTORE_3 = 0x2E, "r>"
    SSTORE_0 = 0x2F, "s>"
    SSTORE_1 = 0x30, "s>"
    SSTORE_2 = 0x31, "s>"
    SSTORE_3 = 0x32, "s>"
    ISTORE_0 = 0x33, "i>"
    ISTORE_1 = 0x34, "i>"
    ISTORE_2 = 0x35, "i>"
    ISTORE_3 = 0x36, "i>"
    AASTORE = 0x37, "rsr>", (), Flow.NEXT, (), _ELEMENT_STORE
    BASTORE = 0x38, "rss>", (), Flow.NEXT, (), _ELEMENT
    SASTORE = 0x39, "rss>", (), Flow.NEXT, (), _ELEMENT
    IASTORE = 0x3A, "rsi>", (), Flow.NEXT, (), _ELEMENT
    POP = 0x3B, "w>"
    POP2 = 0x3C, "ww>"
    DUP = 0x3D, "w>ww"
    DUP2 = 0x3E, "ww>wwww"
    DUP_X = 0x3F, "*", (_NIBBLES,)
    SWAP_X = 0x40, "*", (_NIBBLES,)
    SADD = 0x41, "ss>s"
    IADD = 0x42, "ii>i"
    SSUB = 0x43, "ss>s"
    ISUB = 0x44, "ii>i"
    SMUL = 0x45, "ss>s"
    IMUL = 0x46, "ii>i"
    SDIV = 0x47, "ss>s", (), Flow.NEXT, (), _DIVISION
    IDIV = 0x48, "ii>i", (), Flow.NEXT, (), _DIVISION
    SREM = 0x49, "ss>s", (), Flow.NEXT, (), _DIVISION
    IREM = 0x4A, "ii>i", (), Flow.NEXT, (), _DIVISION
    SNEG = 0x4B, "s>s"
    INEG = 0x4C, "i>i"
    SSHL = 0x4D, "ss>s"
    ISHL = 0x4E, "ii>i"
    SSHR = 0x4F, "ss>s"
    ISHR = 0x50, "ii>i"
    SUSHR = 0x51, "ss>s"
    IUSHR = 0x52, "ii>i"
    SAND = 0x53, "ss>s"
    IAND = 0x54, "ii>i"
    SOR = 0x55, "ss>s"
    IOR = 0x56, "ii>i"
    SXOR = 0x57, "ss>s"
    IXOR = 0x58, "ii>i"
    SINC = 0x59, ">", (_LOCAL, _S1)
    IINC = 0x5A, ">", (_LOCAL, _S1)
    S2B = 0x5B, "s>s"
    S2I = 0x5C, "s>i"
    I2B = 0x5D, "i>s"
    I2S = 0x5E, "i>s"
    ICMP = 0x5F, "ii>s"
    IFEQ = 0x60, "s>", (_BRANCH1,), Flow.BRANCH
    IFNE = 0x61, "s>", (_BRANCH1,), Flow.BRANCH
    IFLT = 0x62, "s>", (_BRANCH1,), Flow.BRANCH
    IFGE = 0x63, "s>", (_BRANCH1,), Flow.BRANCH
    IFGT = 0x64, "s>", (_BRANCH1,), Flow.BRANCH
    IFLE = 0x65, "s>", (_BRANCH1,), Flow.BRANCH
    IFNULL = 0x66, "r>", (_BRANCH1,), Flow.BRANCH
    IFNONNULL = 0x67, "r>", (_BRANCH1,), Flow.BRANCH
    IF_ACMPEQ = 0x68, "rr>", (_BRANCH1,), Flow.BRANCH
    IF_ACMPNE = 0x69, "rr>", (_BRANCH1,), Flow.BRANCH
    IF_SCMPEQ = 0x6A, "ss>", (_BRANCH1,), Flow.BRANCH
    IF_SCMPNE = 0x6B, "ss>", (_BRANCH1,), Flow.BRANCH
    IF_SCMPLT = 0x6C, "ss>", (_BRANCH1,), Flow.BRANCH
    IF_SCMPGE = 0x6D, "ss>", (_BRANCH1,), Flow.BRANCH
    IF_SCMPGT = 0x6E, "ss>", (_BRANCH1,), Flow.BRANCH
    IF_SCMPLE = 0x6F, "ss>", (_BRANCH1,), Flow.BRANCH
    GOTO = 0x70, ">", (_BRANCH1,), Flow.JUMP
    JSR = 0x71, ">a", (_BRANCH2,), Flow.SUBROUTINE
    RET = 0x72, ">", (_LOCAL,), Flow.SUBROUTINE_END
    STABLESWITCH = 0x73, "s>", (_TABLE,), Flow.SWITCH
    ITABLESWITCH = 0x74, "i>", (_TABLE,), Flow.SWITCH
    SLOOKUPSWITCH = 0x75, "s>", (_LOOKUP,), Flow.SWITCH
    ILOOKUPSWITCH = 0x76, "i>", (_LOOKUP,), Flow.SWITCH
    ARETURN = 0x77, "r>", (), Flow.RETURN
    SRETURN = 0x78, "s>", (), Flow.RETURN
    IRETURN = 0x79, "i>", (), Flow.RETURN
    RETURN = 0x7A, ">", (), Flow.RETURN
    GETSTATIC_A = 0x7B, ">r", (_POOL2,), Flow.NEXT, _STATIC
    GETSTATIC_B = 0x7C, ">s", (_POOL2,), Flow.NEXT, _STATIC
    GETSTATIC_S = 0x7D, ">s", (_POOL2,), Flow.NEXT, _STATIC
    GETSTATIC_I = 0x7E, ">i", (_POOL2,), Flow.NEXT, _STATIC
    PUTSTATIC_A = 0x7F, "r>", (_POOL2,), Flow.NEXT, _STATIC, _FIREWALL
    PUTSTATIC_B = 0x80, "s>", (_POOL2,), Flow.NEXT, _STATIC
    PUTSTATIC_S = 0x81, "s>", (_POOL2,), Flow.NEXT, _STATIC
    PUTSTATIC_I = 0x82, "i>", (_POOL2,), Flow.NEXT, _STATIC
    GETFIELD_A = 0x83, "r>r", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_B = 0x84, "r>s", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_S = 0x85, "r>s", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_I = 0x86, "r>i", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_A = 0x87, "rr>", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_B = 0x88, "rs>", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_S = 0x89, "rs>", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_I = 0x8A, "ri>", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    INVOKEVIRTUAL = 0x8B, "*", (_POOL2,), Flow.CALL, (PoolTag.VIRTUAL_METHOD,), _OBJECT
    INVOKESPECIAL = 0x8C, "*", (_POOL2,), Flow.CALL, _SPECIAL, _NULL
    INVOKESTATIC = 0x8D, "*", (_POOL2,), Flow.CALL, (PoolTag.STATIC_METHOD,)
    INVOKEINTERFACE = 0x8E, "*", (_COUNT, _POOL2, _IMETHOD), Flow.CALL, _CLASS, _OBJECT
    NEW = 0x8F, ">r", (_POOL2,), Flow.NEXT, _CLASS, _MEMORY
    NEWARRAY = 0x90, "s>r", (_ATYPE,), Flow.NEXT, (), _ARRAY
    ANEWARRAY = 0x91, "s>r", (_POOL2,), Flow.NEXT, _CLASS, _ARRAY
    ARRAYLENGTH = 0x92, "A>s", (), Flow.NEXT, (), _OBJECT
    ATHROW = 0x93, "r>", (), Flow.THROW, (), _OBJECT
    CHECKCAST = 0x94, "r>r", (_ATYPE, _POOL2), Flow.NEXT, _CLASS, _CAST
    INSTANCEOF = 0x95, "r>s", (_ATYPE, _POOL2), Flow.NEXT, _CLASS, _FIREWALL
    SINC_W = 0x96, ">", (_LOCAL, _S2)
    IINC_W = 0x97, ">", (_LOCAL, _S2)
    IFEQ_W = 0x98, "s>", (_BRANCH2,), Flow.BRANCH
    IFNE_W = 0x99, "s>", (_BRANCH2,), Flow.BRANCH
    IFLT_W = 0x9A, "s>", (_BRANCH2,), Flow.BRANCH
    IFGE_W = 0x9B, "s>", (_BRANCH2,), Flow.BRANCH
    IFGT_W = 0x9C, "s>", (_BRANCH2,), Flow.BRANCH
    IFLE_W = 0x9D, "s>", (_BRANCH2,), Flow.BRANCH
    IFNULL_W = 0x9E, "r>", (_BRANCH2,), Flow.BRANCH
    IFNONNULL_W = 0x9F, "r>", (_BRANCH2,), Flow.BRANCH
    IF_ACMPEQ_W = 0xA0, "rr>", (_BRANCH2,), Flow.BRANCH
    IF_ACMPNE_W = 0xA1, "rr>", (_BRANCH2,), Flow.BRANCH
    IF_SCMPEQ_W = 0xA2, "ss>", (_BRANCH2,), Flow.BRANCH
    IF_SCMPNE_W = 0xA3, "ss>", (_BRANCH2,), Flow.BRANCH
    IF_SCMPLT_W = 0xA4, "ss>", (_BRANCH2,), Flow.BRANCH
    IF_SCMPGE_W = 0xA5, "ss>", (_BRANCH2,), Flow.BRANCH
    IF_SCMPGT_W = 0xA6, "ss>", (_BRANCH2,), Flow.BRANCH
    IF_SCMPLE_W = 0xA7, "ss>", (_BRANCH2,), Flow.BRANCH
    GOTO_W = 0xA8, ">", (_BRANCH2,), Flow.JUMP
    GETFIELD_A_W = 0xA9, "r>r", (_POOL2,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_B_W = 0xAA, "r>s", (_POOL2,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_S_W = 0xAB, "r>s", (_POOL2,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_I_W = 0xAC, "r>i", (_POOL2,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_A_THIS = 0xAD, ">r", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_B_THIS = 0xAE, ">s", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_S_THIS = 0xAF, ">s", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    GETFIELD_I_THIS = 0xB0, ">i", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_A_W = 0xB1, "rr>", (_POOL2,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_B_W = 0xB2, "rs>", (_POOL2,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_S_W = 0xB3, "rs>", (_POOL2,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_I_W = 0xB4, "ri>", (_POOL2,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_A_THIS = 0xB5, "r>", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_B_THIS = 0xB6, "s>", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_S_THIS = 0xB7, "s>", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
    PUTFIELD_I_THIS = 0xB8, "i>", (_POOL1,), Flow.NEXT, _FIELD, _OBJECT
