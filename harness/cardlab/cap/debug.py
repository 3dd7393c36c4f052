"""Reads a Debug component (JCVM 3.0.5, section 6.15): names of classes, fields and methods, and source lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cardlab.cap.container import Component
from cardlab.cap.errors import CapError
from cardlab.classfile.octets import Octets

SOURCE_MAP = "APPLET-INF/source-map.bin"
"""Where a CAP file carries a Debug component that is none of its components."""
_STATIC = 0x0008


@dataclass(frozen=True)
class DebugField:
    """A field; ``place`` is its token, or its offset in the static field image."""

    name: str
    descriptor: str
    is_static: bool
    place: int


@dataclass(frozen=True)
class DebugMethod:
    """A method; ``location`` is its header's place in the Method component's info.

    ``lines`` are (first, last, line), offsets from the first instruction.
    """

    name: str
    descriptor: str
    location: int
    header_size: int
    body_size: int
    lines: tuple[tuple[int, int, int], ...]

    def line(self, at: int) -> int:
        """The source line of the instruction at this place in the Method component's info; 0 when none is known."""
        offset = at - self.location - self.header_size
        return next((line for first, last, line in self.lines if first <= offset <= last), 0)


@dataclass(frozen=True)
class DebugClass:
    """A class; ``location`` is its place in the Class component's info. Names have dots."""

    name: str
    location: int
    source: str
    fields: tuple[DebugField, ...]
    methods: tuple[DebugMethod, ...]


@dataclass(frozen=True)
class DebugInfo:
    """What a Debug component says of a package; nothing, when it is empty."""

    classes: tuple[DebugClass, ...] = ()

    def method(self, location: int) -> tuple[DebugClass, DebugMethod] | None:
        """The method whose header is there, with its class."""
        found = ((one, m) for one in self.classes for m in one.methods if m.location == location)
        return next(found, None)


def read_debug(raw: bytes) -> DebugInfo:
    """Read the component with tag and size, or nothing; CapError when it is damaged."""
    if not raw:
        return DebugInfo()
    d = Octets(raw, CapError, "Debug component")
    if d.u1() != Component.DEBUG or d.u2() != len(raw) - 3:
        raise d.error("tag or size is wrong")
    strings = tuple(d.take(d.u2()).decode("utf-8", "replace") for _ in range(d.u2()))
    d.u2()
    try:
        return DebugInfo(tuple(_class(d, strings) for _ in range(d.u2())))
    except IndexError:
        raise d.error(f"a name is none of the {len(strings)} strings") from None


def debug_of(raw: Mapping[Component, bytes], files: Mapping[str, bytes]) -> DebugInfo:
    """What a CAP file's Debug component, or its source map, says; nothing when it has neither."""
    return read_debug(raw.get(Component.DEBUG) or files.get(SOURCE_MAP, b""))


def _class(d: Octets, strings: tuple[str, ...]) -> DebugClass:
    name, _, location, _, source = strings[d.u2()], d.u4(), d.u2(), d.u2(), strings[d.u2()]
    interfaces, fields, methods = d.u1(), d.u2(), d.u2()
    d.take(2 * interfaces)
    read = tuple(_field(d, strings) for _ in range(fields))
    return DebugClass(
        name.replace("/", "."), location, source, read, tuple(_method(d, strings) for _ in range(methods))
    )


def _field(d: Octets, strings: tuple[str, ...]) -> DebugField:
    name, descriptor, access = strings[d.u2()], strings[d.u2()], d.u4()
    content = d.u4()
    static = bool(access & _STATIC)
    return DebugField(name, descriptor, static, content & 0xFFFF if static else content & 0xFF)


def _method(d: Octets, strings: tuple[str, ...]) -> DebugMethod:
    name, descriptor, _, location = strings[d.u2()], strings[d.u2()], d.u4(), d.u2()
    header, body, variables, lines = d.u1(), d.u2(), d.u2(), d.u2()
    d.take(9 * variables)
    rows = tuple((d.u2(), d.u2(), d.u2()) for _ in range(lines))
    return DebugMethod(name, descriptor, location, header, body, rows)
