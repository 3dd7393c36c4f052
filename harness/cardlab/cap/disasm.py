"""Disassembling card bytecode: every byte of a method is covered, or CapError says where it cannot be."""

from __future__ import annotations

from typing import NamedTuple

from cardlab.cap.errors import CapError
from cardlab.cap.model import MethodDescriptor, MethodHeader
from cardlab.cap.opcodes import Opcode
from cardlab.cap.operands import Operand
from cardlab.cap.reader import CapFile
from cardlab.classfile.flow import Flow
from cardlab.classfile.octets import Octets


class Decoded(NamedTuple):
    """One instruction of a method.

    `address` and `targets` (a switch's default first) count from the method's first bytecode. `operands` are the
    values of the other operands in order; `pool` is the constant pool index, -1 for none, at offset `pool_at` of the
    instruction.
    """

    address: int
    end: int
    opcode: Opcode
    operands: tuple[int, ...] = ()
    pool: int = -1
    pool_at: int = 0
    targets: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The mnemonic."""
        return self.opcode.mnemonic


_OPCODES = tuple(Opcode)
_LONGEST_TABLE = 0x7FFF  # a method has no more bytes


def _jump(d: Octets, at: int) -> int:
    return at + _signed(d, 2)


def _signed(d: Octets, size: int) -> int:
    return int.from_bytes(d.take(size), "big", signed=True)


def _table(d: Octets, at: int, width: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    default, low, high = _jump(d, at), _signed(d, width), _signed(d, width)
    if not 0 <= high - low <= _LONGEST_TABLE:
        raise d.error(f"switch from {low} to {high}")
    keys = tuple(range(low, high + 1))
    return (default, *(_jump(d, at) for _ in keys)), keys


def _lookup(d: Octets, at: int, width: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    default = _jump(d, at)
    pairs = [(_signed(d, width), _jump(d, at)) for _ in range(d.u2())]
    return (default, *(t for _, t in pairs)), tuple(k for k, _ in pairs)


def _switch(d: Octets, at: int, opcode: Opcode) -> Decoded:
    """Targets, default first, and keys; these have two bytes, or four in the form for int."""
    read = _table if opcode.operands[0] is Operand.TABLE else _lookup
    targets, keys = read(d, at, 4 if opcode.needs_int else 2)
    return Decoded(at, d.pos, opcode, targets=targets, keys=keys)


def _one(d: Octets) -> Decoded:
    at, code = d.pos, d.u1()
    if code >= len(_OPCODES):
        raise d.error(f"unknown bytecode 0x{code:02x}")
    opcode = _OPCODES[code]
    if not opcode.operands:
        return Decoded(at, d.pos, opcode)
    if opcode.flow is Flow.SWITCH:
        return _switch(d, at, opcode)
    operands: list[int] = []
    pool, pool_at = -1, 0
    targets: tuple[int, ...] = ()
    for operand in opcode.operands:
        if operand in (Operand.POOL1, Operand.POOL2):
            pool_at = d.pos - at
            pool = int.from_bytes(d.take(operand.size), "big")
        elif operand in (Operand.BRANCH1, Operand.BRANCH2):
            targets = (at + _signed(d, operand.size),)
        elif operand in (Operand.S1, Operand.S2, Operand.S4):
            operands.append(_signed(d, operand.size))
        else:
            operands.append(d.u1())
    return Decoded(at, d.pos, opcode, tuple(operands), pool, pool_at, targets)


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
