"""Types as the verifier writes them, and how descriptors and type codes become such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cardlab.cap.constants import TypeCode
from cardlab.classfile.descriptors import split_descriptor

OBJECT = "java/lang/Object"
THROWABLE = "java/lang/Throwable"
SHAREABLE = "javacard/framework/Shareable"
REMOTE = "java/rmi/Remote"

Type = str
"""Types are texts: Z, B, S (boolean, byte, short), i (int), v (void), n (null), t (unusable); Lname for classes; [z [b
[s [i and [Lname for arrays. Stack and locals do not tell Z, B and S apart and have s. A class name is an imported
class's full name, @offset of the package's own, or ?p.c when the imported package has no token table."""

OF_CODE: Mapping[int, Type] = {
    TypeCode.VOID: "v",
    TypeCode.BOOLEAN: "Z",
    TypeCode.BYTE: "B",
    TypeCode.SHORT: "S",
    TypeCode.INT: "i",
    TypeCode.BOOLEAN_ARRAY: "[z",
    TypeCode.BYTE_ARRAY: "[b",
    TypeCode.SHORT_ARRAY: "[s",
    TypeCode.INT_ARRAY: "[i",
}
"""The types that one nibble says (table 6-6)."""
FIELD_KINDS: Mapping[Type, str] = {"Z": "b", "B": "b", "S": "s", "i": "i"}
"""The letter of the instructions for fields of primitive types."""
_LETTERS: Mapping[str, Type] = {"V": "v", "Z": "Z", "B": "B", "S": "S", "I": "i"}
_ARRAYS: Mapping[str, Type] = {f"[{letter}": f"[{letter.lower()}" for letter in "ZBSI"}


def computational(t: Type) -> Type:
    """The type as stack and locals have it (JVMS 2.11.1)."""
    return "s" if t in ("Z", "B", "S") else t


@dataclass(frozen=True)
class Signature:
    """Parameter types, without `this`, and the result type."""

    parameters: tuple[Type, ...]
    result: Type

    @property
    def words(self) -> int:
        """Words of the parameters."""
        return sum(2 if p == "i" else 1 for p in self.parameters)

    @property
    def computational(self) -> Signature:
        """The same as stack and locals have it."""
        return Signature(tuple(computational(p) for p in self.parameters), computational(self.result))


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
