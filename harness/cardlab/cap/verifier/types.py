"""Types as the verifier writes them, and how descriptors and type codes become such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cardlab.cap.constants import TypeCode
from cardlab.classfile.descriptors import split_descriptor

OBJECT = "java/lang/Object"
THROWABLE = "java/lang/Throwable"

Type = str
"""Types are texts: s (boolean, byte, short), i (int), v (void), n (null), t (unusable); Lname for classes; [z [b [s [i
and [Lname for arrays. A class name is an imported class's full name, @offset of the package's own, or ?p.c when the
imported package has no token table."""

OF_CODE: Mapping[int, Type] = {
    TypeCode.VOID: "v",
    TypeCode.BOOLEAN: "s",
    TypeCode.BYTE: "s",
    TypeCode.SHORT: "s",
    TypeCode.INT: "i",
    TypeCode.BOOLEAN_ARRAY: "[z",
    TypeCode.BYTE_ARRAY: "[b",
    TypeCode.SHORT_ARRAY: "[s",
    TypeCode.INT_ARRAY: "[i",
}
"""The types that one nibble says (table 6-6)."""
FIELD_KINDS: Mapping[int, str] = {TypeCode.BOOLEAN: "b", TypeCode.BYTE: "b", TypeCode.SHORT: "s", TypeCode.INT: "i"}
"""The letter of the instructions for fields of primitive types."""
CODES: Mapping[str, TypeCode] = {
    "Z": TypeCode.BOOLEAN,
    "B": TypeCode.BYTE,
    "S": TypeCode.SHORT,
    "I": TypeCode.INT,
}
"""The code of a primitive type by its letter in descriptors."""
_LETTERS: Mapping[str, Type] = {"V": "v"} | {letter: OF_CODE[code] for letter, code in CODES.items()}
_ARRAYS: Mapping[str, Type] = {f"[{letter}": f"[{letter.lower()}" for letter in CODES}


@dataclass(frozen=True)
class Signature:
    """Parameter types, without `this`, and the result type."""

    parameters: tuple[Type, ...]
    result: Type

    @property
    def words(self) -> int:
        """Words of the parameters."""
        return sum(2 if p == "i" else 1 for p in self.parameters)


def type_of(descriptor: str) -> Type:
    """The type of a field descriptor in a token table."""
    if descriptor in _LETTERS:
        return _LETTERS[descriptor]
    if descriptor in _ARRAYS:
        return _ARRAYS[descriptor]
    array = "[" if descriptor.startswith("[") else ""
    return f"{array}L{descriptor.lstrip('[')[1:-1]}"


def signature_of(descriptor: str) -> Signature:
    """The signature of a method descriptor in a token table."""
    parameters, result = split_descriptor(descriptor)
    return Signature(tuple(type_of(p) for p in parameters), type_of(result))


def is_reference(t: Type) -> bool:
    """Whether this is an object that is initialised, an array or null."""
    return t.startswith(("n", "L", "["))
