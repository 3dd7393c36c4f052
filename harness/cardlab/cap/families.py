"""Instructions that belong together, and their other forms, found by their mnemonics in the table."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cardlab.cap.opcodes import Opcode


def named(pattern: str) -> tuple[Opcode, ...]:
    """The instructions whose whole mnemonic matches."""
    return tuple(o for o in Opcode if re.fullmatch(pattern, o.mnemonic))


def _forms(suffix: str) -> dict[Opcode, Opcode]:
    return {o: Opcode[o.name + suffix] for o in Opcode if o.name + suffix in Opcode.__members__}


LOADS = named("[asi]load(_[0-3])?")
STORES = named("[asi]store(_[0-3])?")
ARRAY_LOADS = named("[absi]aload")
ARRAY_STORES = named("[absi]astore")
FIELD_ACCESSES = named("(get|put)(static|field)_.*")
INCREMENTS = named("[si]inc(_w)?")
THIS_ACCESSES = frozenset(named("(get|put)field_._this"))

WIDE: Mapping[Opcode, Opcode] = _forms("_W")
"""The form with a branch, a pool index or a constant of two bytes."""
OF_THIS: Mapping[Opcode, Opcode] = _forms("_THIS")
"""The form that takes the object from local variable 0."""
OF_LOCAL: Mapping[tuple[Opcode, int], Opcode] = {
    (Opcode[o.name[:-2]], int(o.name[-1])): o for o in named("[asi](load|store)_[0-3]")
}
"""The form without operand of a load or a store, by local variable."""
LOCAL: Mapping[Opcode, int] = {o: n for (_, n), o in OF_LOCAL.items()}
"""The local variable that an instruction names by itself."""


def kind(opcode: Opcode) -> str:
    """The type that an instruction of these families is for: a, b, s or i."""
    head, _, tail = opcode.mnemonic.partition("_")
    return tail[:1] if head in ("getfield", "putfield", "getstatic", "putstatic") else head[:1]
