"""The constant pool of a Java class file (JVMS 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.octets import Octets


class ConstantTag(IntEnum):
    """Constant pool tags (table 4.4-A)."""

    UTF8 = 1
    INTEGER = 3
    FLOAT = 4
    LONG = 5
    DOUBLE = 6
    CLASS = 7
    STRING = 8
    FIELD = 9
    METHOD = 10
    INTERFACE_METHOD = 11
    NAME_AND_TYPE = 12
    METHOD_HANDLE = 15
    METHOD_TYPE = 16
    INVOKE_DYNAMIC = 18


@dataclass(frozen=True)
class Constant:
    """One pool entry; `value` is a text, a number, or the indices the entry refers to."""

    tag: ConstantTag
    value: str | int | bytes | tuple[int, ...]

    @property
    def indices(self) -> tuple[int, ...]:
        """The indices of an entry that refers to others."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def number(self) -> int | None:
        """The number of an Integer entry."""
        return self.value if isinstance(self.value, int) else None


@dataclass(frozen=True)
class MemberRef:
    """A resolved field or method reference; names with slashes as in the class file."""

    owner: str
    name: str
    descriptor: str
    interface: bool = False


class Pool:
    """The constant pool: index 0 and the second half of longs and doubles are unusable."""

    def __init__(self, entries: list[Constant | None]) -> None:
        self._entries = entries
        self._members: dict[int, MemberRef] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, index: int) -> Constant:
        """The entry at `index`."""
        entry = self._entries[index] if 0 < index < len(self._entries) else None
        if entry is None:
            raise ClassFileError(f"constant pool index {index} is not usable")
        return entry

    def find(self, index: int) -> Constant | None:
        """The entry at `index`; None where there is none."""
        return self._entries[index]

    def _of(self, index: int, *tags: ConstantTag) -> Constant:
        entry = self.get(index)
        if entry.tag not in tags:
            raise ClassFileError(f"constant pool entry {index} is {entry.tag.name}, expected {tags[0].name}")
        return entry

    def utf8(self, index: int) -> str:
        """The text at `index`."""
        return str(self._of(index, ConstantTag.UTF8).value)

    def _indices(self, index: int, *tags: ConstantTag) -> tuple[int, ...]:
        return self._of(index, *tags).indices

    def class_name(self, index: int) -> str:
        """The class or array name (slashes) at `index`."""
        return self.utf8(self._indices(index, ConstantTag.CLASS)[0])

    def member(self, index: int, *tags: ConstantTag) -> MemberRef:
        """The field or method reference at `index`."""
        if self.get(index).tag not in tags or index not in self._members:
            self._members[index] = self._member(index, *tags)
        return self._members[index]

    def _member(self, index: int, *tags: ConstantTag) -> MemberRef:
        owner, name_type = self._indices(index, *tags)
        name, descriptor = self._indices(name_type, ConstantTag.NAME_AND_TYPE)
        interface = self.get(index).tag is ConstantTag.INTERFACE_METHOD
        return MemberRef(self.class_name(owner), self.utf8(name), self.utf8(descriptor), interface)


def _modified_utf8(raw: bytes) -> str:
    # Modified UTF-8 writes NUL in two bytes and characters beyond the BMP as surrogate pairs (JVMS 4.4.7).
    try:
        return raw.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as e:
        raise ClassFileError(f"malformed text constant: {e.reason}") from e


_TAGS = {int(tag): tag for tag in ConstantTag}
_SHAPES: dict[ConstantTag, int] = {
    ConstantTag.CLASS: 1,
    ConstantTag.STRING: 1,
    ConstantTag.METHOD_TYPE: 1,
    ConstantTag.FIELD: 2,
    ConstantTag.METHOD: 2,
    ConstantTag.INTERFACE_METHOD: 2,
    ConstantTag.NAME_AND_TYPE: 2,
    ConstantTag.INVOKE_DYNAMIC: 2,
}


def _read_constant(data: Octets) -> Constant:
    number = data.u1()
    if number not in _TAGS:
        raise data.error(f"unknown constant pool tag {number}")
    tag = _TAGS[number]
    if tag is ConstantTag.UTF8:
        return Constant(tag, _modified_utf8(data.take(data.u2())))
    if tag is ConstantTag.INTEGER:
        return Constant(tag, data.s4())
    if tag is ConstantTag.FLOAT:
        return Constant(tag, data.take(4))
    if tag in (ConstantTag.LONG, ConstantTag.DOUBLE):
        return Constant(tag, data.take(8))
    if tag is ConstantTag.METHOD_HANDLE:
        return Constant(tag, (data.u1(), data.u2()))
    return Constant(tag, tuple(data.u2() for _ in range(_SHAPES[tag])))


def read_pool(data: Octets) -> Pool:
    """The constant pool and its count."""
    count = data.u2()
    entries: list[Constant | None] = [None]
    while len(entries) < count:
        constant = _read_constant(data)
        entries.append(constant)
        if constant.tag in (ConstantTag.LONG, ConstantTag.DOUBLE):
            entries.append(None)
    return Pool(entries)
