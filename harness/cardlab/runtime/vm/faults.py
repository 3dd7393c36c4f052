"""One command with faults, on copies of a card, on the virtual machine (Java: cardlab.vm.faults.Faults)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, Self

from cardlab.errors import HarnessError, UsageError
from cardlab.runtime.interface import AppletRuntime
from cardlab.runtime.media import Media, TransmissionProtocol, protocol_byte
from cardlab.runtime.vm.adapter import VirtualMachine
from cardlab.runtime.vm.tears import machine_of

_FAULT = re.compile(r"([a-z]+)@(\d+)(?:/(\d+))?")


@unique
class FaultModel(Enum):
    """What a fault does to one instruction (Java: cardlab.vm.faults.Model)."""

    SKIP = "skip"
    INVERT = "invert"
    OPERAND = "operand"
    CELL = "cell"
    EXCEPTION = "exception"
    RETURN = "return"


MODELS = tuple(FaultModel)
_BITS = tuple(f"bit {bit}" for bit in range(8))
_BYTE = (*_BITS, "00", "FF")
_VALUE = ("0", "FFFF", "bit 0", "bit 7", "all bits")


@dataclass(frozen=True, slots=True)
class Fault:
    """At which instruction of a command (from 0, as executed), and in which of the model's ways."""

    model: FaultModel
    number: int
    way: int = 0

    def __str__(self) -> str:
        return f"{self.model.value}@{self.number}" + (f"/{self.way}" if self.way else "")

    def in_words(self) -> str:
        """What it does, for people."""
        if self.model is FaultModel.OPERAND:
            return f"byte {self.way // len(_BYTE) + 1} of the instruction: {_BYTE[self.way % len(_BYTE)]}"
        if self.model in (FaultModel.CELL, FaultModel.RETURN):
            return f"value: {_VALUE[self.way]}"
        if self.model is FaultModel.EXCEPTION:
            return "the method returns" if self.way else "code goes on"
        return str(self.model.value)


@dataclass(frozen=True, slots=True)
class Case:
    """One fault, or two in the order of their instructions: ``skip@12``, ``skip@12+operand@30/4``."""

    faults: tuple[Fault, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """From how it is written; UsageError when it is no case."""
        try:
            return cls(tuple(_fault(one) for one in text.split("+")))
        except (ValueError, AttributeError) as error:
            raise UsageError(f"{text!r} is no case", hint="write it as skip@12 or skip@12+operand@30/4") from error

    def __str__(self) -> str:
        return "+".join(map(str, self.faults))


def _fault(text: str) -> Fault:
    found = _FAULT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return Fault(FaultModel(found[1]), int(found[2]), int(found[3] or 0))


@dataclass(frozen=True, slots=True)
class Place:
    """An instruction in code. ``where``: class, method, file and line, as far as they are known."""

    where: str
    opcode: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the machine tells of an outcome. ``answer`` None: the card is mute. ``known`` False: it was not run to its
    end, since an applet asked the card manager what it had not asked undisturbed."""

    answer: bytes | None
    known: bool = True


_BEGINNING: ContextVar[Callable[[], object] | None] = ContextVar("beginning", default=None)


@contextmanager
def told_of_beginnings(told: Callable[[], object]) -> Iterator[None]:
    """Have this called in this thread, within the block, whenever somebody begins to disturb a command."""
    token = _BEGINNING.set(told)
    try:
        yield
    finally:
        _BEGINNING.reset(token)


class MachineFaults:
    """The cases of one command."""

    def __init__(self, java: Any, runtime: VirtualMachine, expected: bytes, threads: int) -> None:
        self._java = java
        self.expected = expected
        self._runtime = runtime
        self._threads = threads
        self._places: dict[int, Place] = {}

    @classmethod
    def of(
        cls,
        before: AppletRuntime,
        after: AppletRuntime,
        command: Callable[[], object],
        reset: tuple[TransmissionProtocol, Media],
    ) -> Self:
        """``before``: the card about to do the command; ``after``: another one in the same state, which does it now.

        UsageError when the command is more or less than one call of the runtime, HarnessError when a copy of the card
        answers something else.
        """
        if told := _BEGINNING.get():
            told()
        runtime, other = _virtual(before), _virtual(after)
        heard, calls = other.hear(), other.machine.calls()
        command()
        _require_one(int(other.machine.calls() - calls))
        java = runtime.machine.faults(other.machine, protocol_byte(*reset))
        for one in heard:
            java.foresee(*one)
        answer, expected = bytes(java.look()), bytes(other.machine.lastAnswer())
        if answer != expected:
            raise HarnessError(f"the command answered {expected.hex()} and, on a copy of the card, {answer.hex()}")
        return cls(java, runtime, expected, os.cpu_count() or 1)

    @property
    def instructions(self) -> int:
        """That the undisturbed command executes."""
        return int(self._java.instructions())

    @property
    def budget(self) -> int:
        """Instructions that a disturbed command may execute: three times as many, and some more."""
        return int(self._java.budget())

    def single(self, models: Sequence[FaultModel], one_in: int = 1, seed: int = 1) -> int:
        """Take all single faults of these models, or one in so many by the seed; returns how many cases that are."""
        return int(self._java.single([one.name for one in models], one_in, seed))

    def pairs(self, models: Sequence[FaultModel], count: int, seed: int) -> int:
        """Take so many pairs that the seed draws."""
        return int(self._java.pairs([one.name for one in models], count, seed))

    def take(self, case: Case) -> int:
        """Take one case; UsageError when the command has no such case."""
        if any(one.number >= self.instructions for one in case.faults):
            raise UsageError(f"the command executes {self.instructions} instructions", hint="count them from 0")
        for one in case.faults:
            self._require(one)
        return int(self._java.chosen(*_parts(case)))

    def _require(self, fault: Fault) -> None:
        ways = int(self._java.ways(fault.model.name, fault.number))
        if fault.way >= ways:
            place = self.place(fault.number)
            hint = f"its ways are 0 to {ways - 1}" if ways else "the model does nothing to such an instruction"
            raise UsageError(
                f"there is no {fault}: instruction {fault.number} is {place.opcode} at {place.where}", hint=hint
            )

    def case(self, number: int) -> Case:
        """What a case that was taken is."""
        return _case(self._java.fault(number))

    def run(self, first: int, count: int) -> list[int]:
        """Run cases; returns the number of the outcome of each, 0: that of the undisturbed command."""
        return list(self._java.run(first, count, self._threads))

    @property
    def outcomes(self) -> int:
        """Distinct outcomes so far."""
        return int(self._java.outcomes())

    def first(self, outcome: int) -> Case:
        """A case that came to this outcome, not that of the undisturbed command."""
        return _case(self._java.first(outcome))

    def told(self, outcome: int) -> Told:
        """What is known of it."""
        answer = str(self._java.told(outcome)).split(" ", 1)[0]
        if answer.startswith("?"):
            return Told(None, known=False)
        return Told(None if answer.startswith("!") else bytes.fromhex(answer))

    def place(self, number: int) -> Place:
        """Where an instruction of the command is."""
        if number not in self._places:
            self._places[number] = self._place(number)
        return self._places[number]

    def _place(self, number: int) -> Place:
        package, method, at = (int(one) for one in self._java.place(number))
        aid = bytes(self._runtime.machine.packageAid(package)).hex().upper()
        return Place(self._runtime.place(f"{aid} {method} {at}"), str(self._java.opcode(number)))


def _require_one(calls: int) -> None:
    if calls == 0:
        hint = "see that the applet is selected, on the command's logical channel, and answers it, not the card manager"
        raise UsageError("the command reached no applet", hint=hint)
    if calls != 1:
        raise UsageError(f"a command is one APDU, not {calls}", hint="send the others when preparing")


def _virtual(runtime: AppletRuntime) -> VirtualMachine:
    if not isinstance(runtime, VirtualMachine):
        raise UsageError("only the runtime vm simulates faults", hint="--card-runtime vm")
    return runtime


def _parts(case: Case) -> tuple[list[str], list[int], list[int]]:
    faults = case.faults
    return [one.model.name for one in faults], [one.number for one in faults], [one.way for one in faults]


def _case(told: Any) -> Case:
    """Of three numbers for each fault: model, instruction, way."""
    numbers = [int(one) for one in told]
    parts = range(0, len(numbers), 3)
    return Case(tuple(Fault(MODELS[numbers[at]], numbers[at + 1], numbers[at + 2]) for at in parts))


@contextmanager
def disturbed(runtime: AppletRuntime, case: Case, budget: int = 0) -> Iterator[None]:
    """Disturb each command that the card gets meanwhile; beyond so many instructions it is mute, 0: as without."""
    machine = machine_of(runtime)
    before = machine.budget()
    machine.setBudget(budget or before)
    machine.disturb(*_parts(case))
    try:
        yield
    finally:
        machine.undisturb()
        machine.setBudget(before)


def answer_of(runtime: AppletRuntime, command: Callable[[], object]) -> bytes | None:
    """Do a command and tell what the card answered, as the reader sees it; None: nothing, it is mute."""
    import jpype

    machine = machine_of(runtime)
    calls = machine.calls()
    # A reader may stumble over what a disturbed card says.
    with suppress(HarnessError, ValueError, LookupError, jpype.JException):
        command()
    if machine.calls() == calls:
        raise HarnessError("the command did not reach the card", hint="a scene's command sends one APDU")
    return bytes(machine.lastAnswer()) or None


def remember_key_pairs(runtime: AppletRuntime) -> None:
    """A card and its copies make each RSA key pair once from now on: what draws the same random numbers gets the same.

    Answers and memory stay what they are; campaigns in which thousands of copies generate a key take minutes for hours.
    """
    machine_of(runtime).rememberDrawn()
