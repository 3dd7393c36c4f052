"""Export component (JCVM 3.0.4, 6.13)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.classfile.octets import Octets, u1, u2


@dataclass(frozen=True)
class ExportedClassInfo:
    """class_export_info (6.13)."""

    offset: int
    fields: tuple[int, ...]
    methods: tuple[int, ...]


def read_exports(d: Octets) -> tuple[ExportedClassInfo, ...]:
    """Export component."""
    out = []
    for _ in range(d.u1()):
        offset, fields, methods = d.u2(), d.u1(), d.u1()
        field_offsets = tuple(d.u2() for _ in range(fields))
        out.append(ExportedClassInfo(offset, field_offsets, tuple(d.u2() for _ in range(methods))))
    return tuple(out)


def encode_exports(exports: tuple[ExportedClassInfo, ...]) -> bytes:
    """Export component."""
    out = u1(len(exports))
    for c in exports:
        out += u2(c.offset) + u1(len(c.fields)) + u1(len(c.methods)) + b"".join(u2(o) for o in (*c.fields, *c.methods))
    return out
