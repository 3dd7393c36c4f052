"""Every power cut of one command on the virtual machine (Java: cardlab.vm.tears.Tears)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from cardlab.errors import UsageError
from cardlab.runtime.interface import AppletRuntime
from cardlab.runtime.media import Media, TransmissionProtocol, protocol_byte
from cardlab.runtime.torn import TornCell
from cardlab.runtime.vm.adapter import VirtualMachine

_CELLS = tuple(TornCell)
_CUT = re.compile(r"(?:(\d+):)?(\d+)/([a-z]+)")


@dataclass(frozen=True, slots=True)
class Cut:
    """One power cut: at the n-th write (from 1) of a call of the runtime, and what the cell holds.

    ``call`` counts the runtime's calls of a command that write something, from 0; of a recovery, 0 is the reset and 1
    the selection.
    """

    call: int
    write: int
    torn: TornCell

    def __str__(self) -> str:
        return f"{'' if self.call == 0 else f'call {self.call}, '}write {self.write}, {self.torn.value}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``12/new`` or ``1:12/new``, where the call is not the first; ValueError when it is none."""
        found = _CUT.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return cls(int(found[1] or 0), int(found[2]), TornCell(found[3]))

    @property
    def case(self) -> str:
        """As it is parsed."""
        return f"{f'{self.call}:' if self.call else ''}{self.write}/{self.torn.value}"


@dataclass(frozen=True, slots=True)
class TornCase:
    """Power cuts in their order, the first in the command, the others in recoveries: ``12/new+1:30/old``."""

    cuts: tuple[Cut, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """From how it is written; UsageError when it is no case."""
        try:
            return cls(tuple(Cut.parse(one) for one in text.split("+")))
        except ValueError as error:
            raise UsageError(f"{text!r} is no case", hint="write it as 12/new or 12/new+1:30/random") from error

    def __str__(self) -> str:
        return "+".join(one.case for one in self.cuts)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted.

    ``first_cuts``: of the command, three for each write: the old, the new, and a random value are left.
    ``second_cuts``: after each first cut, two for each write of the recovery: the old and the new value are left; and
    ``chances`` that left a random one.
    ``after_first``, ``after_second``: distinct states that one cut leaves, and at most two. ``states``: and any number.
    ``recoveries``: states that were recovered from, ``recovery_writes``: their writes. ``ends``: distinct states that
    they came to.
    """

    writes: int
    first_cuts: int
    second_cuts: int
    recovery_writes: int
    chances: int
    after_first: int
    after_second: int
    recoveries: int
    states: int
    ends: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is done with a card after a power cut: a reset, and an applet that is selected (empty: none)."""

    protocol: TransmissionProtocol
    medium: Media
    applet: bytes
    select: bytes


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the seed decides.

    ``chances``: at so many of its writes each recovery from a first cut leaves a random value when it is cut. Of
    ``first_in`` states that first cuts leave one is recovered from, of ``one_in`` that further cuts leave; 1: all.
    """

    seed: int = 1
    chances: int = 1
    first_in: int = 1
    one_in: int = 1


class MachineTears:
    """The states that power cuts of a command leave, each of them once, and what recovery makes of them."""

    def __init__(self, java: Any, recorded: Any) -> None:
        self._java = java
        self._recorded = recorded

    @classmethod
    def of(cls, runtime: AppletRuntime, recovery: Recovery, chosen: Chosen) -> Self:
        """``runtime`` is that of a card on which ``record`` will do the command; UsageError when it is no machine."""
        machine = machine_of(runtime)
        protocol = protocol_byte(recovery.protocol, recovery.medium)
        cards = (protocol, recovery.applet, recovery.select)
        return cls(machine.tears(*cards, chosen.seed, chosen.chances, chosen.first_in, chosen.one_in), machine)

    def record(self, command: Callable[[], object]) -> int:
        """Do the command once, uncut, and keep its writes; returns how many there are."""
        self._java.record()
        try:
            command()
        finally:
            self._java.recorded()
        return int(self._java.writes())

    def recover(self, most: int) -> bool:
        """Look at so many more states, and recover from those that are chosen; whether there are others still."""
        return bool(self._java.recover(most))

    @property
    def figures(self) -> Figures:
        """As counted so far."""
        return Figures(int(self._java.writes()), *map(int, self._java.figures()))

    def problems(self) -> list[tuple[int, str]]:
        """States from which the card did not come to itself, and what happened instead."""
        told = (str(one).split(" ", 1) for one in self._java.problems())
        return [(int(state), what) for state, what in told]

    def path(self, state: int) -> tuple[Cut, ...]:
        """The cuts that lead to a state."""
        numbers = [int(one) for one in self._java.path(state)]
        return tuple(Cut(numbers[at], numbers[at + 1], _CELLS[numbers[at + 2]]) for at in range(0, len(numbers), 3))

    def end_of(self, state: int) -> int:
        """The end that recovery from a state comes to, -1 when it came to none, or was not tried."""
        return int(self._java.endOf(state))

    def state_of(self, end: int) -> int:
        """A state from which recovery comes to an end."""
        return int(self._java.stateOf(end))

    def memory_of(self, state: int) -> bytes:
        """All that persistent memory holds in a state."""
        return bytes(self._java.left(state))

    def memory_at(self, end: int) -> bytes:
        """All that persistent memory holds at an end."""
        return bytes(self._java.end(end))

    def put_on(self, runtime: AppletRuntime, state: int) -> None:
        """Have a card's memory be what a state is; it has no power."""
        machine_of(runtime).failWith(self._java.left(state))

    def is_left_on(self, runtime: AppletRuntime, state: int) -> bool:
        """Whether a card's persistent memory holds what a state is."""
        return bool(machine_of(runtime).holds(self._java.left(state)))

    def is_end_on(self, runtime: AppletRuntime, end: int) -> bool:
        """Whether a card's persistent memory holds what an end is."""
        return bool(machine_of(runtime).holds(self._java.end(end)))


def cut_in_command(runtime: AppletRuntime, cut: Cut) -> None:
    """Cut the power so within the next command, in any of the runtime's calls; what is random follows the write."""
    machine_of(runtime).cutPowerAfter(cut.call, cut.write, cut.torn.name, cut.write)


def persistent_memory(runtime: AppletRuntime) -> bytes:
    """All that a card's persistent memory holds, whether something leads to it or not."""
    return bytes(machine_of(runtime).persistentMemory())


def memory_in_use(runtime: AppletRuntime, memory: bytes) -> bytes:
    """What of these bytes in persistent memory is in use on a card like this one; zeros in the place of the others.

    Two memories that differ in nothing else are one to every command: whoever takes free memory clears it first.
    """
    return bytes(machine_of(runtime).inUse(memory))


def machine_of(runtime: AppletRuntime) -> Any:
    """The machine in Java; UsageError when the runtime has none."""
    if not isinstance(runtime, VirtualMachine):
        raise UsageError("only the runtime vm tells its persistent writes one by one", hint="--card-runtime vm")
    return runtime.machine
