"""The order in which the vendor's converter visits code, which decides the order of the constant pool."""

from __future__ import annotations

from collections.abc import Sequence

from cardlab.classfile.bytecode import JvmInstruction
from cardlab.classfile.classfile import ExceptionHandler
from cardlab.classfile.flow import Flow


def _ends(i: JvmInstruction) -> bool:
    """Whether no way leads on to the next instruction; a jsr comes back to it."""
    return not i.opcode.flow.falls_through and i.opcode.flow is not Flow.SUBROUTINE


def _blocks(
    instructions: Sequence[JvmInstruction], handlers: Sequence[ExceptionHandler]
) -> dict[int, list[JvmInstruction]]:
    """Basic blocks by the address of their first instruction, ascending."""
    leaders = {0, *(h.target for h in handlers)}
    for i in instructions:
        leaders.update(i.targets)
        if i.targets or _ends(i):
            leaders.add(i.end)
    blocks: dict[int, list[JvmInstruction]] = {}
    start = 0
    for i in instructions:
        if i.pc in leaders:
            start = i.pc
        blocks.setdefault(start, []).append(i)
    return blocks


def visit_order(instructions: Sequence[JvmInstruction], handlers: Sequence[ExceptionHandler]) -> list[int]:
    """Program counters in visiting order: blocks by address, but only once a way to them is known, pass after pass."""
    blocks = _blocks(instructions, handlers)
    known = {0, *(h.target for h in handlers)}
    left = list(blocks)
    out: list[int] = []
    while any(b in known for b in left):
        later = []
        for b in left:
            if b not in known:
                later.append(b)
                continue
            for i in blocks[b]:
                out.append(i.pc)
                known.update(i.targets)
            if not _ends(blocks[b][-1]):
                known.add(blocks[b][-1].end)
        left = later
    return out + [i.pc for b in left for i in blocks[b]]
