"""The Java Card virtual machine's instructions (JCVM 3.0.4, chapters 7 and 8): number, mnemonic, operands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Operand(Enum):
    """How the bytes after the opcode read."""

    S1 = "signed byte"
    S2 = "signed short"
    S4 = "signed int"
    LOCAL = "local index, one byte"
    POOL1 = "constant pool index, one byte"
    POOL2 = "constant pool index, two bytes"
    BRANCH1 = "relative branch, one byte"
    BRANCH2 = "relative branch, two bytes"
    ATYPE = "array type"
    NIBBLES = "m and n of dup_x and swap_x"
    COUNT = "argument words"
    IMETHOD = "interface method token"
    TABLE = "table switch"
    LOOKUP = "lookup switch"


_S1, _S2, _L = Operand.S1, Operand.S2, Operand.LOCAL
_P1, _P2 = Operand.POOL1, Operand.POOL2

_NAMES = [
    "nop",
    "aconst_null",
    "sconst_m1",
    "sconst_0",
    "sconst_1",
    "sconst_2",
    "sconst_3",
    "sconst_4",
    "sconst_5",
    "iconst_m1",
    "iconst_0",
    "iconst_1",
    "iconst_2",
    "iconst_3",
    "iconst_4",
    "iconst_5",
    "bspush",
    "sspush",
    "bipush",
    "sipush",
    "iipush",
    "aload",
    "sload",
    "iload",
    "aload_0",
    "aload_1",
    "aload_2",
    "aload_3",
    "sload_0",
    "sload_1",
    "sload_2",
    "sload_3",
    "iload_0",
    "iload_1",
    "iload_2",
    "iload_3",
    "aaload",
    "baload",
    "saload",
    "iaload",
    "astore",
    "sstore",
    "istore",
    "astore_0",
    "astore_1",
    "astore_2",
    "astore_3",
    "sstore_0",
    "sstore_1",
    "sstore_2",
    "sstore_3",
    "istore_0",
    "istore_1",
    "istore_2",
    "istore_3",
    "aastore",
    "bastore",
    "sastore",
    "iastore",
    "pop",
    "pop2",
    "dup",
    "dup2",
    "dup_x",
    "swap_x",
    "sadd",
    "iadd",
    "ssub",
    "isub",
    "smul",
    "imul",
    "sdiv",
    "idiv",
    "srem",
    "irem",
    "sneg",
    "ineg",
    "sshl",
    "ishl",
    "sshr",
    "ishr",
    "sushr",
    "iushr",
    "sand",
    "iand",
    "sor",
    "ior",
    "sxor",
    "ixor",
    "sinc",
    "iinc",
    "s2b",
    "s2i",
    "i2b",
    "i2s",
    "icmp",
    "ifeq",
    "ifne",
    "iflt",
    "ifge",
    "ifgt",
    "ifle",
    "ifnull",
    "ifnonnull",
    "if_acmpeq",
    "if_acmpne",
    "if_scmpeq",
    "if_scmpne",
    "if_scmplt",
    "if_scmpge",
    "if_scmpgt",
    "if_scmple",
    "goto",
    "jsr",
    "ret",
    "stableswitch",
    "itableswitch",
    "slookupswitch",
    "ilookupswitch",
    "areturn",
    "sreturn",
    "ireturn",
    "return",
    "getstatic_a",
    "getstatic_b",
    "getstatic_s",
    "getstatic_i",
    "putstatic_a",
    "putstatic_b",
    "putstatic_s",
    "putstatic_i",
    "getfield_a",
    "getfield_b",
    "getfield_s",
    "getfield_i",
    "putfield_a",
    "putfield_b",
    "putfield_s",
    "putfield_i",
    "invokevirtual",
    "invokespecial",
    "invokestatic",
    "invokeinterface",
    "new",
    "newarray",
    "anewarray",
    "arraylength",
    "athrow",
    "checkcast",
    "instanceof",
    "sinc_w",
    "iinc_w",
    "ifeq_w",
    "ifne_w",
    "iflt_w",
    "ifge_w",
    "ifgt_w",
    "ifle_w",
    "ifnull_w",
    "ifnonnull_w",
    "if_acmpeq_w",
    "if_acmpne_w",
    "if_scmpeq_w",
    "if_scmpne_w",
    "if_scmplt_w",
    "if_scmpge_w",
    "if_scmpgt_w",
    "if_scmple_w",
    "goto_w",
    "getfield_a_w",
    "getfield_b_w",
    "getfield_s_w",
    "getfield_i_w",
    "getfield_a_this",
    "getfield_b_this",
    "getfield_s_this",
    "getfield_i_this",
    "putfield_a_w",
    "putfield_b_w",
    "putfield_s_w",
    "putfield_i_w",
    "putfield_a_this",
    "putfield_b_this",
    "putfield_s_this",
    "putfield_i_this",
]


@dataclass(frozen=True)
class Instruction:
    """One row of the instruction set."""

    code: int
    name: str
    operands: tuple[Operand, ...]

    @property
    def fixed_size(self) -> int:
        """Bytes with the opcode; 0 for switches, whose size depends on their operands."""
        if self.operands and self.operands[0] in (Operand.TABLE, Operand.LOOKUP):
            return 0
        return 1 + sum(_SIZES.get(o, 1) for o in self.operands)


_SIZES = {Operand.S2: 2, Operand.S4: 4, Operand.POOL2: 2, Operand.BRANCH2: 2}

_FIXED: dict[str, tuple[Operand, ...]] = {
    "bspush": (_S1,),
    "sspush": (_S2,),
    "bipush": (_S1,),
    "sipush": (_S2,),
    "iipush": (Operand.S4,),
    "dup_x": (Operand.NIBBLES,),
    "swap_x": (Operand.NIBBLES,),
    "sinc": (_L, _S1),
    "iinc": (_L, _S1),
    "sinc_w": (_L, _S2),
    "iinc_w": (_L, _S2),
    "ret": (_L,),
    "jsr": (Operand.BRANCH2,),
    "goto": (Operand.BRANCH1,),
    "goto_w": (Operand.BRANCH2,),
    "stableswitch": (Operand.TABLE,),
    "itableswitch": (Operand.TABLE,),
    "slookupswitch": (Operand.LOOKUP,),
    "ilookupswitch": (Operand.LOOKUP,),
    "invokevirtual": (_P2,),
    "invokespecial": (_P2,),
    "invokestatic": (_P2,),
    "invokeinterface": (Operand.COUNT, _P2, Operand.IMETHOD),
    "new": (_P2,),
    "newarray": (Operand.ATYPE,),
    "anewarray": (_P2,),
    "checkcast": (Operand.ATYPE, _P2),
    "instanceof": (Operand.ATYPE, _P2),
}


def _operands(name: str) -> tuple[Operand, ...]:
    if name in _FIXED:
        return _FIXED[name]
    if name in ("aload", "sload", "iload", "astore", "sstore", "istore"):
        return (_L,)
    if name.startswith("if"):
        return (Operand.BRANCH2 if name.endswith("_w") else Operand.BRANCH1,)
    if name.startswith(("getstatic_", "putstatic_")):
        return (_P2,)
    if name.startswith(("getfield_", "putfield_")):
        return (_P2 if name.endswith("_w") else _P1,)
    return ()


BY_CODE: tuple[Instruction, ...] = tuple(Instruction(i, n, _operands(n)) for i, n in enumerate(_NAMES))
"""All instructions by opcode, 0 to 184; 254 and 255 (impdep1, impdep2) may not occur in a CAP file."""

BY_NAME: dict[str, Instruction] = {i.name: i for i in BY_CODE}

ARRAY_TYPES: dict[int, str] = {10: "boolean", 11: "byte", 12: "short", 13: "int"}
"""The atype of newarray; checkcast and instanceof add 0 (class or interface) and 14 (array of references)."""
