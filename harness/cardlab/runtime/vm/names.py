"""Names and lines of what is loaded, from Debug components that come beside load files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Protocol

from cardlab.cap.container import Component
from cardlab.cap.debug import DebugClass, DebugInfo, read_debug

_NOTHING = DebugInfo()
_CLASS = re.compile(r"\b([0-9A-F]{10,32})[./]class(\d+)\b")
_STATIC_WIDTHS = {"B": 1, "Z": 1, "I": 4}  # bytes in the static field image; of all others 2 (JCVM 3.0.5, 6.10)
_DROPPED = (Component.DIRECTORY, Component.REFERENCE_LOCATION, Component.DESCRIPTOR, Component.DEBUG)


def counted(places: Iterable[str]) -> Iterator[str]:
    """Places of which one that repeats, as those of a method that calls itself do, is told once with its number."""
    for place, same in groupby(places):
        times = sum(1 for _ in same)
        yield place if times == 1 else f"{place} ({times} times)"


class _Converted(Protocol):
    @property
    def debug(self) -> bytes: ...


class Described(Protocol):
    """A load file with its Debug component: an Executable."""

    @property
    def data_block(self) -> bytes: ...
    @property
    def converted(self) -> _Converted: ...


class Names:
    """Finds a package's Debug component by what ``kept_of`` says that the card keeps of its load file."""

    def __init__(self, known: Iterable[Described], kept_of: Callable[[bytes], bytes]) -> None:
        self._known = known
        self._kept_of = kept_of
        self._infos: dict[bytes, DebugInfo] = {}

    def forget(self) -> None:
        """Packages come or go."""
        self._infos.clear()

    def place(self, located: str) -> str:
        """``Class.method(File.java:12)`` for a place as the machine says it, else what is known."""
        if located.startswith("- ") or not located:
            return located.removeprefix("- ").partition("(")[0]
        aid, method, at = located.split()
        found = self._info(bytes.fromhex(aid)).method(int(method))
        if found is None:
            return f"{aid} method@{method}+{int(at) - int(method)}"
        owner, one = found
        line = one.line(int(at))
        return f"{owner.name}.{one.name}({owner.source}{f':{line}' if line else ''})"

    def class_name(self, machine_name: str) -> str:
        """The Java name of ``AID/classN``; any other name with dots."""
        found = self._class(machine_name)
        return found.name if found else machine_name.replace("/", ".")

    def in_words(self, text: str) -> str:
        """A text of the machine with the names of classes in it."""
        return _CLASS.sub(lambda found: self.class_name(f"{found[1]}/class{found[2]}"), text)

    def field(self, machine_class: str, token: int) -> str | None:
        """The name of an instance field; None when it is not known, or the token is an int's second half."""
        found = self._class(machine_class)
        if found is None:
            return None
        return next((f.name for f in found.fields if not f.is_static and f.place == token), None)

    def static_fields(self, aid: bytes) -> Iterator[tuple[str, int, int]]:
        """``Class.field`` of a package's static fields that are known, place in the static field image, bytes."""
        for owner in self._info(aid).classes:
            for one in owner.fields:
                if one.is_static:
                    yield f"{owner.name}.{one.name}", one.place, _STATIC_WIDTHS.get(one.descriptor, 2)

    def is_integer(self, machine_class: str, token: int) -> bool:
        """Whether a field takes two cells."""
        found = self._class(machine_class)
        fields = found.fields if found else ()
        return any(f.place == token and f.descriptor == "I" and not f.is_static for f in fields)

    def is_known(self, machine_class: str) -> bool:
        """Whether there are names for a class."""
        return self._class(machine_class) is not None

    def _class(self, machine_name: str) -> DebugClass | None:
        aid, _, number = machine_name.partition("/class")
        if not number.isdecimal():
            return None
        ordered = sorted(self._info(bytes.fromhex(aid)).classes, key=lambda one: one.location)
        return ordered[int(number)] if int(number) < len(ordered) else None

    def _info(self, aid: bytes) -> DebugInfo:
        if aid not in self._infos:
            self._infos[aid] = self._looked_up(aid)
        return self._infos[aid]

    def _looked_up(self, aid: bytes) -> DebugInfo:
        kept = self._kept_of(aid)
        found = (one for one in self._known if kept and kept_of_file(one.data_block) == kept)
        return next((_read(one.converted.debug) for one in found), _NOTHING)


@cache
def kept_of_file(data_block: bytes) -> bytes:
    """The components that the card keeps (Java: cardlab.vm.link.Cap)."""
    parts, at = [], 0
    while at < len(data_block):
        tag = Component(data_block[at])
        start = at + tag.header_size
        end = start + int.from_bytes(data_block[at + 1 : start], "big")
        if tag not in _DROPPED:
            parts.append(data_block[at:end])
        at = end
    return b"".join(parts)


@cache
def _read(raw: bytes) -> DebugInfo:
    return read_debug(raw)
