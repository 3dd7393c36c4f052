"""What a step is, and how one is run: by whom, what came of it, how long it took and how many APDUs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from time import perf_counter

from cardlab.transport import Layer


class Role(Enum):
    """Who does a step."""

    BUILD = "build"
    CARD = "secure element"
    ISSUER = "SEI-TSM"
    PROVIDER = "SP-TSM"
    AUTHORITY = "CA"
    PHONE = "phone"
    VERIFIER = "verifier"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the story; ``seconds`` are wall-clock time, ``apdus`` commands that reached the card."""

    number: int
    party: Role
    title: str
    outcome: str
    seconds: float
    apdus: int
    requirements: tuple[str, ...]
    skipped: bool = False


class SkippedError(Exception):
    """A step cannot be done on this machine; the message says why."""


class Counter(Layer):
    """Counts the commands that go to the card."""

    count = 0

    def transmit(self, command: bytes) -> bytes:
        self.count += 1
        return super().transmit(command)


Observer = Callable[[Step], None]


class StepRunner:
    """Runs steps one after the other, keeps them, and tells an observer of each as it ends."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self.steps: list[Step] = []
        self.counter: Counter | None = None

    def run(self, party: Role, title: str, action: Callable[[], str], *requirements: str) -> None:
        """Run ``action``, which returns its outcome in a few words; any error but SkippedError ends the story."""
        sent, started, skipped = self._sent(), perf_counter(), False
        try:
            outcome = action()
        except SkippedError as reason:
            outcome, skipped = f"skipped: {reason}", True
        taken = perf_counter() - started
        step = Step(len(self.steps) + 1, party, title, outcome, taken, self._sent() - sent, requirements, skipped)
        self.steps.append(step)
        self._observer(step)

    def _sent(self) -> int:
        return 0 if self.counter is None else self.counter.count
