"""Addresses, branch widths and bytes of a method (JCVM 3.0.4, sections 6.9 and 7.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cardlab.cap.constants import MethodFlag, PoolTag
from cardlab.cap.convert import peephole
from cardlab.cap.convert.code import Body, Insn
from cardlab.cap.convert.pool import ConstantPool
from cardlab.cap.families import WIDE
from cardlab.cap.opcodes import Opcode
from cardlab.cap.operands import Operand
from cardlab.classfile.octets import u1, u2

_LONGEST_METHOD = 32767
_TABLES = (Opcode.STABLESWITCH, Opcode.ITABLESWITCH)
_KEY_SIZES: Mapping[Opcode, int] = {
    Opcode.STABLESWITCH: 2,
    Opcode.SLOOKUPSWITCH: 2,
    Opcode.ITABLESWITCH: 4,
    Opcode.ILOOKUPSWITCH: 4,
}
"""Bytes of a switch's values."""
_FRAME_LIMIT, _SHORT_FRAME_LIMIT = 255, 15
_LONGEST_POOL_INDEX = 255  # of one byte


_FIELDS = frozenset(o for o in Opcode if o.pool == (PoolTag.INSTANCE_FIELD,) and Operand.POOL1 in o.operands)
_SHORT_BRANCHES = frozenset(o for o in Opcode if Operand.BRANCH1 in o.operands)


class TooLongError(Exception):
    """Something is longer than the format can say."""


@dataclass(frozen=True)
class PlacedHandler:
    """An exception handler with offsets relative to the method's first bytecode; catch type 0 is finally."""

    start: int
    length: int
    target: int
    catch_type: int


@dataclass(frozen=True)
class Assembled:
    """A method's bytes with header, its bytecode size, handlers, and the places of pool indices in `data`.

    `lines` are source lines with the offset of their first instruction from the method's first.
    """

    data: bytes
    header_size: int
    size: int
    handlers: tuple[PlacedHandler, ...]
    one_byte: tuple[int, ...]
    two_byte: tuple[int, ...]
    lines: tuple[tuple[int, int], ...] = ()


def _drop_casts(code: list[Insn]) -> list[Insn]:
    """Remove what needs no instruction; its labels go to the next one."""
    out: list[Insn] = []
    labels = []
    for i in code:
        labels += i.labels
        if i.opcode is not None or i is code[-1]:
            i.labels, labels = labels, []
            out.append(i)
    return out


def _wide_fields(code: list[Insn], pool: ConstantPool) -> None:
    for i in code:
        if i.entry is None or i.opcode not in _FIELDS or pool.index(i.entry) <= _LONGEST_POOL_INDEX:
            continue
        i.opcode = WIDE[i.opcode]


def _size(i: Insn) -> int:
    if i.opcode is None:
        return 0
    if i.opcode.size:
        return i.opcode.size
    key, cases = _KEY_SIZES[i.opcode], len(i.targets) - 1
    if i.opcode in _TABLES:
        return 3 + 2 * key + 2 * cases
    return 5 + (key + 2) * cases


def _layout(code: list[Insn]) -> int:
    at = 0
    for i in code:
        i.address = at
        for label in i.labels:
            label.address = at
        at += _size(i)
    return at


def _widen(code: list[Insn]) -> bool:
    """Give each branch that does not reach its wide form; whether there was one."""
    found = False
    for i in code:
        short = i.opcode in _SHORT_BRANCHES
        if short and i.opcode is not None and not -128 <= i.targets[0].address - i.address <= 127:
            i.opcode = WIDE[i.opcode]
            found = True
    return found


def _encode(opcode: Opcode, i: Insn, pool: ConstantPool) -> tuple[bytes, int, int]:
    """The bytes, and the place of a one-byte or two-byte pool index in them (0 for none)."""
    out, one, two, data = u1(opcode), 0, 0, i.data
    for operand in opcode.operands:
        if operand in (Operand.POOL1, Operand.POOL2):
            index = pool.index(i.entry) if i.entry is not None else 0
            if operand is Operand.POOL1:
                one, out = len(out), out + u1(index)
            else:
                two, out = (len(out) if i.entry is not None else 0), out + u2(index)
        elif operand is Operand.BRANCH1:
            out += u1((i.targets[0].address - i.address) & 0xFF)
        elif operand is Operand.BRANCH2:
            out += _far(i.targets[0].address - i.address)
        elif operand in (Operand.TABLE, Operand.LOOKUP):
            out += _switch(i, opcode, operand)
        else:
            out, data = out + data[: operand.size], data[operand.size :]
    return out, one, two


def _far(distance: int) -> bytes:
    return u2(distance & 0xFFFF)  # it fits: no method is longer than 32767 bytes


def _key(key: int, opcode: Opcode) -> bytes:
    return (key & 0xFFFFFFFF).to_bytes(4, "big")[-_KEY_SIZES[opcode] :]


def _switch(i: Insn, opcode: Opcode, operand: Operand) -> bytes:
    jumps = [_far(t.address - i.address) for t in i.targets]
    keys = [_key(k, opcode) for k in i.keys]
    if operand is Operand.TABLE:
        return jumps[0] + keys[0] + keys[-1] + b"".join(jumps[1:])
    return jumps[0] + u2(len(keys)) + b"".join(k + j for k, j in zip(keys, jumps[1:], strict=True))


def header(max_stack: int, arguments: int, max_locals: int, flags: int = 0) -> bytes:
    """method_header_info: two bytes, or four when a number needs more than four bits (6.9.3)."""
    if max(max_stack, arguments, max_locals) > _FRAME_LIMIT:
        raise TooLongError("more than 255 words of stack, arguments or locals")
    if max(max_stack, arguments, max_locals) > _SHORT_FRAME_LIMIT:
        return bytes((flags | MethodFlag.EXTENDED, max_stack, arguments, max_locals))
    return bytes((flags | max_stack, arguments << 4 | max_locals))


def abstract_header(arguments: int) -> bytes:
    """The header of an abstract method, which is all there is of it."""
    return header(0, arguments, 0, MethodFlag.ABSTRACT)


def assemble(body: Body, pool: ConstantPool, instance: bool) -> Assembled:
    """The bytes of a method whose constant pool is sealed."""
    code = peephole.increments(body.instructions)
    code = _drop_casts(code)
    # Branches are measured before the _this forms shorten the code, as the kits do: a few stay wide without need.
    _wide_fields(code, pool)
    while True:
        _layout(code)
        if not _widen(code):
            break
    if instance:
        code = peephole.this_fields(code)
    size = _layout(code)
    if size > _LONGEST_METHOD:
        raise TooLongError(f"{size} bytes of code; a method can have 32767")
    head = header(body.max_stack, body.argument_words, body.max_locals)
    data, ones, twos = head, [], []
    for i in code:
        if i.opcode is not None:
            raw, one, two = _encode(i.opcode, i, pool)
            if one:
                ones.append(len(data) + one)
            if two:
                twos.append(len(data) + two)
            data += raw
    handlers = tuple(
        PlacedHandler(
            h.start.address,
            h.end.address - h.start.address,
            h.target.address,
            pool.index(h.catch_type) if h.catch_type is not None else 0,
        )
        for h in body.handlers
    )
    return Assembled(data, len(head), size, handlers, tuple(ones), tuple(twos), _lines(code))


def _lines(code: list[Insn]) -> tuple[tuple[int, int], ...]:
    """Where each line begins: (offset, line)."""
    found: list[tuple[int, int]] = []
    for i in code:
        if i.opcode is not None and i.line and (not found or found[-1][1] != i.line):
            found.append((i.address, i.line))
    return tuple(found)
