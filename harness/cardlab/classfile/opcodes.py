"""Java's bytecodes (The Java Virtual Machine Specification, chapter 6), one row each.

The effect on the stack is written `taken>left`, the top on the right: a a reference or return address, i f one word,
l d two words, w a word of any type; `*` where operands or the member named decide.
"""

from __future__ import annotations

from enum import IntEnum, unique

from cardlab.classfile.flow import Flow
from cardlab.classfile.operands import Operand

_S1, _S2, _LOCAL, _ATYPE = Operand.S1, Operand.S2, Operand.LOCAL, Operand.ATYPE
_POOL1, _POOL2, _BRANCH2, _BRANCH4 = Operand.POOL1, Operand.POOL2, Operand.BRANCH2, Operand.BRANCH4
_COUNT, _DIMENSIONS, _ZERO = Operand.COUNT, Operand.DIMENSIONS, Operand.ZERO
_TABLE, _LOOKUP, _WIDE = Operand.TABLE, Operand.LOOKUP, Operand.WIDE
_WORDS = {"l": 2, "d": 2}


@unique
class JvmOpcode(IntEnum):
    """A bytecode: its number and the rest of its row."""

    effect: str
    operands: tuple[Operand, ...]
    flow: Flow
    mnemonic: str

    def __new__(cls, code: int, effect: str, operands: tuple[Operand, ...] = (), flow: Flow = Flow.NEXT) -> JvmOpcode:
        """One row."""
        row = int.__new__(cls, code)
        row._value_ = code
        row.effect, row.operands, row.flow = effect, operands, flow
        return row

    def __init__(self, *_: object) -> None:
        self.mnemonic = self._name_.lower()

    @property
    def words(self) -> tuple[int, int]:
        """Words taken from and left on the stack; (0, 0) where operands decide."""
        taken, _, left = self.effect.partition(">")
        return (0, 0) if self.effect == "*" else (_width(taken), _width(left))

    NOP = 0, ">"
    ACONST_NULL = 1, ">a"
    ICONST_M1 = 2, ">i"
    ICONST_0 = 3, ">i"
    ICONST_1 = 4, ">i"
    ICONST_2 = 5, ">i"
    ICONST_3 = 6, ">i"
    ICONST_4 = 7, ">i"
    ICONST_5 = 8, ">i"
    LCONST_0 = 9, ">l"
    LCONST_1 = 10, ">l"
    FCONST_0 = 11, ">f"
    FCONST_1 = 12, ">f"
    FCONST_2 = 13, ">f"
    DCONST_0 = 14, ">d"
    DCONST_1 = 15, ">d"
    BIPUSH = 16, ">i", (_S1,)
    SIPUSH = 17, ">i", (_S2,)
    LDC = 18, ">w", (_POOL1,)
    LDC_W = 19, ">w", (_POOL2,)
    LDC2_W = 20, ">ww", (_POOL2,)
    ILOAD = 21, ">i", (_LOCAL,)
    LLOAD = 22, ">l", (_LOCAL,)
    FLOAD = 23, ">f", (_LOCAL,)
    DLOAD = 24, ">d", (_LOCAL,)
    ALOAD = 25, ">a", (_LOCAL,)
    ILOAD_0 = 26, ">i"
    ILOAD_1 = 27, ">i"
    ILOAD_2 = 28, ">i"
    ILOAD_3 = 29, ">i"
    LLOAD_0 = 30, ">l"
    LLOAD_1 = 31, ">l"
    LLOAD_2 = 32, ">l"
    LLOAD_3 = 33, ">l"
    FLOAD_0 = 34, ">f"
    FLOAD_1 = 35, ">f"
    FLOAD_2 = 36, ">f"
    FLOAD_3 = 37, ">f"
    DLOAD_0 = 38, ">d"
    DLOAD_1 = 39, ">d"
    DLOAD_2 = 40, ">d"
    DLOAD_3 = 41, ">d"
    ALOAD_0 = 42, ">a"
    ALOAD_1 = 43, ">a"
    ALOAD_2 = 44, ">a"
    ALOAD_3 = 45, ">a"
    IALOAD = 46, "ai>i"
    LALOAD = 47, "ai>l"
    FALOAD = 48, "ai>f"
    DALOAD = 49, "ai>d"
    AALOAD = 50, "ai>a"
    BALOAD = 51, "ai>i"
    CALOAD = 52, "ai>i"
    SALOAD = 53, "ai>i"
    ISTORE = 54, "i>", (_LOCAL,)
    LSTORE = 55, "l>", (_LOCAL,)
    FSTORE = 56, "f>", (_LOCAL,)
    DSTORE = 57, "d>", (_LOCAL,)
    ASTORE = 58, "a>", (_LOCAL,)
    ISTORE_0 = 59, "i>"
    ISTORE_1 = 60, "i>"
    ISTORE_2 = 61, "i>"
    ISTORE_3 = 62, "i>"
    LSTORE_0 = 63, "l>"
    LSTORE_1 = 64, "l>"
    LSTORE_2 = 65, "l>"
    LSTORE_3 = 66, "l>"
    FSTORE_0 = 67, "f>"
    FSTORE_1 = 68, "f>"
    FSTORE_2 = 69, "f>"
    FSTORE_3 = 70, "f>"
    DSTORE_0 = 71, "d>"
    DSTORE_1 = 72, "d>"
    DSTORE_2 = 73, "d>"
    DSTORE_3 = 74, "d>"
    ASTORE_0 = 75, "a>"
    ASTORE_1 = 76, "a>"
    ASTORE_2 = 77, "a>"
    ASTORE_3 = 78, "a>"
    IASTORE = 79, "aii>"
    LASTORE = 80, "ail>"
    FASTORE = 81, "aif>"
    DASTORE = 82, "aid>"
    AASTORE = 83, "aia>"
    BASTORE = 84, "aii>"
    CASTORE = 85, "aii>"
    SASTORE = 86, "aii>"
    POP = 87, "w>"
    POP2 = 88, "ww>"
    DUP = 89, "w>ww"
    DUP_X1 = 90, "ww>www"
    DUP_X2 = 91, "www>wwww"
    DUP2 = 92, "ww>wwww"
    DUP2_X1 = 93, "www>wwwww"
    DUP2_X2 = 94, "wwww>wwwwww"
    SWAP = 95, "ww>ww"
    IADD = 96, "ii>i"
    LADD = 97, "ll>l"
    FADD = 98, "ff>f"
    DADD = 99, "dd>d"
    ISUB = 100, "ii>i"
    LSUB = 101, "ll>l"
    FSUB = 102, "ff>f"
    DSUB = 103, "dd>d"
    IMUL = 104, "ii>i"
    LMUL = 105, "ll>l"
    FMUL = 106, "ff>f"
    DMUL = 107, "dd>d"
    IDIV = 108, "ii>i"
    LDIV = 109, "ll>l"
    FDIV = 110, "ff>f"
    DDIV = 111, "dd>d"
    IREM = 112, "ii>i"
    LREM = 113, "ll>l"
    FREM = 114, "ff>f"
    DREM = 115, "dd>d"
    INEG = 116, "i>i"
    LNEG = 117, "l>l"
    FNEG = 118, "f>f"
    DNEG = 119, "d>d"
    ISHL = 120, "ii>i"
    LSHL = 121, "li>l"
    ISHR = 122, "ii>i"
    LSHR = 123, "li>l"
    IUSHR = 124, "ii>i"
    LUSHR = 125, "li>l"
    IAND = 126, "ii>i"
    LAND = 127, "ll>l"
    IOR = 128, "ii>i"
    LOR = 129, "ll>l"
    IXOR = 130, "ii>i"
    LXOR = 131, "ll>l"
    IINC = 132, ">", (_LOCAL, _S1)
    I2L = 133, "i>l"
    I2F = 134, "i>f"
    I2D = 135, "i>d"
    L2I = 136, "l>i"
    L2F = 137, "l>f"
    L2D = 138, "l>d"
    F2I = 139, "f>i"
    F2L = 140, "f>l"
    F2D = 141, "f>d"
    D2I = 142, "d>i"
    D2L = 143, "d>l"
    D2F = 144, "d>f"
    I2B = 145, "i>i"
    I2C = 146, "i>i"
    I2S = 147, "i>i"
    LCMP = 148, "ll>i"
    FCMPL = 149, "ff>i"
    FCMPG = 150, "ff>i"
    DCMPL = 151, "dd>i"
    DCMPG = 152, "dd>i"
    IFEQ = 153, "i>", (_BRANCH2,), Flow.BRANCH
    IFNE = 154, "i>", (_BRANCH2,), Flow.BRANCH
    IFLT = 155, "i>", (_BRANCH2,), Flow.BRANCH
    IFGE = 156, "i>", (_BRANCH2,), Flow.BRANCH
    IFGT = 157, "i>", (_BRANCH2,), Flow.BRANCH
    IFLE = 158, "i>", (_BRANCH2,), Flow.BRANCH
    IF_ICMPEQ = 159, "ii>", (_BRANCH2,), Flow.BRANCH
    IF_ICMPNE = 160, "ii>", (_BRANCH2,), Flow.BRANCH
    IF_ICMPLT = 161, "ii>", (_BRANCH2,), Flow.BRANCH
    IF_ICMPGE = 162, "ii>", (_BRANCH2,), Flow.BRANCH
    IF_ICMPGT = 163, "ii>", (_BRANCH2,), Flow.BRANCH
    IF_ICMPLE = 164, "ii>", (_BRANCH2,), Flow.BRANCH
    IF_ACMPEQ = 165, "aa>", (_BRANCH2,), Flow.BRANCH
    IF_ACMPNE = 166, "aa>", (_BRANCH2,), Flow.BRANCH
    GOTO = 167, ">", (_BRANCH2,), Flow.JUMP
    JSR = 168, ">a", (_BRANCH2,), Flow.SUBROUTINE
    RET = 169, ">", (_LOCAL,), Flow.SUBROUTINE_END
    TABLESWITCH = 170, "i>", (_TABLE,), Flow.SWITCH
    LOOKUPSWITCH = 171, "i>", (_LOOKUP,), Flow.SWITCH
    IRETURN = 172, "i>", (), Flow.RETURN
    LRETURN = 173, "l>", (), Flow.RETURN
    FRETURN = 174, "f>", (), Flow.RETURN
    DRETURN = 175, "d>", (), Flow.RETURN
    ARETURN = 176, "a>", (), Flow.RETURN
    RETURN = 177, ">", (), Flow.RETURN
    GETSTATIC = 178, "*", (_POOL2,)
    PUTSTATIC = 179, "*", (_POOL2,)
    GETFIELD = 180, "*", (_POOL2,)
    PUTFIELD = 181, "*", (_POOL2,)
    INVOKEVIRTUAL = 182, "*", (_POOL2,), Flow.CALL
    INVOKESPECIAL = 183, "*", (_POOL2,), Flow.CALL
    INVOKESTATIC = 184, "*", (_POOL2,), Flow.CALL
    INVOKEINTERFACE = 185, "*", (_POOL2, _COUNT, _ZERO), Flow.CALL
    INVOKEDYNAMIC = 186, "*", (_POOL2, _ZERO, _ZERO), Flow.CALL
    NEW = 187, ">a", (_POOL2,)
    NEWARRAY = 188, "i>a", (_ATYPE,)
    ANEWARRAY = 189, "i>a", (_POOL2,)
    ARRAYLENGTH = 190, "a>i"
    ATHROW = 191, "a>", (), Flow.THROW
    CHECKCAST = 192, "a>a", (_POOL2,)
    INSTANCEOF = 193, "a>i", (_POOL2,)
    MONITORENTER = 194, "a>"
    MONITOREXIT = 195, "a>"
    WIDE = 196, "*", (_WIDE,)
    MULTIANEWARRAY = 197, "*", (_POOL2, _DIMENSIONS)
    IFNULL = 198, "a>", (_BRANCH2,), Flow.BRANCH
    IFNONNULL = 199, "a>", (_BRANCH2,), Flow.BRANCH
    GOTO_W = 200, ">", (_BRANCH4,), Flow.JUMP
    JSR_W = 201, ">a", (_BRANCH4,), Flow.SUBROUTINE


def _width(types: str) -> int:
    return sum(_WORDS.get(t, 1) for t in types)
