"""Types and bytecodes that the card has not (JCVM 3.0.5, 2.2.1 and 2.3.2.1): what to say of them."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.classfile.opcodes import JvmOpcode

_NAMES = {"I": "int type", "J": "long type", "F": "float type", "D": "double type", "C": "char type"}
_BYTECODES: Mapping[JvmOpcode, str] = {
    JvmOpcode.MONITORENTER: "unsupported synchronized block",
    JvmOpcode.MONITOREXIT: "unsupported synchronized block",
    JvmOpcode.MULTIANEWARRAY: "unsupported multidimensional array",
    JvmOpcode.INVOKEDYNAMIC: "unsupported lambda or method reference (invokedynamic)",
    JvmOpcode.LDC2_W: "unsupported long or double type constant",
    JvmOpcode.I2C: "unsupported char type",
    JvmOpcode.I2L: "unsupported long type",
    JvmOpcode.I2F: "unsupported float type",
    JvmOpcode.I2D: "unsupported double type",
    JvmOpcode.CALOAD: "unsupported array of char type",
    JvmOpcode.CASTORE: "unsupported array of char type",
}


def unsupported_bytecode(opcode: JvmOpcode) -> str:
    """What is wrong with a bytecode."""
    return _BYTECODES.get(opcode, f"unsupported bytecode {opcode.mnemonic}")


def unsupported(descriptor: str, ints: bool) -> str:
    """What is wrong with a field or parameter type, empty when nothing is: 'int type', 'String type', …

    `ints` says that the package may use int.
    """
    dimensions = len(descriptor) - len(descriptor.lstrip("["))
    element = descriptor[dimensions:]
    if dimensions > 1:
        return "multidimensional array type"
    name = "" if ints and element == "I" else _NAMES.get(element[:1], "")
    if element in ("Ljava/lang/String;", "Ljava/lang/Class;"):
        name = element[11:-1] + " type"
    return f"array of {name}" if name and dimensions else name
