"""Writes class files of stubs: declarations to compile against, whose methods do nothing but throw (JVMS chapter 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cardlab.classfile.classfile import MAGIC, AccessFlag
from cardlab.classfile.descriptors import split_descriptor
from cardlab.classfile.octets import u1, u2, u4
from cardlab.classfile.opcodes import JvmOpcode
from cardlab.classfile.pool import ConstantTag

VERSION = 50  # Java 6: what every compiler reads
_ACC_SUPER = 0x0020
_THROW_NULL = bytes((JvmOpcode.ACONST_NULL, JvmOpcode.ATHROW))


@dataclass(frozen=True, slots=True)
class StubField:
    """A field; a ``constant`` is a compile-time constant of an integral type."""

    access: AccessFlag
    name: str
    descriptor: str
    constant: int | None = None


@dataclass(frozen=True, slots=True)
class StubMethod:
    """A method; ``throws`` are the checked exceptions that it declares, as full names with slashes."""

    access: AccessFlag
    name: str
    descriptor: str
    throws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NestedClass:
    """A static member class: its full name has a ``$`` between the enclosing class's and its own (JVMS 4.7.6)."""

    access: AccessFlag
    name: str


@dataclass(frozen=True, slots=True)
class StubClass:
    """A class or interface; names with slashes. ``nested`` are its member classes, and itself when it is one."""

    access: AccessFlag
    name: str
    parent: str
    interfaces: tuple[str, ...]
    fields: tuple[StubField, ...]
    methods: tuple[StubMethod, ...]
    nested: tuple[NestedClass, ...] = ()


def write_stub(stub: StubClass) -> bytes:
    """The class file, the same bytes every time."""
    pool = _Pool()
    flags = stub.access if stub.access & AccessFlag.INTERFACE else stub.access | _ACC_SUPER
    body = u2(flags) + u2(pool.class_name(stub.name)) + u2(pool.class_name(stub.parent))
    body += _list([u2(pool.class_name(name)) for name in stub.interfaces])
    body += _list([_field(pool, field) for field in stub.fields])
    body += _list([_method(pool, method) for method in stub.methods])
    body += _list([_inner_classes(pool, stub.nested)] if stub.nested else [])
    return u4(MAGIC) + u2(0) + u2(VERSION) + u2(len(pool.entries) + 1) + b"".join(pool.entries) + body


class _Pool:
    """The constant pool, in order of first use; indexes begin with 1."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self._index: dict[bytes, int] = {}

    def add(self, raw: bytes) -> int:
        if raw not in self._index:
            self.entries.append(raw)
            self._index[raw] = len(self.entries)
        return self._index[raw]

    def text(self, value: str) -> int:
        raw = value.encode()
        return self.add(u1(ConstantTag.UTF8) + u2(len(raw)) + raw)

    def class_name(self, name: str) -> int:
        return self.add(u1(ConstantTag.CLASS) + u2(self.text(name)))

    def integer(self, value: int) -> int:
        return self.add(u1(ConstantTag.INTEGER) + u4(value & 0xFFFFFFFF))


def _list(items: Sequence[bytes]) -> bytes:
    return u2(len(items)) + b"".join(items)


def _attribute(pool: _Pool, name: str, content: bytes) -> bytes:
    return u2(pool.text(name)) + u4(len(content)) + content


def _field(pool: _Pool, field: StubField) -> bytes:
    attributes = []
    if field.constant is not None:
        attributes.append(_attribute(pool, "ConstantValue", u2(pool.integer(field.constant))))
    return u2(field.access) + u2(pool.text(field.name)) + u2(pool.text(field.descriptor)) + _list(attributes)


def _method(pool: _Pool, method: StubMethod) -> bytes:
    attributes = []
    if not method.access & AccessFlag.ABSTRACT:
        # Java Card has no long and no double, so each argument takes one local variable.
        cells = len(split_descriptor(method.descriptor)[0]) + (not method.access & AccessFlag.STATIC)
        code = u2(1) + u2(cells) + u4(len(_THROW_NULL)) + _THROW_NULL + u2(0) + u2(0)
        attributes.append(_attribute(pool, "Code", code))
    if method.throws:
        attributes.append(_attribute(pool, "Exceptions", _list([u2(pool.class_name(name)) for name in method.throws])))
    return u2(method.access) + u2(pool.text(method.name)) + u2(pool.text(method.descriptor)) + _list(attributes)


def _inner_classes(pool: _Pool, nested: tuple[NestedClass, ...]) -> bytes:
    """Without this attribute a compiler knows the class by its binary name only (JVMS 4.7.6)."""
    return _attribute(pool, "InnerClasses", _list([_inner_class(pool, one) for one in nested]))


def _inner_class(pool: _Pool, one: NestedClass) -> bytes:
    outer, _, simple = one.name.rpartition("$")
    names = u2(pool.class_name(one.name)) + u2(pool.class_name(outer)) + u2(pool.text(simple))
    return names + u2(one.access | AccessFlag.STATIC)
