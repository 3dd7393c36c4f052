"""CAP files with something changed: other code, another class, another Descriptor; sizes follow unless said."""

from __future__ import annotations

from dataclasses import replace

from cardlab.cap import model as m
from cardlab.cap.constants import PRIMITIVE
from cardlab.cap.container import Component
from cardlab.cap.convert.components import reference_locations
from cardlab.cap.disasm import disassemble, method_code
from cardlab.cap.opcodes import Opcode
from cardlab.cap.reader import CapFile, from_components


def again(cap: CapFile) -> CapFile:
    """The file as its components' values say, read anew."""
    return from_components(cap.encode(), {}, cap.folder)


def sized(cap: CapFile) -> CapFile:
    """The same with the sizes of components that the Directory has to say."""
    raw = cap.encode()
    tags = (Component(n) for n in range(1, len(cap.directory.sizes) + 1))
    sizes = tuple(len(raw[tag]) - tag.header_size if tag in raw else 0 for tag in tags)
    resource = raw.get(Component.STATIC_RESOURCE, b"")
    size = len(resource) - Component.STATIC_RESOURCE.header_size if resource else 0
    of_resources = None if cap.directory.resource_size is None else size
    return again(replace(cap, directory=replace(cap.directory, sizes=sizes, resource_size=of_resources)))


def descriptor(cap: CapFile) -> m.Descriptor:
    """The Descriptor component, which files of the corpus have."""
    assert cap.descriptor is not None
    return cap.descriptor


def at_name(cap: CapFile, offset: int) -> int:
    """The place of the class at that offset among the classes of the Descriptor."""
    return next(n for n, c in enumerate(descriptor(cap).classes) if c.ref == offset)


def with_class(cap: CapFile, n: int, **values: object) -> CapFile:
    """Another class in the Class component; -1 is the last, whose size may change without moving others."""
    items = list(cap.classes.items)
    items[n] = replace(items[n], **values)  # type: ignore[arg-type]
    return sized(replace(cap, classes=replace(cap.classes, items=tuple(items))))


def with_descriptor(cap: CapFile, n: int, **values: object) -> CapFile:
    """Another class in the Descriptor."""
    classes = list(descriptor(cap).classes)
    classes[n] = replace(classes[n], **values)  # type: ignore[arg-type]
    return sized(replace(cap, descriptor=replace(descriptor(cap), classes=tuple(classes))))


def with_method(cap: CapFile, method: m.MethodDescriptor, **values: object) -> CapFile:
    """Another description of a method."""
    n = next(n for n, c in enumerate(descriptor(cap).classes) if method in c.methods)
    other = replace(method, **values)  # type: ignore[arg-type]
    methods = descriptor(cap).classes[n].methods
    return with_descriptor(cap, n, methods=tuple(other if x == method else x for x in methods))


def with_code(cap: CapFile, code: bytes, method: m.MethodDescriptor) -> CapFile:
    """Other code of a method that is no longer than its own, filled up with nop; reference locations follow."""
    header, old = method_code(cap, method)
    assert len(code) <= len(old)
    start = method.offset + header.size
    info = cap.methods.info
    methods = replace(cap.methods, info=info[:start] + code.ljust(len(old), b"\0") + info[start + len(old) :])
    return sized(replace(cap, methods=methods, locations=_locations(cap, start, start + len(old), code)))


def _locations(cap: CapFile, start: int, end: int, code: bytes) -> m.ReferenceLocations:
    places = {
        1: list(cap.locations.places(cap.locations.one_byte)),
        2: list(cap.locations.places(cap.locations.two_byte)),
    }
    places = {k: [p for p in v if not start <= p < end] for k, v in places.items()}
    for i in disassemble(code):
        cast = i.opcode in (Opcode.CHECKCAST, Opcode.INSTANCEOF) and i.operands[0] not in (0, 14)
        if i.pool_at and not cast:
            places[2 if i.end - i.address >= 3 else 1].append(start + i.address + i.pool_at)
    one, two = (reference_locations(sorted(places[k]))[2:] for k in (1, 2))
    return m.ReferenceLocations(one, two)


def with_type_table(cap: CapFile, pool_types: tuple[int, ...]) -> CapFile:
    """Another number of types of constants; all types move, as their offsets count from the first of these."""
    d = descriptor(cap)
    by = 2 * (len(pool_types) - len(d.pool_types))

    def moved(t: int) -> int:
        return t if t >= PRIMITIVE else t + by

    classes = tuple(
        replace(
            c,
            fields=tuple(replace(f, type=moved(f.type)) for f in c.fields),
            methods=tuple(replace(x, type=moved(x.type)) for x in c.methods),
        )
        for c in d.classes
    )
    types = tuple(moved(t) for t in pool_types)
    return sized(replace(cap, descriptor=replace(d, classes=classes, pool_types=types)))
