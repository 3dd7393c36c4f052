"""The operands of Java's bytecodes (JVMS 6.5)."""

from __future__ import annotations

from enum import Enum


class Operand(Enum):
    """How the bytes after the opcode read; `size` in bytes, 0 where it depends on what follows."""

    S1 = "signed byte", 1
    S2 = "signed short", 2
    LOCAL = "local variable index", 1
    POOL1 = "constant pool index of one byte", 1
    POOL2 = "constant pool index of two bytes", 2
    BRANCH2 = "relative branch of two bytes", 2
    BRANCH4 = "relative branch of four bytes", 4
    ATYPE = "array type", 1
    COUNT = "argument words", 1
    DIMENSIONS = "dimensions of an array", 1
    ZERO = "a byte that is 0", 1
    TABLE = "table switch", 0
    LOOKUP = "lookup switch", 0
    WIDE = "an instruction with wider operands", 0

    def __init__(self, meaning: str, size: int) -> None:
        self.meaning = meaning
        self.size = size

    @property
    def is_signed(self) -> bool:
        """Whether the number has a sign."""
        return self in (Operand.S1, Operand.S2, Operand.BRANCH2, Operand.BRANCH4)
