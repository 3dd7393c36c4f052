"""Descriptor component (JCVM 3.0.4, 6.14)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.constants import PRIMITIVE, ClassAccess, FieldAccess, MethodAccess
from cardlab.cap.errors import CapError
from cardlab.cap.model.refs import ClassRef
from cardlab.classfile.octets import Octets, u1, u2

_NOT_VIRTUAL = MethodAccess.STATIC | MethodAccess.PRIVATE | MethodAccess.INIT


@dataclass(frozen=True)
class FieldDescriptor:
    """field_descriptor_info (6.14.2); `ref` are the three bytes of the reference."""

    token: int
    flags: FieldAccess
    ref: bytes
    type: int

    @property
    def is_static(self) -> bool:
        """Whether the field is static."""
        return FieldAccess.STATIC in self.flags

    @property
    def is_reference(self) -> bool:
        """Whether the type is a class or an array, described at the offset `type`."""
        return not self.type & PRIMITIVE

    @property
    def primitive(self) -> int:
        """The TypeCode of a primitive type (table 6-20), or another number that a malformed file has there; else 0."""
        return self.type & ~PRIMITIVE if self.type & PRIMITIVE else 0

    @property
    def image_offset(self) -> int:
        """The offset of a static field in the image."""
        return int.from_bytes(self.ref, "big")

    @property
    def owner(self) -> ClassRef:
        """The class of an instance field."""
        return ClassRef.from_bytes(self.ref[:2], "big")


@dataclass(frozen=True)
class MethodDescriptor:
    """method_descriptor_info (6.14.3)."""

    token: int
    flags: MethodAccess
    offset: int
    type: int
    size: int
    handler_count: int
    first_handler: int

    @property
    def is_static(self) -> bool:
        """Whether the method is static."""
        return MethodAccess.STATIC in self.flags

    @property
    def is_abstract(self) -> bool:
        """Whether the method has no code."""
        return MethodAccess.ABSTRACT in self.flags

    @property
    def is_constructor(self) -> bool:
        """Whether the method is a constructor."""
        return MethodAccess.INIT in self.flags

    @property
    def is_virtual(self) -> bool:
        """Whether the method has a virtual method token: neither static, private nor a constructor."""
        return not self.flags & _NOT_VIRTUAL


@dataclass(frozen=True)
class ClassDescriptor:
    """class_descriptor_info (6.14.1)."""

    token: int
    flags: ClassAccess
    ref: ClassRef
    interfaces: tuple[ClassRef, ...]
    fields: tuple[FieldDescriptor, ...]
    methods: tuple[MethodDescriptor, ...]

    @property
    def is_interface(self) -> bool:
        """Whether this is an interface, whose methods have no place in the Method component."""
        return ClassAccess.INTERFACE in self.flags

    @staticmethod
    def read(d: Octets) -> ClassDescriptor:
        token, flags, ref = d.u1(), ClassAccess(d.u1()), ClassRef(d.u2())
        interfaces, fields, methods = d.u1(), d.u2(), d.u2()
        refs = tuple(ClassRef(d.u2()) for _ in range(interfaces))
        f = tuple(FieldDescriptor(d.u1(), FieldAccess(d.u1()), d.take(3), d.u2()) for _ in range(fields))
        m = tuple(MethodDescriptor(d.u1(), MethodAccess(d.u1()), *(d.u2() for _ in range(5))) for _ in range(methods))
        return ClassDescriptor(token, flags, ref, refs, f, m)

    def encode(self) -> bytes:
        out = bytes((self.token, self.flags)) + u2(self.ref) + u1(len(self.interfaces))
        out += u2(len(self.fields)) + u2(len(self.methods)) + b"".join(u2(i) for i in self.interfaces)
        out += b"".join(u1(f.token) + u1(f.flags) + f.ref + u2(f.type) for f in self.fields)
        for m in self.methods:
            out += bytes((m.token, m.flags)) + u2(m.offset) + u2(m.type) + u2(m.size)
            out += u2(m.handler_count) + u2(m.first_handler)
        return out


@dataclass(frozen=True)
class Descriptor:
    """Descriptor component (6.14); `types` is the table behind the constant pool types."""

    classes: tuple[ClassDescriptor, ...]
    pool_types: tuple[int, ...]
    types: bytes

    @staticmethod
    def read(d: Octets) -> Descriptor:
        classes = tuple(ClassDescriptor.read(d) for _ in range(d.u1()))
        pool_types = tuple(d.u2() for _ in range(d.u2()))
        return Descriptor(classes, pool_types, d.take(d.left))

    def encode(self) -> bytes:
        out = u1(len(self.classes)) + b"".join(c.encode() for c in self.classes)
        return out + u2(len(self.pool_types)) + b"".join(u2(t) for t in self.pool_types) + self.types

    def nibbles(self, offset: int) -> tuple[int, ...]:
        """The nibbles of the type descriptor at `offset` (from the start of type_descriptor_info)."""
        at = offset - 2 - 2 * len(self.pool_types)
        if not 0 <= at < len(self.types):
            raise CapError(f"Descriptor component: no type descriptor at {offset}")
        count = self.types[at]
        raw = self.types[at + 1 : at + 1 + (count + 1) // 2]
        if len(raw) < (count + 1) // 2:
            raise CapError(f"Descriptor component: the type descriptor at {offset} is cut off")
        return tuple(int(n, 16) for n in raw.hex()[:count])
