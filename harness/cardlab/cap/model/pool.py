"""ConstantPool component (JCVM 3.0.4, 6.8)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.constants import PoolTag
from cardlab.cap.model.refs import ClassRef
from cardlab.classfile.octets import Octets, u1, u2

_EXTERNAL = 0x80
_TAGS = {int(tag): tag for tag in PoolTag}


@dataclass(frozen=True)
class PoolItem:
    """A constant pool entry: a tag and three bytes (6.8)."""

    tag: PoolTag
    data: bytes

    @property
    def class_ref(self) -> ClassRef:
        """The class, unless this is a static of the package itself."""
        return ClassRef.from_bytes(self.data[:2], "big")

    @property
    def token(self) -> int:
        """The member token, unless this is a class or a static of the package itself."""
        return self.data[2]

    @property
    def is_external(self) -> bool:
        """Whether the class is in an imported package."""
        return bool(self.data[0] & _EXTERNAL)

    @property
    def offset(self) -> int:
        """The offset of an internal static field or method."""
        return int.from_bytes(self.data[1:], "big")


def read_pool(d: Octets) -> tuple[PoolItem, ...]:
    """ConstantPool component."""
    out = []
    for _ in range(d.u2()):
        number = d.u1()
        if number not in _TAGS:
            raise d.error(f"unknown constant pool tag {number}")
        out.append(PoolItem(_TAGS[number], d.take(3)))
    return tuple(out)


def encode_pool(pool: tuple[PoolItem, ...]) -> bytes:
    """ConstantPool component."""
    return u2(len(pool)) + b"".join(u1(i.tag) + i.data for i in pool)
