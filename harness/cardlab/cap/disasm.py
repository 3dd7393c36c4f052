"""Disassembling card bytecode: every byte of a method is covered, or CapError says where it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cardlab.cap.errors import CapError
from cardlab.cap.exportfile import ExportFile
from cardlab.cap.exports import Exports
from cardlab.cap.model import MethodDescriptor, MethodHeader, PoolItem
from cardlab.cap.octets import Octets
from cardlab.cap.opcodes import ARRAY_TYPES, BY_CODE, Instruction, Operand
from cardlab.cap.reader import CapFile


@dataclass(frozen=True)
class Decoded:
    """One instruction of a method.

    `address` and `targets` (a switch's default first) count from the method's first bytecode. `operands` are the
    values of the other operands in order; `pool` is the constant pool index, -1 for none, at offset `pool_at` of the
    instruction.
    """

    address: int
    end: int
    instruction: Instruction
    operands: tuple[int, ...] = ()
    pool: int = -1
    pool_at: int = 0
    targets: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The mnemonic."""
        return self.instruction.name


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


_READ = {Operand.S1: (1, 8), Operand.S2: (2, 16), Operand.S4: (4, 32)}


def _jump(d: Octets, at: int) -> int:
    return at + _signed(d.u2(), 16)


def _switch(d: Octets, at: int, row: Instruction) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Targets (default first) and keys."""
    wide = row.name.startswith("i")
    default = _jump(d, at)

    def key() -> int:
        return d.s4() if wide else _signed(d.u2(), 16)

    if row.operands[0] is Operand.TABLE:
        low, high = key(), key()
        if not 0 <= high - low <= 0x7FFF:
            raise d.error(f"switch from {low} to {high}")
        keys = tuple(range(low, high + 1))
        return (default, *(_jump(d, at) for _ in keys)), keys
    pairs = [(key(), _jump(d, at)) for _ in range(d.u2())]
    return (default, *(t for _, t in pairs)), tuple(k for k, _ in pairs)


def _one(d: Octets) -> Decoded:
    at, code = d.pos, d.u1()
    if code >= len(BY_CODE):
        raise d.error(f"unknown bytecode 0x{code:02x}")
    row = BY_CODE[code]
    operands: list[int] = []
    pool, pool_at = -1, 0
    targets: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()
    for operand in row.operands:
        if operand in (Operand.POOL1, Operand.POOL2):
            pool_at = d.pos - at
            pool = d.u1() if operand is Operand.POOL1 else d.u2()
        elif operand is Operand.BRANCH1:
            targets = (at + _signed(d.u1(), 8),)
        elif operand is Operand.BRANCH2:
            targets = (_jump(d, at),)
        elif operand in (Operand.TABLE, Operand.LOOKUP):
            targets, keys = _switch(d, at, row)
        elif operand in _READ:
            size, bits = _READ[operand]
            operands.append(_signed(int.from_bytes(d.take(size), "big"), bits))
        else:
            operands.append(d.u1())
    return Decoded(at, d.pos, row, tuple(operands), pool, pool_at, targets, keys)


def disassemble(code: bytes, what: str = "method") -> tuple[Decoded, ...]:
    """All instructions of a method's bytecode; branches must lead to the start of one."""
    d = Octets(code, CapError, what)
    out = []
    while d.left:
        out.append(_one(d))
    starts = {i.address for i in out}
    for i in out:
        for t in i.targets:
            if t not in starts:
                raise CapError(f"{what}, offset {i.address}: {i.name} jumps to {t}, which is not an instruction")
    return tuple(out)


def method_code(cap: CapFile, method: MethodDescriptor) -> tuple[MethodHeader, bytes]:
    """Header and bytecode of a method."""
    header = MethodHeader.read(cap.methods.info, method.offset)
    start = method.offset + header.size
    code = cap.methods.info[start : start + method.size]
    if len(code) < method.size:
        raise CapError(f"method at {method.offset}: {method.size} bytes of code do not fit the Method component")
    return header, code


class Names:
    """Names for references: of imported classes and members where a token table knows them."""

    def __init__(self, cap: CapFile, exports: Exports) -> None:
        self.cap = cap
        self._packages: list[ExportFile | None] = [exports.by_aid(p.aid) for p in cap.imports]

    def class_name(self, ref: int) -> str:
        """`javacard/framework/APDU`, or `class@offset` of the package itself."""
        if not ref & 0x8000:
            return f"class@{ref}"
        package, token = ref >> 8 & 0x7F, ref & 0xFF
        export = self._packages[package] if package < len(self._packages) else None
        found = export.by_token(token) if export else None
        return found.name if found else f"{package}.{token}"

    def _member(self, ref: int, token: int, kind: str) -> str:
        package = ref >> 8 & 0x7F
        export = self._packages[package] if ref & 0x8000 and package < len(self._packages) else None
        found = export.by_token(ref & 0xFF) if export else None
        if found and kind == "field":
            field = next((f for f in found.fields if f.token == token and f.token != 0xFF), None)
            return field.name if field else f"field {token}"
        if found:
            static = kind == "static"
            methods = [m for m in found.methods if m.token == token]
            for m in methods:
                if m.is_virtual != static:
                    return m.name + m.descriptor
        return f"{'method' if kind != 'field' else kind} {token}"

    def pool(self, item: PoolItem) -> str:
        """A constant pool entry in words."""
        if item.tag == 1:
            return self.class_name(item.class_ref)
        if item.tag in (5, 6):
            if not item.is_external:
                return f"{'field' if item.tag == 5 else 'method'}@{item.offset}"
            kind = "field" if item.tag == 5 else "static"
            return f"{self.class_name(item.class_ref)}.{self._member(item.class_ref, item.token, kind)}"
        kind = "field" if item.tag == 2 else "virtual"
        prefix = "super " if item.tag == 4 else ""
        return f"{prefix}{self.class_name(item.class_ref)}.{self._member(item.class_ref, item.token, kind)}"


def _text(i: Decoded, names: Names) -> str:
    parts = [i.name]
    if i.keys or i.instruction.operands[:1] in ((Operand.TABLE,), (Operand.LOOKUP,)):
        parts += [f"{k}→{t}" for k, t in zip(i.keys, i.targets[1:], strict=True)] + [f"default→{i.targets[0]}"]
    elif i.targets:
        parts.append(f"→{i.targets[0]}")
    if i.name in ("dup_x", "swap_x"):
        parts.append(f"{i.operands[0] >> 4},{i.operands[0] & 15}")
    elif i.name in ("newarray", "checkcast", "instanceof"):
        parts += [ARRAY_TYPES[o] + "[]" for o in i.operands if o in ARRAY_TYPES] + ["[]" for o in i.operands if o == 14]
    else:
        parts += [str(o) for o in i.operands]
    primitive_cast = i.name in ("checkcast", "instanceof") and i.operands[0] in ARRAY_TYPES
    if 0 <= i.pool < len(names.cap.pool) and not primitive_cast:
        parts.append(f"#{i.pool} ({names.pool(names.cap.pool[i.pool])})")
    return " ".join(parts)


def _method_lines(cap: CapFile, method: MethodDescriptor, names: Names) -> Iterator[str]:
    kind = "constructor" if method.is_constructor else "static" if method.is_static else "virtual"
    token = "" if method.token == 0xFF else f" token {method.token}"
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
    names = Names(cap, exports)
    for c in cap.descriptor.classes:
        kind = "interface" if c.flags & 0x40 else "class"
        yield f"{kind}@{c.ref}" + ("" if c.token == 0xFF else f" token {c.token}")
        for method in c.methods:
            if kind == "class":
                yield from _method_lines(cap, method, names)
