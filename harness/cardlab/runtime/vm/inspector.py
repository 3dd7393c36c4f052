"""A look into the machine's memories as the runtime interface wants it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cardlab.errors import UsageError
from cardlab.runtime.inspector import APDU_BUFFER, ELEMENTS, Block, CardObject, Finding, Inspector, Memory

_SPACES = (Memory.EEPROM, Memory.RAM, Memory.RAM, Memory.BUFFER)
_APDU_BUFFER_REFERENCE = 2
_WIDTHS = {"short[]": 2, "int[]": 4}


class MachineInspector(Inspector):
    """Objects by their references; fields have the numbers of their cells for names, as load files carry no names."""

    def __init__(self, java: Any) -> None:
        self._java = java

    def memory_map(self) -> tuple[Block, ...]:
        """See Inspector.memory_map."""
        objects = tuple(self._block(int(reference)) for reference in self._java.objects())
        return objects + tuple(
            Block(Memory.EEPROM, str(name), bytes(self._java.outside(number)))
            for number, name in enumerate(self._java.outsideNames())
        )

    def find(self, wanted: bytes) -> tuple[Finding, ...]:
        """See Inspector.find."""
        found = []
        for block in self.memory_map():
            at = block.content.find(wanted)
            while at >= 0:
                found.append(Finding(block, at))
                at = block.content.find(wanted, at + 1)
        return tuple(found)

    def objects(self, class_name: str = "") -> tuple[CardObject, ...]:
        """See Inspector.objects."""
        every = (MachineObject(self._java, int(reference)) for reference in self._java.objects())
        return tuple(one for one in every if class_name in ("", one.class_name))

    def applet(self, instance_aid: bytes = b"") -> CardObject:
        """See Inspector.applet."""
        reference = int(self._java.applet(instance_aid))
        if not reference:
            raise UsageError("there is no such applet, or none is selected", hint="select one, or name an instance")
        return MachineObject(self._java, reference)

    def _block(self, reference: int) -> Block:
        name = (
            APDU_BUFFER
            if reference == _APDU_BUFFER_REFERENCE
            else f"object {reference}, {self._java.typeName(reference)}"
        )
        return Block(
            _SPACES[int(self._java.space(reference))],
            name.replace("/", "."),
            bytes(self._java.content(reference)),
            str(self._java.holder(reference)).replace("/", "."),
        )


class MachineObject(CardObject):
    """An object or array on the card."""

    def __init__(self, java: Any, reference: int) -> None:
        self._java = java
        self._reference = reference

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MachineObject) and other._reference == self._reference

    def __hash__(self) -> int:
        return self._reference

    @property
    def class_name(self) -> str:
        """See CardObject.class_name."""
        return str(self._java.typeName(self._reference)).replace("/", ".")

    @property
    def persistent(self) -> bool:
        """See CardObject.persistent."""
        return bool(self._java.isPersistent(self._reference))

    def fields(self) -> Sequence[str]:
        """See CardObject.fields."""
        if self.class_name.endswith("[]"):
            return (ELEMENTS,)
        return tuple(map(str, range(int(self._java.cells(self._reference)))))

    def field(self, name: str) -> Any:
        """See CardObject.field."""
        if name not in self.fields():
            raise UsageError(f"{self.class_name} has no field {name}", hint=f"it has {', '.join(self.fields())}")
        if name == ELEMENTS:
            return self._elements()
        raw = bytes(self._java.content(self._reference))[2 * int(name) : 2 * int(name) + 2]
        if not self._java.isReference(self._reference, int(name)):
            return int.from_bytes(raw, "big", signed=True)
        target = int.from_bytes(raw, "big")
        return MachineObject(self._java, target).value() if target else None

    def value(self) -> Any:
        """The elements of an array, or the object itself."""
        return self._elements() if self.class_name.endswith("[]") else self

    def _elements(self) -> Any:
        raw = bytes(self._java.content(self._reference))
        if self.class_name in ("byte[]", "boolean[]"):
            return raw
        width = _WIDTHS.get(self.class_name)
        if width:
            parts = (raw[at : at + width] for at in range(0, len(raw), width))
            return tuple(int.from_bytes(part, "big", signed=True) for part in parts)
        references = (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))
        return tuple(MachineObject(self._java, one) if one else None for one in references)

    def put(self, name: str, content: bytes) -> None:
        """See CardObject.put."""
        target = self._reference if name == ELEMENTS else int(self._java.target(self._reference, int(name)))
        if not target or len(bytes(self._java.content(target))) != len(content):
            raise UsageError(f"{name} of {self.class_name} is no array of {len(content)} bytes", hint="keep its length")
        self._java.put(target, content)
