"""The type descriptors of the Descriptor component (JCVM 3.0.5, 6.9.1 and 6.14.4)."""

from __future__ import annotations

from cardlab.cap.constants import TypeCode
from cardlab.cap.model import ClassRef, Descriptor
from cardlab.cap.verifier.classtable import ClassTable
from cardlab.cap.verifier.rules import Rule, Rules
from cardlab.cap.verifier.types import FIELD_KINDS, OF_CODE, Signature, Type

_REFERENCE_NIBBLES = 5  # the code and the four of a class_ref


class TypeTable:
    """Types by their offsets; RuleError for offsets at which no such type is."""

    def __init__(self, descriptor: Descriptor, classes: ClassTable, rules: Rules) -> None:
        self._descriptor = descriptor
        self._classes = classes
        self._rules = rules
        self._known: dict[int, list[Type]] = {}

    def _types(self, offset: int) -> list[Type]:
        if offset not in self._known:
            self._known[offset] = self._read(offset)
        return self._known[offset]

    def _read(self, offset: int) -> list[Type]:
        nibbles = self._descriptor.nibbles(offset)
        out: list[Type] = []
        at = 0
        while at < len(nibbles):
            code = nibbles[at]
            if code in (TypeCode.REFERENCE, TypeCode.REFERENCE_ARRAY):
                if at + _REFERENCE_NIBBLES > len(nibbles):
                    raise Rule.TYPE_CUT.error(f"type descriptor at {offset} is cut off")
                ref = ClassRef("".join(f"{d:x}" for d in nibbles[at + 1 : at + _REFERENCE_NIBBLES]), 16)
                out.append(("[L" if code == TypeCode.REFERENCE_ARRAY else "L") + self._classes.name(ref))
                at += _REFERENCE_NIBBLES
            elif code in OF_CODE:
                out.append(OF_CODE[code])
                at += 1
            else:
                raise Rule.TYPE_CODE.error(f"type descriptor at {offset} has the type code {code}")
        if not out:
            raise Rule.TYPE_EMPTY.error(f"type descriptor at {offset} is empty")
        return out

    def field(self, offset: int) -> Type:
        """The type of a type descriptor that is a field's."""
        types = self._types(offset)
        if len(types) != 1 or types[0] == "v":
            raise Rule.TYPE_FIELD.error(f"type descriptor at {offset} is no field type")
        return types[0]

    def field_kind(self, offset: int) -> str:
        """The letter of the field's instructions: a, b, s or i."""
        return FIELD_KINDS.get(self.field(offset), "a")

    def signature(self, offset: int) -> Signature:
        """The signature of a type descriptor that is a method's."""
        *parameters, result = self._types(offset)
        self._rules.require(
            Rule.TYPE_METHOD, "v" not in parameters, f"type descriptor at {offset} has a void parameter"
        )
        return Signature(tuple(parameters), result)

    def has_int(self, offset: int) -> bool:
        """Whether int or int[] is among the types."""
        return any(t in ("i", "[i") for t in self._types(offset))

    def of_entry(self, index: int) -> int:
        """The offset of the type descriptor of a constant pool entry that is no class."""
        return self._descriptor.pool_types[index]
