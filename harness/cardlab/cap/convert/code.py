"""Card instructions before their addresses are known."""

from __future__ import annotations

from dataclasses import dataclass, field

from cardlab.cap.convert.pool import PoolEntry
from cardlab.cap.opcodes import Opcode


@dataclass(eq=False)
class Label:
    """A place in the code: the start of the instruction that a Java program counter became."""

    address: int = -1


@dataclass(eq=False)
class Insn:
    """One card instruction.

    `opcode` is None where no instruction is needed, and only what else is known here counts. `data` are operand bytes
    that are known already; `entry` the constant pool entry; `targets` the branch target, or a switch's default and
    cases; `keys` a switch's values. `leader` says that a branch or handler arrives here.
    """

    opcode: Opcode | None
    line: int
    data: bytes = b""
    entry: PoolEntry | None = None
    targets: tuple[Label, ...] = ()
    keys: tuple[int, ...] = ()
    labels: list[Label] = field(default_factory=list)
    leader: bool = False
    address: int = -1
    local: int = -1
    constant: int | None = None
    pc: int = -1
    cast: bool = False
    """A narrowing that needs no instruction (i2s): only peepholes look at it."""


@dataclass(frozen=True)
class CardHandler:
    """One exception handler of a method, by labels."""

    start: Label
    end: Label
    target: Label
    catch_type: PoolEntry | None


@dataclass(frozen=True)
class Body:
    """A method's code: instructions, handlers innermost first, and frame sizes in words."""

    instructions: tuple[Insn, ...]
    handlers: tuple[CardHandler, ...]
    max_stack: int
    argument_words: int
    max_locals: int
    """Without the arguments."""
