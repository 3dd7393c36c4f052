"""A whole package in words: classes, methods, instructions with the names of what they refer to."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import NO_TOKEN, ArrayType, PoolTag
from cardlab.cap.disasm import Decoded, disassemble, method_code
from cardlab.cap.errors import CapError
from cardlab.cap.exportfile import ExportedClass, ExportFile
from cardlab.cap.exports import Exports
from cardlab.cap.model import ClassRef, MethodDescriptor, PoolItem
from cardlab.cap.opcodes import Opcode
from cardlab.cap.reader import CapFile
from cardlab.classfile.flow import Flow

_ARRAYS = {int(t): f"{t.name.lower()}[]" for t in ArrayType if not t.names_class}
_ARRAY_NAMES = _ARRAYS | {int(ArrayType.REFERENCE): "[]"}


class ReferenceNames:
    """Names for references: of imported classes and members where a token table knows them."""

    def __init__(self, cap: CapFile, exports: Exports) -> None:
        self.cap = cap
        self._packages: list[ExportFile | None] = [exports.by_aid(p.aid) for p in cap.imports]

    def package(self, number: int) -> ExportFile | None:
        """The imported package of that token, where a token table knows it."""
        return self._packages[number]

    def _imported(self, ref: ClassRef) -> ExportedClass | None:
        if not ref.is_external or ref.package >= len(self._packages):
            return None
        export = self._packages[ref.package]
        return export.by_token(ref.token) if export else None

    def class_name(self, ref: ClassRef) -> str:
        """`javacard/framework/APDU`, or `class@offset` of the package itself."""
        if not ref.is_external:
            return f"class@{ref}"
        found = self._imported(ref)
        return found.name if found else f"{ref.package}.{ref.token}"

    def _field(self, item: PoolItem) -> str:
        found = self._imported(item.class_ref)
        fields = found.fields if found else ()
        field = next((f for f in fields if f.token == item.token != NO_TOKEN), None)
        return field.name if field else f"field {item.token}"

    def _method(self, item: PoolItem) -> str:
        found = self._imported(item.class_ref)
        for m in found.methods if found else ():
            if m.token == item.token and m.is_virtual != item.tag.is_static:
                return m.name + m.descriptor
        return f"method {item.token}"

    def pool(self, item: PoolItem) -> str:
        """A constant pool entry in words."""
        if item.tag is PoolTag.CLASS:
            return self.class_name(item.class_ref)
        if item.tag.is_static and not item.is_external:
            return f"{'field' if item.tag.is_field else 'method'}@{item.offset}"
        member = self._field(item) if item.tag.is_field else self._method(item)
        prefix = "super " if item.tag is PoolTag.SUPER_METHOD else ""
        return f"{prefix}{self.class_name(item.class_ref)}.{member}"


def operands(i: Decoded) -> list[str]:
    """The operands in words, without branches and constant pool index."""
    if i.opcode in (Opcode.DUP_X, Opcode.SWAP_X):
        return [f"{i.operands[0] >> 4},{i.operands[0] & 15}"]
    if i.opcode in (Opcode.NEWARRAY, Opcode.CHECKCAST, Opcode.INSTANCEOF):
        return [_ARRAY_NAMES[o] for o in i.operands if o in _ARRAY_NAMES]
    return [str(o) for o in i.operands]


def _targets(i: Decoded) -> list[str]:
    if i.opcode.flow is Flow.SWITCH:
        cases = [f"{k}→{t}" for k, t in zip(i.keys, i.targets[1:], strict=True)]
        return [*cases, f"default→{i.targets[0]}"]
    return [f"→{t}" for t in i.targets]


def _text(i: Decoded, names: ReferenceNames) -> str:
    parts = [i.name, *_targets(i), *operands(i)]
    primitive_cast = i.opcode in (Opcode.CHECKCAST, Opcode.INSTANCEOF) and i.operands[0] in _ARRAYS
    if 0 <= i.pool < len(names.cap.pool) and not primitive_cast:
        parts.append(f"#{i.pool} ({names.pool(names.cap.pool[i.pool])})")
    return " ".join(parts)


def _method_lines(cap: CapFile, method: MethodDescriptor, names: ReferenceNames) -> Iterator[str]:
    kind = "constructor" if method.is_constructor else "static" if method.is_static else "virtual"
    token = "" if method.token == NO_TOKEN else f" token {method.token}"
    yield f"  method@{method.offset} {kind}{token}"
    if method.is_abstract or not method.size:
        return
    header, code = method_code(cap, method)
    yield f"    stack {header.max_stack}, arguments {header.arguments}, locals {header.max_locals}"
    for i in disassemble(code, f"method@{method.offset}"):
        yield f"    {i.address:5}  {_text(i, names)}"
    start = method.offset + header.size
    for h in cap.methods.handlers[method.first_handler : method.first_handler + method.handler_count]:
        caught = names.pool(cap.pool[h.catch_type]) if 0 < h.catch_type < len(cap.pool) else "anything"
        yield f"    from {h.start - start} to {h.start - start + h.length}: {caught} →{h.target - start}"


def listing(cap: CapFile, exports: Exports) -> Iterator[str]:
    """The whole package in words, line by line; needs the Descriptor component."""
    if cap.descriptor is None:
        raise CapError("there is no Descriptor component, so methods cannot be told apart")
    names = ReferenceNames(cap, exports)
    for c in cap.descriptor.classes:
        kind = "interface" if c.is_interface else "class"
        yield f"{kind}@{c.ref}" + ("" if c.token == NO_TOKEN else f" token {c.token}")
        for method in c.methods:
            if not c.is_interface:
                yield from _method_lines(cap, method, names)
