"""Decoding Java bytecode (JVMS chapter 6) into instructions with their operands; nothing is interpreted here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.opcodes import JvmOpcode
from cardlab.classfile.operands import Operand


class JvmInstruction(NamedTuple):
    """One instruction in its general form: `iload_2` reads as iload 2, `iconst_m1` and bipush as sipush.

    `operand` is the local variable, the constant, or the pool index; `extra` a second operand; `targets` are absolute
    program counters. For a switch `targets` starts with the default and `keys` are the matching values, ascending for
    tableswitch.
    """

    pc: int
    end: int
    opcode: JvmOpcode
    operand: int = 0
    extra: int = 0
    targets: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The mnemonic."""
        return self.opcode.mnemonic


def _implied() -> dict[JvmOpcode, tuple[JvmOpcode, int]]:
    """The general form and the operand of instructions that have it in their mnemonic."""
    out = {}
    for o in JvmOpcode:
        if re.fullmatch("[ilfda](load|store)_[0-3]", o.mnemonic):
            out[o] = JvmOpcode[o.name[:-2]], int(o.name[-1])
        elif re.fullmatch("iconst_(m1|[0-5])", o.mnemonic):
            out[o] = JvmOpcode.SIPUSH, int(o.mnemonic.removeprefix("iconst_").replace("m", "-"))
    return out


_IMPLIED: Mapping[JvmOpcode, tuple[JvmOpcode, int]] = _implied()
_GENERAL: Mapping[JvmOpcode, JvmOpcode] = {
    JvmOpcode.BIPUSH: JvmOpcode.SIPUSH,
    JvmOpcode.LDC_W: JvmOpcode.LDC,
    JvmOpcode.GOTO_W: JvmOpcode.GOTO,
    JvmOpcode.JSR_W: JvmOpcode.JSR,
}
_OPCODES = tuple(JvmOpcode)


class _Cursor:
    def __init__(self, code: bytes) -> None:
        self.code = code
        self.pos = 0
        self.start = 0
        """Of the instruction that is being read."""

    def number(self, count: int, signed: bool = False) -> int:
        raw = self.code[self.pos : self.pos + count]
        if len(raw) < count:
            raise ClassFileError(f"bytecode ends inside the instruction at {self.start}")
        self.pos += count
        return int.from_bytes(raw, "big", signed=signed)


def _table(c: _Cursor, pc: int) -> tuple[list[int], tuple[int, ...]]:
    default, low, high = (c.number(4, True) for _ in range(3))
    if not 0 <= high - low <= len(c.code) // 4:
        raise ClassFileError(f"tableswitch at {pc} has bounds {low} to {high}")
    keys = tuple(range(low, high + 1))
    return [default, *(c.number(4, True) for _ in keys)], keys


def _lookup(c: _Cursor, pc: int) -> tuple[list[int], tuple[int, ...]]:
    default, count = c.number(4, True), c.number(4, True)
    if not 0 <= count <= len(c.code) // 8:
        raise ClassFileError(f"lookupswitch at {pc} has {count} pairs")
    pairs = [(c.number(4, True), c.number(4, True)) for _ in range(count)]
    return [default, *(jump for _, jump in pairs)], tuple(key for key, _ in pairs)


def _switch(c: _Cursor, pc: int, opcode: JvmOpcode) -> JvmInstruction:
    c.pos = (c.pos + 3) & ~3
    jumps, keys = (_table if opcode is JvmOpcode.TABLESWITCH else _lookup)(c, pc)
    return JvmInstruction(pc, c.pos, opcode, targets=tuple(pc + jump for jump in jumps), keys=keys)


def _wide(c: _Cursor, pc: int) -> JvmInstruction:
    """wide: an index of two bytes, and for iinc a constant of two (JVMS 6.5, wide)."""
    code = c.number(1)
    opcode = _OPCODES[code] if code < len(_OPCODES) else JvmOpcode.WIDE
    if opcode.operands[:1] != (Operand.LOCAL,):
        raise ClassFileError(f"wide before 0x{code:02x} at {pc}")
    local = c.number(2)
    extra = c.number(2, True) if opcode is JvmOpcode.IINC else 0
    return JvmInstruction(pc, c.pos, opcode, local, extra)


def _one(c: _Cursor) -> JvmInstruction:
    pc = c.start = c.pos
    code = c.number(1)
    if code >= len(_OPCODES):
        raise ClassFileError(f"unknown bytecode 0x{code:02x} at {pc}")
    opcode = _OPCODES[code]
    if opcode in _IMPLIED:
        return JvmInstruction(pc, c.pos, *_IMPLIED[opcode])
    if not opcode.operands:
        return JvmInstruction(pc, c.pos, opcode)
    first = opcode.operands[0]
    if first in (Operand.TABLE, Operand.LOOKUP):
        return _switch(c, pc, opcode)
    if first is Operand.WIDE:
        return _wide(c, pc)
    values = [c.number(operand.size, operand.is_signed) for operand in opcode.operands]
    opcode = _GENERAL.get(opcode, opcode)
    if first in (Operand.BRANCH2, Operand.BRANCH4):
        return JvmInstruction(pc, c.pos, opcode, targets=(pc + values[0],))
    return JvmInstruction(pc, c.pos, opcode, values[0], values[1] if len(values) > 1 else 0)


def decode(code: bytes) -> tuple[JvmInstruction, ...]:
    """All instructions of a method; every branch target is checked to be the start of one."""
    c = _Cursor(code)
    out = []
    while c.pos < len(code):
        out.append(_one(c))
    starts = {i.pc for i in out}
    for i in out:
        for target in i.targets:
            if target not in starts:
                raise ClassFileError(f"{i.name} at {i.pc} jumps to {target}, which is not an instruction")
    return tuple(out)
