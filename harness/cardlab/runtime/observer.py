"""Events of a runtime, for coverage, traces, tears, faults, timing and debuggers alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Protocol


@unique
class EventKind(IntEnum):
    """What an observer can be told."""

    INSTRUCTION = 0  # before a bytecode instruction
    CALL = 1  # of a method, or a return from one
    EXCEPTION = 2  # one that leaves a method of the applet
    PERSISTENT_WRITE = 3  # a moment at which persistent memory changes and the power can be cut
    CRYPTO = 4  # an operation of javacard.security or javacardx.crypto
    CHANNEL = 5  # a logical channel is opened or closed
    SELECTION = 6  # an applet is selected or deselected


@dataclass(frozen=True, slots=True)
class Event:
    """``instance`` is the AID of the applet that runs, ``what`` says in words what happens; ``number`` counts where
    there is something to count (a persistent write: which one of this call, from 1)."""

    kind: EventKind
    instance: bytes
    what: str
    number: int = 0


class Observer(Protocol):
    """Is told events while a call of the runtime goes on, which it must not call; its errors come out of the call."""

    def __call__(self, event: Event, /) -> None:
        """One event."""
