"""The places of static fields in the image (JCVM 3.0.4, 6.11)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.constants import PRIMITIVE_SIZES, TypeCode
from cardlab.cap.convert.classes import JField
from cardlab.cap.convert.jpackage import JPackage
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.octets import u1, u2

_ARRAY_TYPES = {"[Z": TypeCode.BOOLEAN, "[B": TypeCode.BYTE, "[S": TypeCode.SHORT, "[I": TypeCode.INT}
"""The type byte of an initialised array (table 6-16)."""


@dataclass(frozen=True)
class StaticImage:
    """The static field image: the component's bytes and what the directory repeats of it."""

    info: bytes
    size: int
    array_count: int
    array_bytes: int


def _width(f: JField) -> int:
    return {"B": 1, "Z": 1, "I": 4}.get(f.descriptor, 2)


def _bytes(value: int, width: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4, "big")[-width:]


def constant_array(f: JField) -> bool:
    """Whether a static is an array with a value, or a final one that is null: the kits keep the two together."""
    return f.array is not None or bool(f.access & AccessFlag.FINAL and f.descriptor.startswith("["))


def lay_out(package: JPackage) -> StaticImage:
    """Give each static field its offset: initialised arrays, other references, zeros, other numbers (table 6-14)."""
    fields = [f for c in package.classes for f in c.fields if f.is_static and not f.inlined]
    arrays = [f for f in fields if f.array is not None]
    nulls = [f for f in fields if f.is_reference and f.array is None]
    nulls.sort(key=lambda f: not constant_array(f))
    zeros = [f for f in fields if not f.is_reference and f.value == 0]
    numbers = [f for f in fields if not f.is_reference and f.value != 0]
    offset = 0
    for f in (*arrays, *nulls, *zeros, *numbers):
        f.offset = offset
        offset += _width(f)
    values = b"".join(_bytes(f.value, _width(f)) for f in numbers)
    rows, total = b"", 0
    for f in arrays:
        kind = _ARRAY_TYPES[f.descriptor]
        width = PRIMITIVE_SIZES[kind]
        raw = b"".join(_bytes(v, width) for v in f.array or ())
        rows += u1(kind) + u2(len(raw)) + raw
        total += len(raw)
    info = u2(offset) + u2(len(arrays) + len(nulls)) + u2(len(arrays)) + rows
    info += u2(sum(_width(f) for f in zeros)) + u2(len(values)) + values
    return StaticImage(info, offset, len(arrays), total)
