"""Class files made by hand, for bytecodes that no compiler emits and for values that none would."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.octets import u1, u2, u4
from cardlab.classfile.pool import ConstantTag

Field = tuple[AccessFlag, str, str]
"""Access flags, name and descriptor."""


class Pool:
    """A constant pool; each method adds an entry and gives its index."""

    def __init__(self) -> None:
        self.entries: dict[bytes, int] = {}

    def add(self, raw: bytes) -> int:
        """An entry as it is written, unless it is there."""
        return self.entries.setdefault(raw, len(self.entries) + 1)

    def text(self, value: str) -> int:
        """CONSTANT_Utf8."""
        raw = value.encode()
        return self.add(u1(1) + u2(len(raw)) + raw)

    def class_name(self, name: str) -> int:
        """CONSTANT_Class; empty names none."""
        if not name:
            return 0
        return self.add(u1(7) + u2(self.text(name)))

    def member(self, tag: ConstantTag, owner: str, name: str, descriptor: str) -> int:
        """CONSTANT_Fieldref, _Methodref or _InterfaceMethodref."""
        kind = self.add(u1(ConstantTag.NAME_AND_TYPE) + u2(self.text(name)) + u2(self.text(descriptor)))
        return self.add(u1(tag) + u2(self.class_name(owner)) + u2(kind))


def class_file(
    code: bytes,
    descriptor: str = "()V",
    max_stack: int = 8,
    max_locals: int = 8,
    handlers: Sequence[tuple[int, int, int]] = (),
    version: int = 50,
    name: str = "hand/Hand",
    parent: str = "java/lang/Object",
    access: AccessFlag = AccessFlag.FINAL | AccessFlag.SYNCHRONIZED,
    method_access: AccessFlag = AccessFlag.STATIC,
    method: str = "run",
    interfaces: Sequence[str] = (),
    fields: Sequence[Field] = (),
    pool: Pool | None = None,
) -> bytes:
    """The class file of a class with one method of that code; without more words, final and static.

    Handlers are (start, end, target), catching everything. The flag SYNCHRONIZED of a class is its ACC_SUPER.
    ``pool`` has what the code refers to.
    """
    pool = pool or Pool()
    this, above = pool.class_name(name), pool.class_name(parent)
    run, kind, attribute = pool.text(method), pool.text(descriptor), pool.text("Code")
    rows = b"".join(struct.pack(">HHHH", *h, 0) for h in handlers)
    body = u2(max_stack) + u2(max_locals) + u4(len(code)) + code + u2(len(handlers)) + rows + u2(0)
    implemented = u2(len(interfaces)) + b"".join(u2(pool.class_name(one)) for one in interfaces)
    info = u2(method_access) + u2(run) + u2(kind) + u2(1) + u2(attribute) + u4(len(body)) + body
    shown = b"".join(u2(one) + u2(pool.text(called)) + u2(pool.text(of)) + u2(0) for one, called, of in fields)
    head = u4(0xCAFEBABE) + u2(0) + u2(version) + u2(len(pool.entries) + 1) + b"".join(pool.entries)
    return head + u2(access) + u2(this) + u2(above) + implemented + u2(len(fields)) + shown + u2(1) + info + u2(0)
