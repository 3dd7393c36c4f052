"""Type descriptors in words (JCVM 3.0.5, table 6-6 and 6.14.3)."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.cap.constants import TypeCode
from cardlab.cap.errors import CapError
from cardlab.cap.model import ClassRef, Descriptor, FieldDescriptor

_WORDS = {one: one.name.lower().replace("_array", "[]") for one in TypeCode}
_CLASSES = {TypeCode.REFERENCE: "", TypeCode.REFERENCE_ARRAY: "[]"}
ClassName = Callable[[ClassRef], str]


def type_names(descriptor: Descriptor, offset: int, class_name: ClassName) -> tuple[str, ...]:
    """Parameters and result of a method, or the one type of a field; nothing where the descriptor is damaged."""
    try:
        nibbles = list(descriptor.nibbles(offset))
        found = []
        while nibbles:
            code = TypeCode(nibbles.pop(0))
            if code in _CLASSES:
                high, *low = (nibbles.pop(0) for _ in range(4))
                ref = ClassRef(high << 12 | low[0] << 8 | low[1] << 4 | low[2])
                found.append(class_name(ref) + _CLASSES[code])
            else:
                found.append(_WORDS[code])
        return tuple(found)
    except (CapError, ValueError, IndexError):
        return ()


def field_type(descriptor: Descriptor, field: FieldDescriptor, class_name: ClassName) -> str:
    """The type of a field; a question mark where the descriptor is damaged."""
    if field.is_reference:
        return "".join(type_names(descriptor, field.type, class_name)) or "?"
    return next((words for code, words in _WORDS.items() if code == field.primitive), "?")
