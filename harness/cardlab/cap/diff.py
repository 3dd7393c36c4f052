"""What `cardlab cap diff` says: two CAP files compared component by component, in words.

An empty result means that every component is equal to the byte. Differences that are only an order of constant pool
entries are said to be just that: methods are compared with pool entries in place of their indices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cardlab.cap.constants import PoolTag
from cardlab.cap.container import FILE_NAMES, Component
from cardlab.cap.disasm import Decoded, disassemble, method_code
from cardlab.cap.model import MethodDescriptor, MethodHeader, PoolItem
from cardlab.cap.reader import CapFile
from cardlab.iso7816 import aid


@dataclass(frozen=True)
class Difference:
    """One difference: where, and what."""

    component: str
    text: str

    def __str__(self) -> str:
        return f"{self.component}: {self.text}"


def _name(tag: Component) -> str:
    return FILE_NAMES[tag].removesuffix(".cap")


def _values(name: str, a: object, b: object) -> Iterator[Difference]:
    if a != b:
        yield Difference(name, f"{a} / {b}")


def _header(a: CapFile, b: CapFile) -> Iterator[Difference]:
    for what, x, y in (
        ("format", a.header.format, b.header.format),
        ("flags", int(a.header.flags), int(b.header.flags)),
        ("AID", aid.text(a.header.package.aid), aid.text(b.header.package.aid)),
        ("version", a.header.package.version, b.header.package.version),
        ("name", (a.header.name or b"").decode("utf-8", "replace"), (b.header.name or b"").decode("utf-8", "replace")),
    ):
        if x != y:
            yield Difference("Header", f"{what} {x} / {y}")


def _lists(name: str, a: list[str], b: list[str], what: str) -> Iterator[Difference]:
    if a == b:
        return
    if sorted(a) == sorted(b):
        moved = sum(x != y for x, y in zip(a, b, strict=True))
        yield Difference(name, f"the same {what} in another order ({moved} moved)")
        return
    for x in a:
        if x not in b:
            yield Difference(name, f"{x} only in the first")
    for y in b:
        if y not in a:
            yield Difference(name, f"{y} only in the second")
    if len(a) != len(b):
        yield Difference(name, f"{len(a)} / {len(b)} {what}")


def _meaning(cap: CapFile, item: PoolItem) -> str:
    """A pool entry without what moves when code or classes move: imported packages by AID, own classes by rank."""
    ref, tag = item.class_ref, int(item.tag)
    token = "" if item.tag is PoolTag.CLASS else item.token
    if item.is_external:
        package = aid.text(cap.imports[ref.package].aid) if ref.package < len(cap.imports) else "?"
        return f"{tag} {package} {ref.token}.{token}"
    if not item.tag.is_static:
        ranks: dict[int, int] = {c.offset: n for n, c in enumerate(cap.classes.items)}
        return f"{tag} class {ranks.get(ref, ref)}.{token}"
    if item.tag is PoolTag.STATIC_METHOD and cap.descriptor is not None:
        offsets = sorted({m.offset for c in cap.descriptor.classes for m in c.methods if m.offset})
        return f"{tag} method {offsets.index(item.offset) if item.offset in offsets else item.offset}"
    return f"{tag} at {item.offset}"


def _instruction(cap: CapFile, i: Decoded) -> tuple[object, ...]:
    pool = _meaning(cap, cap.pool[i.pool]) if 0 <= i.pool < len(cap.pool) else ""
    return i.name, i.operands, pool, i.keys


def _code(cap: CapFile, method: MethodDescriptor) -> tuple[MethodHeader, list[tuple[object, ...]], list[Decoded]]:
    header, code = method_code(cap, method)
    decoded = list(disassemble(code, f"method@{method.offset}"))
    return header, [_instruction(cap, i) for i in decoded], decoded


def _one_method(a: CapFile, b: CapFile, x: MethodDescriptor, y: MethodDescriptor) -> str:
    """What differs in a method; empty when nothing does but places."""
    if x.is_abstract or y.is_abstract or not x.size or not y.size:
        return "" if x.is_abstract == y.is_abstract else "abstract in one only"
    header_a, code_a, decoded_a = _code(a, x)
    header_b, code_b, decoded_b = _code(b, y)
    if header_a != header_b:
        return f"frame {_frame(header_a)} / {_frame(header_b)}"
    for n, (i, j) in enumerate(zip(code_a, code_b, strict=False)):
        if i != j:
            return f"at {decoded_a[n].address}: {_words(i)} / at {decoded_b[n].address}: {_words(j)}"
    return "" if len(code_a) == len(code_b) else f"{len(code_a)} / {len(code_b)} instructions"


def _frame(h: MethodHeader) -> str:
    return f"flags {h.flags:02X}, stack {h.max_stack}, arguments {h.arguments}, locals {h.max_locals}"


def _words(i: tuple[object, ...]) -> str:
    operands = i[1] if isinstance(i[1], tuple) else ()
    return " ".join(str(p) for p in (i[0], *operands, i[2]) if p != "")


def _methods(a: CapFile, b: CapFile) -> Iterator[Difference]:
    if a.descriptor is None or b.descriptor is None:
        yield Difference("Method", "the bytes differ; without both Descriptors no more can be said")
        return
    found = False
    for n, (c, d) in enumerate(zip(a.descriptor.classes, b.descriptor.classes, strict=False)):
        if len(c.methods) != len(d.methods):
            found = True
            yield Difference("Method", f"class {n}: {len(c.methods)} / {len(d.methods)} methods")
            continue
        for x, y in zip(c.methods, d.methods, strict=True):
            text = _one_method(a, b, x, y)
            if text:
                found = True
                yield Difference("Method", f"class {n}, method@{x.offset} / method@{y.offset}: {text}")
    if not found:
        yield Difference("Method", "the same instructions; only places and constant pool indices differ")


def _component(tag: Component, a: CapFile, b: CapFile) -> Iterator[Difference]:
    name = _name(tag)
    if tag is Component.HEADER:
        yield from _header(a, b)
    elif tag is Component.IMPORT:
        rows = [[f"{aid.text(p.aid)} {p.version[0]}.{p.version[1]}" for p in cap.imports] for cap in (a, b)]
        yield from _lists(name, rows[0], rows[1], "packages")
    elif tag is Component.APPLET:
        yield from _lists(name, [aid.text(x.aid) for x in a.applets], [aid.text(x.aid) for x in b.applets], "applets")
        if [x.install for x in a.applets] != [x.install for x in b.applets]:
            yield Difference(name, "the install methods are at other places")
    elif tag is Component.CONSTANT_POOL:
        rows = [[_meaning(cap, i) for i in cap.pool] for cap in (a, b)]
        found = list(_lists(name, rows[0], rows[1], "entries"))
        yield from found or [Difference(name, "the same entries; they refer to other places")]
    elif tag is Component.METHOD:
        yield from _methods(a, b)
    elif tag is Component.CLASS:
        yield from _values(name + " count", len(a.classes.items), len(b.classes.items))
        for n, (x, y) in enumerate(zip(a.classes.items, b.classes.items, strict=False)):
            if x != y:
                yield Difference(name, f"class {n} at {x.offset} / {y.offset} differs")
    else:
        yield Difference(name, f"{len(a.raw[tag])} / {len(b.raw[tag])} bytes, contents differ")


def differences(a: CapFile, b: CapFile) -> list[Difference]:
    """All differences of the components, in order of their tags."""
    out: list[Difference] = []
    for tag in sorted(set(a.raw) | set(b.raw)):
        if tag not in a.raw or tag not in b.raw:
            out.append(Difference(_name(tag), f"only in the {'first' if tag in a.raw else 'second'}"))
        elif a.raw[tag] != b.raw[tag]:
            out += list(_component(tag, a, b)) or [Difference(_name(tag), "contents differ")]
    return out
