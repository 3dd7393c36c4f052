"""What a machine's commands cost, with names for the cells that they wrote."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cardlab.cap.opcodes import Opcode
from cardlab.runtime.cost import Cost, CryptoOperation, WornCells
from cardlab.runtime.vm.inspector import MachineInspector, MachineObject
from cardlab.runtime.vm.names import Names

_HEADER = 12  # bytes of a block's header (README.md, Persistent memory)
_OBJECT, _STATICS = 1, 5  # kinds of blocks (Java: cardlab.vm.memory.BlockKind)
_ARRAYS = {10: 1, 11: 1, 12: 2, 13: 4, 14: 2}  # kinds of blocks, with the bytes of an element
_OF_PACKAGES = {3: "package", _STATICS: "static fields of package"}
_OTHERS = {2: "object table", 4: "instance"}
_END = 1 << 31  # no address is as high
_JOURNAL, _FREE = "journal", "free memory"
_CELL = 2  # bytes
_DEEPEST = 3  # objects without a name of their own, one within the other, that are named after the one with a name


@dataclass(frozen=True, slots=True)
class _Block:
    address: int
    size: int
    kind: int
    number: int

    @property
    def content(self) -> int:
        return self.address + _HEADER

    @property
    def end(self) -> int:
        return self.address + self.size


@dataclass(frozen=True, slots=True)
class _Part:
    """Bytes that have a name; of an array, ``element`` is the length of one in bytes."""

    name: str
    start: int
    end: int
    element: int = 0

    def worn(self, start: int, end: int, writes: int) -> WornCells:
        return WornCells(self.name + self._elements(start, end), start, end - start, writes)

    def _elements(self, start: int, end: int) -> str:
        if not self.element:
            return ""
        first, last = ((at - self.start) // self.element for at in (start, end - 1))
        return f"[{first}]" if first == last else f"[{first}..{last}]"


class Costs:
    """Reads what Java added up (cardlab.vm.Costs)."""

    def __init__(self, java: Any, machine: Any, names: Names) -> None:
        self._java = java
        self._machine = machine
        self._names = names

    def read(self) -> Cost:
        """What it is by now."""
        counts = (int(count) for count in self._java.instructions())
        operations = zip(self._java.algorithms(), self._java.lengths(), strict=True)
        return Cost(
            by_opcode={Opcode(code): count for code, count in enumerate(counts) if count},
            writes=int(self._java.writes()),
            wear=tuple(self._worn()),
            crypto=tuple(CryptoOperation(str(algorithm), int(length)) for algorithm, length in operations),
        )

    def _worn(self) -> Iterator[WornCells]:
        parts = _Parts(self._machine.inspector(), self._names)
        for address, length, writes in _groups(self._java.wornBytes(), 3):
            yield from parts.split(address, address + length, writes)


class _Parts:
    """Persistent memory as it is now, in parts that have names."""

    def __init__(self, java: Any, names: Names) -> None:
        self._java = java
        self._names = names
        self._inspector = MachineInspector(java, names)
        self._blocks = [_Block(*one) for one in _groups(java.blocks(), 4)]
        self._journal_end = int(java.journalEnd())
        self._starts = [one.address for one in self._blocks]

    def split(self, start: int, end: int, writes: int) -> Iterator[WornCells]:
        """A run of bytes, cut where another part begins."""
        while start < end:
            part = self._part(start)
            until = min(end, part.end)
            yield part.worn(start, until, writes)
            start = until

    def _part(self, address: int) -> _Part:
        if address < self._journal_end:
            return _Part(_JOURNAL, 0, self._journal_end)
        later = bisect_right(self._starts, address)
        if later and address < self._blocks[later - 1].end:
            return self._in_block(self._blocks[later - 1], address)
        return _Part(_FREE, address, self._starts[later] if later < len(self._starts) else _END)

    def _in_block(self, block: _Block, address: int) -> _Part:
        name = self._name(block)
        if address < block.content:
            return _Part(f"header of {name}", block.address, block.content)
        if block.kind in _ARRAYS:
            return _Part(name, block.content, block.end, _ARRAYS[block.kind])
        fields = list(self._fields(block, name))
        until = min((one.start for one in fields if one.start > address), default=block.end)
        rest = _Part(name, address, until)  # what has no name of its own
        return next((one for one in fields if one.start <= address < one.end), rest)

    def _fields(self, block: _Block, name: str) -> Iterator[_Part]:
        """Those of an object, or the static ones of a package, that have names."""
        if block.kind == _OBJECT:
            for field, (cell, width) in self._inspector.at(block.number).cells().items():
                yield _Part(f"{name}.{field}", block.content + _CELL * cell, block.content + _CELL * cell + width)
        elif block.kind == _STATICS:
            for field, place, width in self._names.static_fields(bytes(self._java.packageAid(block.number))):
                yield _Part(field, block.content + place, block.content + place + width)

    def _name(self, block: _Block) -> str:
        if block.kind in _OF_PACKAGES:
            aid = bytes(self._java.packageAid(block.number)).hex().upper()
            return f"{_OF_PACKAGES[block.kind]} {aid or block.number}"
        if block.kind in _OTHERS:
            return f"{_OTHERS[block.kind]} {block.number}"
        return self._object(self._inspector.at(block.number), _DEEPEST)

    def _object(self, one: MachineObject, deepest: int) -> str:
        """``Purse``; of an array or an object of the API ``Purse.pin``, after the field that refers to it."""
        if self._names.is_known(one.machine_class):
            return one.class_name
        holder, cell = (int(value) for value in self._java.referrer(one.reference))
        if not holder or not deepest:
            return f"{one.class_name} {one.reference}"
        above = self._inspector.at(holder)
        field = next((name for name, (place, _) in above.cells().items() if place == cell), str(cell))
        return f"{self._object(above, deepest - 1)}.{field}"


def _groups(numbers: Iterable[Any], size: int) -> Iterator[tuple[int, ...]]:
    """So many numbers at a time."""
    every = iter(int(one) for one in numbers)
    return zip(*(every,) * size, strict=True)
