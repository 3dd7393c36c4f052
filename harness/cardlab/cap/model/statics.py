"""StaticField component (JCVM 3.0.4, 6.11)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.classfile.octets import Octets, u1, u2


@dataclass(frozen=True)
class StaticArray:
    """array_init_info: type byte and values (6.11)."""

    type: int
    values: bytes


@dataclass(frozen=True)
class StaticFields:
    """StaticField component (6.11)."""

    image_size: int
    reference_count: int
    arrays: tuple[StaticArray, ...]
    default_bytes: int
    values: bytes

    @staticmethod
    def read(d: Octets) -> StaticFields:
        image_size, references = d.u2(), d.u2()
        arrays = []
        for _ in range(d.u2()):
            kind = d.u1()
            arrays.append(StaticArray(kind, d.take(d.u2())))
        defaults = d.u2()
        return StaticFields(image_size, references, tuple(arrays), defaults, d.take(d.u2()))

    def encode(self) -> bytes:
        out = u2(self.image_size) + u2(self.reference_count) + u2(len(self.arrays))
        out += b"".join(u1(a.type) + u2(len(a.values)) + a.values for a in self.arrays)
        return out + u2(self.default_bytes) + u2(len(self.values)) + self.values
