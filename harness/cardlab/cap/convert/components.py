"""The bytes of the Class, Method, RefLocation, Export, Import, Applet, Header and Directory components (chapter 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cardlab.cap.constants import (
    ELSEWHERE,
    FAR,
    HANDLER_SIZE,
    NO_REFERENCE,
    NO_TOKEN,
    PACKAGE_VISIBLE,
    STOP_BIT,
    ClassFlag,
    PackageFlag,
)
from cardlab.cap.container import Component
from cardlab.cap.convert.assemble import Assembled, TooLongError, abstract_header, assemble
from cardlab.cap.convert.classes import (
    VISIBLE,
    JClass,
    JField,
    JMethod,
    Slot,
    exported_virtuals,
    is_shareable,
)
from cardlab.cap.convert.code import Body
from cardlab.cap.convert.jpackage import JPackage
from cardlab.cap.convert.pool import ConstantPool, ImportedPackages
from cardlab.cap.convert.problems import Problems
from cardlab.cap.convert.statics import StaticImage
from cardlab.cap.exportfile import ExportedClass
from cardlab.cap.model.package import MAGIC
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.octets import u1, u2, u4

_NO_METHOD = 0xFF  # an interface method that an abstract class leaves out
_MOST_HANDLERS = 255  # a count of one byte (6.10)
_IN_DIRECTORY = tuple(c for c in Component if c < Component.DEBUG)  # format 2.1
_WITH_DEBUG = (*_IN_DIRECTORY, Component.DEBUG)  # from format 2.2 on
COMPACT = (2, 3)
"""CAP format of Java Card 3.1 and 3.2, compact."""


@dataclass(frozen=True)
class MethodComponent:
    """The component's info and the places of pool indices in it."""

    info: bytes
    one_byte: tuple[int, ...]
    two_byte: tuple[int, ...]


def methods_of(package: JPackage) -> list[JMethod]:
    """All methods that have a place in the Method component."""
    return [m for c in package.classes if not c.is_interface for m in c.methods]


def method_component(package: JPackage, bodies: dict[JMethod, Body], pool: ConstantPool) -> MethodComponent:
    """Lay the methods out; their offsets are set."""
    done: list[tuple[JMethod, Assembled | None]] = []
    handler_count = 0
    problems = Problems()
    for m in methods_of(package):
        body, assembled = bodies.get(m), None
        if body is not None:
            try:
                assembled = assemble(body, pool, not m.access & AccessFlag.STATIC)
            except TooLongError as e:
                problems.error(m.owner.name, m.name, 0, str(e))
        if assembled is not None:
            m.handlers, m.first_handler = len(assembled.handlers), handler_count if assembled.handlers else 0
            m.size, m.header_size, m.lines = assembled.size, assembled.header_size, assembled.lines
            handler_count += m.handlers
        done.append((m, assembled))
    problems.stop()
    if handler_count > _MOST_HANDLERS:
        raise TooLongError(f"{handler_count} exception handlers; a package can have {_MOST_HANDLERS}")
    at = 1 + HANDLER_SIZE * handler_count
    rows, code = b"", b""
    ones: list[int] = []
    twos: list[int] = []
    for m, assembled in done:
        m.offset = at
        if assembled is None:
            data = abstract_header(m.argument_words)
        else:
            data = assembled.data
            twos += [1 + len(rows) + HANDLER_SIZE * n + 6 for n, h in enumerate(assembled.handlers) if h.catch_type]
            rows += _handlers(assembled, at + assembled.header_size)
            ones += [at + p for p in assembled.one_byte]
            twos += [at + p for p in assembled.two_byte]
        code += data
        at += len(data)
    if at > 0xFFFF:
        raise TooLongError(f"the methods have {at} bytes; a package can have 65535")
    return MethodComponent(u1(handler_count) + rows + code, tuple(ones), tuple(sorted(twos)))


def _handlers(method: Assembled, start: int) -> bytes:
    out = b""
    for n, h in enumerate(method.handlers):
        later = method.handlers[n + 1 :]
        nested = any(o.start < h.start + h.length and h.start < o.start + o.length for o in later)
        bits = h.length | (0 if nested else STOP_BIT)
        out += u2(start + h.start) + u2(bits) + u2(start + h.target) + u2(h.catch_type)
    return out


def reference_locations(places: Sequence[int]) -> bytes:
    """Distances from one place to the next; 255 stands for 'add 255 and go on' (6.12)."""
    out, last = b"", 0
    for p in places:
        distance, last = p - last, p
        while distance >= FAR:
            out += u1(FAR)
            distance -= FAR
        out += u1(distance)
    return u2(len(out)) + out


def class_component(package: JPackage, imports: ImportedPackages, cap_format: tuple[int, int]) -> bytes:
    """interface_info and class_info of every class; the classes' offsets must be set."""
    return _signatures(cap_format) + b"".join(_class_info(c, package, imports, cap_format) for c in package.classes)


def _signatures(cap_format: tuple[int, int]) -> bytes:
    """The signature pool, which only remote interfaces fill: those are refused (6.9)."""
    return u2(0) if cap_format >= COMPACT else b""


def set_class_offsets(package: JPackage, imports: ImportedPackages, cap_format: tuple[int, int]) -> None:
    """Offsets of the classes in the component; sizes do not depend on what the references hold."""
    at = len(_signatures(cap_format))
    for c in package.classes:
        c.offset = at
        at += len(_class_info(c, package, imports, cap_format))


def _class_info(c: JClass, package: JPackage, imports: ImportedPackages, cap_format: tuple[int, int]) -> bytes:
    flags = ClassFlag(0)
    if c.is_interface:
        flags |= ClassFlag.INTERFACE
    if is_shareable(c):
        flags |= ClassFlag.SHAREABLE
    if c.is_interface:
        return u1(flags | len(c.interfaces)) + b"".join(imports.class_ref(i) for i in c.interfaces)
    references = [f.token for f in c.fields if not f.is_static and f.is_reference]
    out = u1(flags | len(c.interfaces)) + imports.class_ref(c.parent) + u1(c.instance_size)
    out += u1(references[0] if references else NO_REFERENCE) + u1(len(references))
    public, package_visible = _table(c, False), _table(c, True)
    out += u1(public[0]) + u1(len(public[1])) + u1(package_visible[0]) + u1(len(package_visible[1]))
    out += b"".join(u2(o) for o in (*public[1], *package_visible[1]))
    for i in c.interfaces:
        slots = package.interface_slots(i)
        tokens = [c.public_table.index(s) if s in c.public_table else _NO_METHOD for s in slots]
        out += imports.class_ref(i) + u1(len(tokens)) + bytes(tokens)
    return out + (_mapping(c) if cap_format >= COMPACT else b"")


def _mapping(c: JClass) -> bytes:
    """For each public token that of the superclass's method, then the number of inheritable ones (JCVM 3.1, 6.9)."""
    parent = c.parent
    above = parent.public_table if isinstance(parent, JClass) else exported_virtuals(parent)
    count = len(c.public_table)
    return bytes(token if token < len(above) else NO_TOKEN for token in range(count)) + u1(count)


def _table(c: JClass, package_visible: bool) -> tuple[int, list[int]]:
    """Base and offsets of a virtual method table: from the lowest token that the class itself defines (6.9.2)."""
    slots = c.package_table if package_visible else c.public_table
    own = [m.token for m in c.methods if m.is_virtual and bool(m.token & PACKAGE_VISIBLE) == package_visible]
    base = min(own) & ~PACKAGE_VISIBLE if own else len(slots)
    return base, [_slot_offset(c, s) for s in slots[base:]]


def _slot_offset(c: JClass, slot: Slot) -> int:
    at: JClass | ExportedClass | None = c
    while isinstance(at, JClass):
        found = at.method(slot)
        if found is not None and found.is_virtual:
            return found.offset
        at = at.superclass
    return ELSEWHERE


def exported_classes(package: JPackage, applets: bool) -> list[JClass]:
    """What other packages can see: all public classes of a library, of an applet package shareable interfaces only."""
    public = [c for c in package.classes if c.is_public]
    return [c for c in public if c.is_interface and is_shareable(c)] if applets else public


def exported_fields(c: JClass) -> list[JField]:
    """Visible static fields with a place on the card, by token."""
    return [f for f in c.fields if f.is_static and f.access & VISIBLE and not f.inlined]


def exported_statics(c: JClass) -> list[JMethod]:
    """Visible static methods and constructors, by token."""
    return [m for m in c.methods if m.access & VISIBLE and not m.is_virtual]


def export_component(classes: Sequence[JClass]) -> bytes:
    """class_export_info of each exported class (6.13); empty when there is none."""
    out = b""
    for c in classes:
        fields = [] if c.is_interface else exported_fields(c)
        methods = [] if c.is_interface else exported_statics(c)
        out += u2(c.offset) + u1(len(fields)) + u1(len(methods))
        out += b"".join(u2(f.offset) for f in fields) + b"".join(u2(m.offset) for m in methods)
    return u1(len(classes)) + out if classes else b""


def import_component(imports: ImportedPackages) -> bytes:
    """package_info of each import (6.7)."""
    rows = [u1(p.version[1]) + u1(p.version[0]) + u1(len(p.aid)) + p.aid for p in imports.packages]
    return u1(len(rows)) + b"".join(rows)


def applet_component(applets: Sequence[tuple[bytes, int]]) -> bytes:
    """AID and install method offset of each applet (6.6); empty when there is none."""
    rows = [u1(len(aid)) + aid + u2(offset) for aid, offset in applets]
    return u1(len(rows)) + b"".join(rows) if rows else b""


def header_component(aid: bytes, version: tuple[int, int], flags: PackageFlag, cap_format: tuple[int, int]) -> bytes:
    """Header (6.4); in format 2.3 with an empty package name, as kits write it."""
    head = u4(MAGIC) + bytes((cap_format[1], cap_format[0], flags, version[1], version[0], len(aid))) + aid
    return head + (u1(0) if cap_format >= COMPACT else b"")


def directory_component(
    info: Mapping[Component, bytes],
    image: StaticImage,
    import_count: int,
    applet_count: int,
    cap_format: tuple[int, int],
) -> bytes:
    """Sizes of all components by tag, its own included (6.5)."""
    statics = u2(image.size) + u2(image.array_count) + u2(image.array_bytes)
    rest = statics + u1(import_count) + u1(applet_count) + u1(0)
    sizes = {tag: len(data) for tag, data in info.items()}
    listed = _IN_DIRECTORY
    if cap_format >= COMPACT:
        listed, rest = _WITH_DEBUG, u4(sizes.get(Component.STATIC_RESOURCE, 0)) + rest
    sizes[Component.DIRECTORY] = 2 * len(listed) + len(rest)
    return b"".join(u2(sizes.get(tag, 0)) for tag in listed) + rest
