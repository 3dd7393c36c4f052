"""Shorter instructions for common sequences: sinc, getfield_T_this, putfield_T_this.

A sequence is left alone where a branch or an exception handler arrives inside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from cardlab.cap.convert.code import Insn
from cardlab.cap.families import LOADS, OF_LOCAL, OF_THIS
from cardlab.cap.opcodes import Opcode
from cardlab.classfile.octets import u1

_LOAD_SHORT = frozenset((Opcode.SLOAD, *(OF_LOCAL[Opcode.SLOAD, n] for n in range(4))))
_STORE_SHORT = frozenset((Opcode.SSTORE, *(OF_LOCAL[Opcode.SSTORE, n] for n in range(4))))
_SUMS = (Opcode.SADD, Opcode.SSUB)
_LOADS = frozenset(LOADS)
_GETS = frozenset(o for o in OF_THIS if o.mnemonic.startswith("getfield"))
_PUTS = frozenset(OF_THIS) - _GETS


def _plain(insns: Sequence[Insn]) -> bool:
    """Whether control can enter only at the first."""
    return not any(i.leader for i in insns[1:])


def _merge(insns: Sequence[Insn], opcode: Opcode, data: bytes = b"", of: Insn | None = None) -> Insn:
    labels = [label for i in insns for label in i.labels]
    entry = of.entry if of else None
    return Insn(opcode, insns[0].line, data, entry, labels=labels, leader=insns[0].leader)


def _increment(window: Sequence[Insn]) -> Insn | None:
    """sload x, constant, sadd or ssub, i2s, sstore x."""
    load, constant, operation, cast, store = window
    if load.opcode not in _LOAD_SHORT or store.opcode not in _STORE_SHORT or load.local != store.local:
        return None
    if constant.constant is None or not cast.cast or operation.opcode not in _SUMS or not _plain(window):
        return None
    amount = constant.constant if operation.opcode is Opcode.SADD else -constant.constant
    if not (-128 <= constant.constant <= 127 and -128 <= amount <= 127):
        return None
    return _merge(window, Opcode.SINC, u1(load.local & 0xFF) + u1(amount & 0xFF))


def increments(code: Sequence[Insn]) -> list[Insn]:
    """`code` with sinc where it fits."""
    out: list[Insn] = []
    at = 0
    while at < len(code):
        merged = _increment(code[at : at + 5]) if at + 5 <= len(code) else None
        out.append(merged or code[at])
        at += 5 if merged else 1
    return out


def _simple(i: Insn) -> bool:
    """An instruction that only pushes a constant or a local."""
    return i.constant is not None or (i.opcode in _LOADS)


def this_fields(code: Sequence[Insn]) -> list[Insn]:
    """`code` of an instance method with the _this forms, which fields of a two-byte index have not."""
    out: list[Insn] = []
    for i in code:
        if i.opcode in _GETS and out and out[-1].opcode is Opcode.ALOAD_0 and not i.leader:
            out.append(_merge((out.pop(), i), OF_THIS[i.opcode], of=i))
        elif i.opcode in _PUTS and len(out) >= 2 and not i.leader and _put(out[-2:]):
            value, this = out.pop(), out.pop()
            value.labels = this.labels + value.labels
            value.leader = this.leader
            out += [value, _merge((i,), OF_THIS[i.opcode], of=i)]
        else:
            out.append(i)
    return out


def _put(two: Sequence[Insn]) -> bool:
    this, value = two
    return this.opcode is Opcode.ALOAD_0 and _simple(value) and not value.leader
