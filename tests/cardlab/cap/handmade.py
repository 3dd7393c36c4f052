"""Class files made by hand, for bytecodes that no compiler emits and for values that none would."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.octets import u1, u2, u4


class _Pool:
    def __init__(self) -> None:
        self.entries: list[bytes] = []

    def add(self, raw: bytes) -> int:
        if raw not in self.entries:
            self.entries.append(raw)
        return self.entries.index(raw) + 1

    def text(self, value: str) -> int:
        raw = value.encode()
        return self.add(u1(1) + u2(len(raw)) + raw)

    def class_name(self, name: str) -> int:
        return self.add(u1(7) + u2(self.text(name)))


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
) -> bytes:
    """The class file of a class with one method of that code; without more words, final and static.

    Handlers are (start, end, target), catching everything. The flag SYNCHRONIZED of a class is its ACC_SUPER.
    """
    pool = _Pool()
    this, above = pool.class_name(name), pool.class_name(parent)
    run, kind, attribute = pool.text(method), pool.text(descriptor), pool.text("Code")
    rows = b"".join(struct.pack(">HHHH", *h, 0) for h in handlers)
    body = u2(max_stack) + u2(max_locals) + u4(len(code)) + code + u2(len(handlers)) + rows + u2(0)
    implemented = u2(len(interfaces)) + b"".join(u2(pool.class_name(one)) for one in interfaces)
    info = u2(method_access) + u2(run) + u2(kind) + u2(1) + u2(attribute) + u4(len(body)) + body
    head = u4(0xCAFEBABE) + u2(0) + u2(version) + u2(len(pool.entries) + 1) + b"".join(pool.entries)
    return head + u2(access) + u2(this) + u2(above) + implemented + u2(0) + u2(1) + info + u2(0)
