"""The type descriptors of the Descriptor component, and what uses them (JCVM 3.0.5, 6.14)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import NO_TYPE, PRIMITIVE_SIZES, PackageFlag, TypeCode
from cardlab.cap.model import Descriptor
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule


def _used(d: Descriptor) -> set[int]:
    """The offsets of all types that something has."""
    used = {t for t in d.pool_types if t != NO_TYPE}
    for c in d.classes:
        used |= {m.type for m in c.methods} | {f.type for f in c.fields if f.is_reference}
    return used


def _places(d: Descriptor) -> Iterator[Finding]:
    """Every type descriptor is used, and they follow one another without gaps."""
    used, starts = _used(d), set()
    base = at = 2 + 2 * len(d.pool_types)
    while at < base + len(d.types):
        starts.add(at)
        nibbles = d.types[at - base]
        at += 1 + (nibbles + 1) // 2
        if nibbles % 2 and at <= base + len(d.types) and d.types[at - base - 1] & 0xF:
            yield Rule.TYPE_PADDING.broken(f"Descriptor: the last nibble of the type before {at} is not 0")
    if at != base + len(d.types):
        yield Rule.TYPE_WHOLE.broken("Descriptor: the last type is cut off")
        return
    for t in sorted(used - starts):
        yield Rule.TYPE_PLACE.broken(f"Descriptor: there is no type at {t}")
    for t in sorted(starts - used):
        yield Rule.TYPE_USED.broken(f"Descriptor: the type at {t} is not used")


def _members(d: Descriptor, resolver: Resolver) -> Iterator[Finding]:
    """Types of fields are fields', those of methods methods'."""
    for c in d.classes:
        for f in c.fields:
            if f.is_reference:
                resolver.types.field(f.type)
            elif f.primitive not in PRIMITIVE_SIZES:
                yield Rule.FIELD_TYPE_CODE.broken(f"Descriptor: field type 0x{f.type:04x}")
        for m in c.methods:
            resolver.types.signature(m.type)


def _ints(d: Descriptor, resolver: Resolver) -> Iterator[Finding]:
    primitive = any(f.primitive == TypeCode.INT for c in d.classes for f in c.fields)
    if primitive or any(resolver.types.has_int(t) for t in sorted(_used(d))):
        yield Rule.TYPE_INT.broken("Descriptor: an int in a package without int")


def check_types(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """All findings."""
    places = list(_places(resolver.descriptor))
    yield from places
    yield from _members(resolver.descriptor, resolver)
    if not places and PackageFlag.INT not in cap.header.flags:
        yield from _ints(resolver.descriptor, resolver)
