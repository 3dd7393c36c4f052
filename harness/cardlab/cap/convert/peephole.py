"""Shorter instructions for common sequences: sinc, getfield_T_this, putfield_T_this.

A sequence is left alone where a branch or an exception handler arrives inside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from cardlab.cap.convert.code import Insn
from cardlab.cap.octets import u1


def _plain(insns: Sequence[Insn]) -> bool:
    """Whether control can enter only at the first."""
    return not any(i.leader for i in insns[1:])


def _merge(insns: Sequence[Insn], name: str, data: bytes = b"", of: Insn | None = None) -> Insn:
    labels = [label for i in insns for label in i.labels]
    entry = of.entry if of else None
    return Insn(name, insns[0].line, data, entry, labels=labels, leader=insns[0].leader)


def _increment(window: Sequence[Insn]) -> Insn | None:
    """sload x, constant, sadd or ssub, i2s, sstore x."""
    load, constant, operation, cast, store = window
    if not load.name.startswith("sload") or not store.name.startswith("sstore") or load.local != store.local:
        return None
    if constant.constant is None or not cast.cast or operation.name not in ("sadd", "ssub") or not _plain(window):
        return None
    amount = constant.constant if operation.name == "sadd" else -constant.constant
    if not (-128 <= constant.constant <= 127 and -128 <= amount <= 127):
        return None
    return _merge(window, "sinc", u1(load.local & 0xFF) + u1(amount & 0xFF))


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
    return i.constant is not None or (i.local >= 0 and "load" in i.name)


def _this_form(name: str) -> str:
    return f"{name}_this"


def this_fields(code: Sequence[Insn]) -> list[Insn]:
    """`code` of an instance method with the _this forms, which fields of a two-byte index have not."""
    out: list[Insn] = []
    for i in code:
        reaches = not i.name.endswith("_w")
        if reaches and i.name.startswith("getfield_") and out and out[-1].name == "aload_0" and not i.leader:
            out.append(_merge((out.pop(), i), _this_form(i.name), of=i))
        elif reaches and i.name.startswith("putfield_") and len(out) >= 2 and not i.leader and _put(out[-2:]):
            value, this = out.pop(), out.pop()
            value.labels = this.labels + value.labels
            value.leader = this.leader
            out += [value, _merge((i,), _this_form(i.name), of=i)]
        else:
            out.append(i)
    return out


def _put(two: Sequence[Insn]) -> bool:
    this, value = two
    return this.name == "aload_0" and _simple(value) and not value.leader
