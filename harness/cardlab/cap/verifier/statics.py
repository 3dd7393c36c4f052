"""The StaticField component (JCVM 3.0.5, 6.11)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import PRIMITIVE_SIZES, TypeCode
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule
from cardlab.cap.verifier.types import OF_CODE

_REFERENCE = 2  # bytes of a reference in the image


def check_statics(cap: CapFile, _: Resolver) -> Iterator[Finding]:
    """Sizes and types."""
    s = cap.statics
    if 2 * s.reference_count + s.default_bytes + len(s.values) != s.image_size:
        yield Rule.STATIC_SEGMENTS.broken("StaticField: the segments do not add up to the image size")
    for n, a in enumerate(s.arrays):
        if len(a.values) % PRIMITIVE_SIZES.get(a.type, 1):
            yield Rule.STATIC_ARRAY_SIZE.broken(f"StaticField: array {n} of type {a.type} has {len(a.values)} bytes")
        if a.type == TypeCode.BOOLEAN and max(a.values, default=0) > 1:
            yield Rule.STATIC_BOOLEANS.broken(f"StaticField: array {n} of booleans has the value {max(a.values)}")


def check_static_booleans(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """Values of the static booleans that do not begin as false."""
    s = cap.statics
    first = _REFERENCE * s.reference_count + s.default_bytes
    for f in (f for c in resolver.descriptor.classes for f in c.fields if f.is_static):
        at = f.image_offset - first
        if f.primitive == TypeCode.BOOLEAN and 0 <= at < len(s.values) and s.values[at] > 1:
            yield Rule.STATIC_BOOLEAN.broken(f"StaticField: the boolean at {f.image_offset} begins as {s.values[at]}")


def check_static_arrays(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """Initialised arrays belong to the first fields of the image, and are of their types."""
    fields = {f.image_offset: f for c in resolver.descriptor.classes for f in c.fields if f.is_static}
    for n, a in enumerate(cap.statics.arrays):
        field = fields.get(_REFERENCE * n)
        declared = resolver.types.field(field.type) if field and field.is_reference else "nothing"
        if declared != f"[{OF_CODE.get(a.type, '?').lower()}":
            yield Rule.STATIC_ARRAY_FIELD.broken(
                f"StaticField: array {n} of type {a.type} is the value of a field of type {declared}"
            )
