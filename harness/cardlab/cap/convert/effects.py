"""Bytecodes that the card has not: what to say of them, and their effect on the stack, so that analysis can go on."""

from __future__ import annotations

from cardlab.classfile.bytecode import Jvm

MESSAGES = {
    "monitorenter": "unsupported synchronized block",
    "monitorexit": "unsupported synchronized block",
    "multianewarray": "unsupported multidimensional array",
    "invokedynamic": "unsupported lambda or method reference (invokedynamic)",
    "ldc2_w": "unsupported long or double type constant",
    "i2c": "unsupported char type",
    "i2l": "unsupported long type",
    "i2f": "unsupported float type",
    "i2d": "unsupported double type",
    "caload": "unsupported array of char type",
    "castore": "unsupported array of char type",
    "iaload": "unsupported array of int type",
    "iastore": "unsupported array of int type",
}

_FIXED: dict[str, tuple[int, int]] = {
    "ldc2_w": (0, 2),
    "monitorenter": (1, 0),
    "monitorexit": (1, 0),
    "i2c": (1, 1),
    "caload": (2, 1),
    "castore": (3, 0),
    "lcmp": (4, 1),
    "fcmpl": (2, 1),
    "fcmpg": (2, 1),
    "dcmpl": (4, 1),
    "dcmpg": (4, 1),
    "lreturn": (2, 0),
    "dreturn": (2, 0),
    "freturn": (1, 0),
}
_WORDS = {"i": 1, "f": 1, "l": 2, "d": 2}
_ARITHMETIC = {"add", "sub", "mul", "div", "rem", "and", "or", "xor"}
_SHIFTS = {"shl", "shr", "ushr"}


def stack_effect(i: Jvm) -> tuple[int, int]:
    """Words taken from and put on the stack by a bytecode of types that the card has not."""
    name = i.name
    if name in _FIXED:
        return _FIXED[name]
    if name == "multianewarray":
        return i.extra, 1
    words, rest = _WORDS.get(name[:1], 1), name[1:]
    if rest in _ARITHMETIC:
        return 2 * words, words
    if rest in _SHIFTS:
        return words + 1, words
    if rest == "neg":
        return words, words
    if len(name) == 3 and name[1] == "2":
        return words, _WORDS.get(name[2], 1)
    shapes = {"load": (0, words), "store": (words, 0), "aload": (2, words), "astore": (2 + words, 0)}
    if rest in shapes:
        return shapes[rest]
    if rest.startswith("const"):
        return 0, words
    return 0, 0
