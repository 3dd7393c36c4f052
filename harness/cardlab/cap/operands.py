"""What the columns of the table of instructions hold (JCVM 3.0.5, 7.5): operands, exceptions."""

from __future__ import annotations

from enum import Enum


class Operand(Enum):
    """How the bytes after the opcode read; `size` in bytes, 0 where it depends on what follows."""

    S1 = "signed byte", 1
    S2 = "signed short", 2
    S4 = "signed int", 4
    LOCAL = "local variable index", 1
    POOL1 = "constant pool index of one byte", 1
    POOL2 = "constant pool index of two bytes", 2
    BRANCH1 = "relative branch of one byte", 1
    BRANCH2 = "relative branch of two bytes", 2
    ATYPE = "array type", 1
    NIBBLES = "m and n of dup_x and swap_x", 1
    COUNT = "argument words", 1
    IMETHOD = "interface method token", 1
    TABLE = "table switch: default, low, high, a branch for each value", 0
    LOOKUP = "lookup switch: default, count, match and branch for each pair", 0

    def __init__(self, meaning: str, size: int) -> None:
        self.meaning = meaning
        self.size = size


class Thrown(Enum):
    """Exceptions that the virtual machine throws of itself (JCVM 3.0.5, 7.5; JCRE 3.0.5, 6.2 for the firewall's)."""

    ARITHMETIC = "java.lang.ArithmeticException"
    ARRAY_INDEX = "java.lang.ArrayIndexOutOfBoundsException"
    ARRAY_STORE = "java.lang.ArrayStoreException"
    CLASS_CAST = "java.lang.ClassCastException"
    NEGATIVE_SIZE = "java.lang.NegativeArraySizeException"
    NULL = "java.lang.NullPointerException"
    SECURITY = "java.lang.SecurityException"
    NO_RESOURCE = "javacard.framework.SystemException"
    """With the reason NO_RESOURCE: there is no memory left."""
