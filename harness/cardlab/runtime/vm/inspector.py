"""A look into the machine's memories as the runtime interface wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cardlab.errors import UsageError
from cardlab.runtime.inspector import APDU_BUFFER, ELEMENTS, Block, CardObject, Finding, Inspector, Memory
from cardlab.runtime.vm.keys import KEY_PREFIX, key_parts
from cardlab.runtime.vm.names import Names

_SPACES = (Memory.EEPROM, Memory.RAM, Memory.RAM, Memory.BUFFER)
_APDU_BUFFER_REFERENCE = 2
_WIDTHS = {"short[]": 2, "int[]": 4}
_API_FIELDS = {
    "javacard/framework/OwnerPIN": {"value": 0},
    "javacard/security/KeyPair": {"publicKey": 0, "privateKey": 1},
}
"""Fields of API classes that have names for people, with their cells."""


class MachineInspector(Inspector):
    """Objects by their references. Without a Debug component, a field's name is the number of its cell."""

    def __init__(self, java: Any, names: Names) -> None:
        self._java = java
        self._names = names

    def memory_map(self) -> tuple[Block, ...]:
        """See Inspector.memory_map."""
        objects = tuple(self._block(int(reference)) for reference in self._java.objects())
        return objects + tuple(
            Block(Memory.EEPROM, str(name), bytes(self._java.outside(number)))
            for number, name in enumerate(self._java.outsideNames())
        )

    def find(self, wanted: bytes) -> tuple[Finding, ...]:
        """See Inspector.find."""
        if not wanted:
            return ()
        found = []
        for block in self.memory_map():
            at = block.content.find(wanted)
            while at >= 0:
                found.append(Finding(block, at))
                at = block.content.find(wanted, at + 1)
        return tuple(found)

    def objects(self, class_name: str = "") -> tuple[CardObject, ...]:
        """See Inspector.objects."""
        every = (self.at(int(reference)) for reference in self._java.objects())
        return tuple(one for one in every if class_name in ("", one.class_name))

    def applet(self, instance_aid: bytes = b"") -> CardObject:
        """See Inspector.applet."""
        reference = int(self._java.applet(instance_aid))
        if not reference:
            raise UsageError("there is no such applet, or none is selected", hint="select one, or name an instance")
        return self.at(reference)

    def at(self, reference: int) -> MachineObject:
        """The object with this number."""
        return MachineObject(self._java, self._names, reference)

    def _block(self, reference: int) -> Block:
        kind = self._names.class_name(str(self._java.typeName(reference)))
        name = APDU_BUFFER if reference == _APDU_BUFFER_REFERENCE else f"object {reference}, {kind}"
        holder = self._names.class_name(str(self._java.holder(reference)))
        return Block(_SPACES[int(self._java.space(reference))], name, bytes(self._java.content(reference)), holder)


class MachineObject(CardObject):
    """An object or array on the card."""

    def __init__(self, java: Any, names: Names, reference: int) -> None:
        self._java = java
        self._names = names
        self._reference = reference

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MachineObject) and other._reference == self._reference

    def __hash__(self) -> int:
        return self._reference

    @property
    def reference(self) -> int:
        """Its number on the card."""
        return self._reference

    @property
    def address(self) -> int:
        """Where its content begins, when it is persistent."""
        return int(self._java.address(self._reference))

    @property
    def class_name(self) -> str:
        """See CardObject.class_name."""
        name = self.machine_class
        return self._names.class_name(name.removesuffix("[]")) + ("[]" if name.endswith("[]") else "")

    @property
    def persistent(self) -> bool:
        """See CardObject.persistent."""
        return bool(self._java.isPersistent(self._reference))

    def fields(self) -> Sequence[str]:
        """See CardObject.fields."""
        if self.machine_class.endswith("[]"):
            return (ELEMENTS,)
        if self.machine_class.startswith(KEY_PREFIX):
            return tuple(self._parts())
        return tuple(self.cells())

    def field(self, name: str) -> Any:
        """See CardObject.field."""
        if name not in self.fields():
            raise UsageError(f"{self.class_name} has no field {name}", hint=f"it has {', '.join(self.fields())}")
        if name == ELEMENTS:
            return self._elements()
        if self.machine_class.startswith(KEY_PREFIX):
            return self._parts()[name]
        cell, width = self.cells()[name]
        raw = bytes(self._java.content(self._reference))[2 * cell : 2 * cell + width]
        if not self._java.isReference(self._reference, cell):
            return int.from_bytes(raw, "big", signed=True)
        target = int.from_bytes(raw, "big")
        return self._at(target).value() if target else None

    def place(self, name: str) -> int:
        """The address of a field, when the object is persistent."""
        return self.address + 2 * self.cells()[name][0]

    def target(self, name: str) -> MachineObject:
        """What a field refers to, an array as well; it is not null."""
        return self._at(int(self._java.target(self._reference, self.cells()[name][0])))

    def value(self) -> Any:
        """The elements of an array, or the object itself."""
        return self._elements() if self.machine_class.endswith("[]") else self

    def put(self, name: str, content: bytes) -> None:
        """See CardObject.put."""
        if name != ELEMENTS and name not in self.cells():
            raise UsageError(f"{self.class_name} has no array {name}", hint=f"it has {', '.join(self.fields())}")
        target = self._reference
        if name != ELEMENTS:
            target = int(self._java.target(self._reference, self.cells()[name][0]))
        if not target or len(bytes(self._java.content(target))) != len(content):
            raise UsageError(f"{name} of {self.class_name} is no array of {len(content)} bytes", hint="keep its length")
        self._java.put(target, content)

    @property
    def machine_class(self) -> str:
        """The name of its class, or the type of the array, as the machine has it."""
        return str(self._java.typeName(self._reference))

    def _at(self, reference: int) -> MachineObject:
        return MachineObject(self._java, self._names, reference)

    def cells(self) -> Mapping[str, tuple[int, int]]:
        """Cell and length in bytes of each field by name."""
        if self.machine_class in _API_FIELDS:
            return {name: (cell, 2) for name, cell in _API_FIELDS[self.machine_class].items()}
        found = {}
        for cell, line in enumerate(self._java.layout(self._reference)):
            owner, _, token = str(line).rpartition(" ")
            name = self._names.field(owner, int(token))
            if name is not None:
                found[name] = (cell, 4 if self._names.is_integer(owner, int(token)) else 2)
            elif not self._names.is_known(owner):
                found[str(cell)] = (cell, 2)
        return found

    def _parts(self) -> Mapping[str, bytes | None]:
        return key_parts(self._java, self._reference)

    def _elements(self) -> Any:
        raw = bytes(self._java.content(self._reference))
        if self.machine_class in ("byte[]", "boolean[]"):
            return raw
        width = _WIDTHS.get(self.machine_class)
        if width:
            parts = (raw[at : at + width] for at in range(0, len(raw), width))
            return tuple(int.from_bytes(part, "big", signed=True) for part in parts)
        references = (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))
        return tuple(self._at(one) if one else None for one in references)
