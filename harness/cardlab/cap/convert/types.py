"""Which Java types the card has (JCVM 3.0.4, section 2.2.3), without int."""

from __future__ import annotations

_NAMES = {"I": "int type", "J": "long type", "F": "float type", "D": "double type", "C": "char type"}


def unsupported(descriptor: str) -> str:
    """What is wrong with a field or parameter type, empty when nothing is: 'int type', 'String type', …"""
    dimensions = len(descriptor) - len(descriptor.lstrip("["))
    element = descriptor[dimensions:]
    if dimensions > 1:
        return "multidimensional array type"
    name = _NAMES.get(element[:1], "")
    if element in ("Ljava/lang/String;", "Ljava/lang/Class;"):
        name = element[11:-1] + " type"
    return f"array of {name}" if name and dimensions else name
