"""Decoding Java bytecode (JVMS chapter 6) into instructions with their operands; nothing is interpreted here."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.errors import ClassFileError

_NAMES = [
    "nop",
    "aconst_null",
    "iconst_m1",
    "iconst_0",
    "iconst_1",
    "iconst_2",
    "iconst_3",
    "iconst_4",
    "iconst_5",
    "lconst_0",
    "lconst_1",
    "fconst_0",
    "fconst_1",
    "fconst_2",
    "dconst_0",
    "dconst_1",
    "bipush",
    "sipush",
    "ldc",
    "ldc_w",
    "ldc2_w",
    "iload",
    "lload",
    "fload",
    "dload",
    "aload",
    "iload_0",
    "iload_1",
    "iload_2",
    "iload_3",
    "lload_0",
    "lload_1",
    "lload_2",
    "lload_3",
    "fload_0",
    "fload_1",
    "fload_2",
    "fload_3",
    "dload_0",
    "dload_1",
    "dload_2",
    "dload_3",
    "aload_0",
    "aload_1",
    "aload_2",
    "aload_3",
    "iaload",
    "laload",
    "faload",
    "daload",
    "aaload",
    "baload",
    "caload",
    "saload",
    "istore",
    "lstore",
    "fstore",
    "dstore",
    "astore",
    "istore_0",
    "istore_1",
    "istore_2",
    "istore_3",
    "lstore_0",
    "lstore_1",
    "lstore_2",
    "lstore_3",
    "fstore_0",
    "fstore_1",
    "fstore_2",
    "fstore_3",
    "dstore_0",
    "dstore_1",
    "dstore_2",
    "dstore_3",
    "astore_0",
    "astore_1",
    "astore_2",
    "astore_3",
    "iastore",
    "lastore",
    "fastore",
    "dastore",
    "aastore",
    "bastore",
    "castore",
    "sastore",
    "pop",
    "pop2",
    "dup",
    "dup_x1",
    "dup_x2",
    "dup2",
    "dup2_x1",
    "dup2_x2",
    "swap",
    "iadd",
    "ladd",
    "fadd",
    "dadd",
    "isub",
    "lsub",
    "fsub",
    "dsub",
    "imul",
    "lmul",
    "fmul",
    "dmul",
    "idiv",
    "ldiv",
    "fdiv",
    "ddiv",
    "irem",
    "lrem",
    "frem",
    "drem",
    "ineg",
    "lneg",
    "fneg",
    "dneg",
    "ishl",
    "lshl",
    "ishr",
    "lshr",
    "iushr",
    "lushr",
    "iand",
    "land",
    "ior",
    "lor",
    "ixor",
    "lxor",
    "iinc",
    "i2l",
    "i2f",
    "i2d",
    "l2i",
    "l2f",
    "l2d",
    "f2i",
    "f2l",
    "f2d",
    "d2i",
    "d2l",
    "d2f",
    "i2b",
    "i2c",
    "i2s",
    "lcmp",
    "fcmpl",
    "fcmpg",
    "dcmpl",
    "dcmpg",
    "ifeq",
    "ifne",
    "iflt",
    "ifge",
    "ifgt",
    "ifle",
    "if_icmpeq",
    "if_icmpne",
    "if_icmplt",
    "if_icmpge",
    "if_icmpgt",
    "if_icmple",
    "if_acmpeq",
    "if_acmpne",
    "goto",
    "jsr",
    "ret",
    "tableswitch",
    "lookupswitch",
    "ireturn",
    "lreturn",
    "freturn",
    "dreturn",
    "areturn",
    "return",
    "getstatic",
    "putstatic",
    "getfield",
    "putfield",
    "invokevirtual",
    "invokespecial",
    "invokestatic",
    "invokeinterface",
    "invokedynamic",
    "new",
    "newarray",
    "anewarray",
    "arraylength",
    "athrow",
    "checkcast",
    "instanceof",
    "monitorenter",
    "monitorexit",
    "wide",
    "multianewarray",
    "ifnull",
    "ifnonnull",
    "goto_w",
    "jsr_w",
]

_LOCAL = {*range(21, 26), *range(54, 59), 169}
_POOL2 = {19, 20, *range(178, 185), 187, 189, 192, 193}
_BRANCH2 = {*range(153, 169), 198, 199}


@dataclass(frozen=True)
class Jvm:
    """One instruction: `name` without its implicit operand (`iload_2` reads as iload 2), and its operands.

    `operand` is the local, the constant, or the pool index; `targets` are absolute program counters. For a switch
    `targets` starts with the default and `keys` are the matching values, ascending for tableswitch.
    """

    pc: int
    end: int
    name: str
    operand: int = 0
    extra: int = 0
    targets: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()


class _Cursor:
    def __init__(self, code: bytes) -> None:
        self.code = code
        self.pos = 0

    def number(self, count: int, signed: bool = False) -> int:
        raw = self.code[self.pos : self.pos + count]
        if len(raw) < count:
            raise ClassFileError(f"bytecode ends inside the instruction at {self.pos}")
        self.pos += count
        return int.from_bytes(raw, "big", signed=signed)


def _switch(c: _Cursor, pc: int, name: str) -> Jvm:
    c.pos = (c.pos + 3) & ~3
    default = pc + c.number(4, True)
    low = c.number(4, True)
    if name == "tableswitch":
        high = c.number(4, True)
        if not 0 <= high - low <= len(c.code) // 4:
            raise ClassFileError(f"tableswitch at {pc} has bounds {low} to {high}")
        keys = tuple(range(low, high + 1))
        targets = tuple(pc + c.number(4, True) for _ in keys)
    else:
        if not 0 <= low <= len(c.code) // 8:
            raise ClassFileError(f"lookupswitch at {pc} has {low} pairs")
        pairs = [(c.number(4, True), pc + c.number(4, True)) for _ in range(low)]
        keys, targets = tuple(k for k, _ in pairs), tuple(t for _, t in pairs)
    return Jvm(pc, c.pos, name, targets=(default, *targets), keys=keys)


def _short_form(op: int) -> tuple[str, int] | None:
    """The name and local index of iload_0 to aload_3 and istore_0 to astore_3."""
    for first, family in ((26, 21), (59, 54)):
        if first <= op < first + 20:
            return _NAMES[family + (op - first) // 4], (op - first) % 4
    return None


def _one(c: _Cursor) -> Jvm:
    pc = c.pos
    op = c.number(1)
    if op >= len(_NAMES):
        raise ClassFileError(f"unknown bytecode 0x{op:02x} at {pc}")
    name, operand, extra = _NAMES[op], 0, 0
    short = _short_form(op)
    if short:
        name, operand = short
    elif 2 <= op <= 8:
        name, operand = "const", op - 3
    elif op == 16:
        name, operand = "const", c.number(1, True)
    elif op == 17:
        name, operand = "const", c.number(2, True)
    elif op == 18:
        operand = c.number(1)
    elif op in _POOL2:
        operand = c.number(2)
    elif op in _LOCAL or op == 188:
        operand = c.number(1)
    elif op == 132:
        operand, extra = c.number(1), c.number(1, True)
    elif op in _BRANCH2:
        return Jvm(pc, pc + 3, name, targets=(pc + c.number(2, True),))
    elif op in (200, 201):
        return Jvm(pc, pc + 5, name.removesuffix("_w"), targets=(pc + c.number(4, True),))
    elif op in (170, 171):
        return _switch(c, pc, name)
    elif op in (185, 186):
        operand, extra = c.number(2), c.number(2)
    elif op == 197:
        operand, extra = c.number(2), c.number(1)
    elif op == 196:
        wide = c.number(1)
        if wide not in _LOCAL and wide != 132:
            raise ClassFileError(f"wide before 0x{wide:02x} at {pc}")
        name, operand = _NAMES[wide], c.number(2)
        extra = c.number(2, True) if wide == 132 else 0
    if name in ("ldc_w", "ldc"):
        name = "ldc"
    return Jvm(pc, c.pos, name, operand, extra)


def decode(code: bytes) -> tuple[Jvm, ...]:
    """All instructions of a method; every branch target is checked to be the start of one."""
    c = _Cursor(code)
    out = []
    while c.pos < len(code):
        out.append(_one(c))
    starts = {i.pc for i in out}
    for i in out:
        for target in i.targets:
            if target not in starts:
                raise ClassFileError(f"{i.name} at {i.pc} jumps to {target}, which is not an instruction")
    return tuple(out)
