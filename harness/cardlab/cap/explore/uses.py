"""Which instruction uses which constant pool entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cardlab.cap.constants import ArrayType
from cardlab.cap.disasm import Decoded, disassemble, method_code
from cardlab.cap.errors import CapError
from cardlab.cap.explore.names import method_anchor
from cardlab.cap.model import HandlerInfo, MethodDescriptor, MethodHeader
from cardlab.cap.opcodes import Opcode
from cardlab.cap.reader import CapFile


@dataclass(frozen=True, slots=True)
class Body:
    """A method with code, taken apart; ``fault`` says why that could not be done."""

    method: MethodDescriptor
    header: MethodHeader
    code: tuple[Decoded, ...] = ()
    handlers: tuple[HandlerInfo, ...] = ()
    fault: str = ""


def bodies(cap: CapFile) -> dict[int, Body]:
    """The methods with code, by offset."""
    methods = (m for c in (cap.descriptor.classes if cap.descriptor else ()) for m in c.methods if not c.is_interface)
    return {m.offset: _body(cap, m) for m in methods if m.size and not m.is_abstract}


def _body(cap: CapFile, method: MethodDescriptor) -> Body:
    nothing = MethodHeader.read(bytes(2), 0)
    try:
        header, code = method_code(cap, method)
        handlers = cap.methods.handlers[method.first_handler : method.first_handler + method.handler_count]
        return Body(method, header, disassemble(code, f"method@{method.offset}"), tuple(handlers))
    except CapError as error:
        return Body(method, nothing, fault=str(error))


def pool_index(i: Decoded) -> int:
    """The constant pool entry of an instruction; -1 for none, as of a cast to an array of primitive values."""
    cast = i.opcode in (Opcode.CHECKCAST, Opcode.INSTANCEOF)
    return -1 if cast and not _names_class(i.operands[0]) else i.pool


def _names_class(atype: int) -> bool:
    return atype in (ArrayType.CLASS, ArrayType.REFERENCE)


def uses(found: dict[int, Body]) -> dict[int, list[tuple[int, str]]]:
    """For each constant pool index the methods (offsets) and anchors of what uses it, in order."""
    out: dict[int, list[tuple[int, str]]] = {}
    for offset, body in found.items():
        for index, anchor in _of(offset, body):
            out.setdefault(index, []).append((offset, anchor))
    return out


def _of(offset: int, body: Body) -> Iterator[tuple[int, str]]:
    for i in body.code:
        if pool_index(i) >= 0:
            yield i.pool, method_anchor(offset, i.address)
    for handler in body.handlers:
        if handler.catch_type:
            yield handler.catch_type, method_anchor(offset)
