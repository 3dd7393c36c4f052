"""Every power cut of a command, and every further one of the recovery: what is left, each state once.

    explored = Explorer.of(card, applet_aid, Chosen(seed=1)).explore(stage)
    for end in explored.ends():
        with explored.card_at(end) as ready: ...            # look at the card as it came to itself

A *stage* makes cards that are about to do one command. What a cut leaves is taken from the writes of one uncut run;
``confirm`` shows on a card whose power is really cut that this is the same, byte by byte.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from cardlab.campaign.stage import Ready, loses_power
from cardlab.card.card import SimulatedCard
from cardlab.errors import HarnessError
from cardlab.runtime.vm.tears import Chosen, Cut, Figures, MachineTears, Recovery, cut_in_command

BATCH = 200  # states that are recovered from between two looks at the clock, and at Ctrl-C
MOST_STATES = 2_000_000  # more would mean that it does not come to an end

R = TypeVar("R", bound=Ready)
Stage = Callable[[], R]
Say = Callable[[Figures], object]


@dataclass(frozen=True, slots=True)
class End:
    """A state that the card came to after its power was cut: the cuts that led there, as one example."""

    number: int
    state: int
    path: tuple[Cut, ...]

    def __str__(self) -> str:
        return "; then in the recovery at ".join(str(cut) for cut in self.path)


@dataclass(frozen=True, slots=True)
class Problem:
    """A state from which the card did not come to itself, and how it was reached."""

    path: tuple[Cut, ...]
    what: str

    def __str__(self) -> str:
        return f"{self.what} (cut at {'; '.join(str(cut) for cut in self.path)})"


class Explored(Generic[R]):
    """All states that power cuts of one command leave."""

    def __init__(self, stage: Stage[R], tears: MachineTears, seconds: float) -> None:
        self._stage = stage
        self._tears = tears
        self.seconds = seconds

    @property
    def figures(self) -> Figures:
        """What was counted."""
        return self._tears.figures

    def problems(self) -> list[Problem]:
        """States from which the card did not come to itself."""
        return [Problem(self._tears.path(state), what) for state, what in self._tears.problems()]

    def ends(self) -> Iterator[End]:
        """Every distinct state that recovery came to."""
        for number in range(self.figures.ends):
            state = self._tears.state_of(number)
            yield End(number, state, self._tears.path(state))

    def path(self, state: int) -> tuple[Cut, ...]:
        """The cuts that lead to a state, from 0 on in the order in which they were found."""
        return self._tears.path(state)

    def memory_of(self, state: int) -> bytes:
        """All that persistent memory holds in a state."""
        return self._tears.memory_of(state)

    def memory_at(self, end: End) -> bytes:
        """All that persistent memory holds at an end."""
        return self._tears.memory_at(end.number)

    def card_at(self, end: End) -> R:
        """A card with this end's memory: it lost power, was reset, and the applet was selected."""
        ready = self._stage()
        self._tears.put_on(ready.simulated.runtime, end.state)
        ready.recover()
        _require(self._tears.is_end_on(ready.simulated.runtime, end.number), end.path, "came to another end")
        return ready

    def confirm(self, state: int, *, ends: bool = True) -> None:
        """Really cut the power as this state says; the card must hold what was expected, and come to the expected end.

        ``ends`` False: the card manager has its part in the recovery, so the machine alone does not say where it leads.
        """
        path = self._tears.path(state)
        ready = torn(self._stage, path)
        try:
            left = self._tears.is_left_on(ready.simulated.runtime, state)
            _require(left, path, "holds something else than expected")
            ready.recover()
            end = self._tears.end_of(state)
            if ends:
                _require(self._tears.is_end_on(ready.simulated.runtime, end), path, "came to another end")
        finally:
            ready.close()

    def confirm_some(self, count: int, seed: int, *, ends: bool = True) -> int:
        """Confirm so many states that were recovered from, drawn by the seed, or all; returns how many that were."""
        chosen = [state for state in range(self.figures.states) if self._tears.end_of(state) >= 0]
        drawn = random.Random(seed).sample(chosen, min(count, len(chosen)))  # noqa: S311 - no secret
        for state in drawn:
            self.confirm(state, ends=ends)
        return len(drawn)


@dataclass(slots=True)
class Explorer(Generic[R]):
    """How a stage is explored: what is done after a cut, and what the seed decides. ``say`` is told how far it is."""

    recovery: Recovery
    chosen: Chosen = Chosen()  # noqa: RUF009 - it cannot be changed
    most: int = MOST_STATES
    say: Say = str

    def explore(self, stage: Stage[R]) -> Explored[R]:
        """Do the command once, then recover from every distinct state, until no state is new."""
        start = time.perf_counter()
        ready = stage()
        try:
            tears = MachineTears.of(ready.simulated.runtime, self.recovery, self.chosen)
            tears.record(ready.command)
            while tears.recover(BATCH):
                self.say(tears.figures)
                if tears.figures.states > self.most:
                    raise HarnessError(f"more than {self.most} states: this does not come to an end")
        finally:
            ready.close()
        return Explored(stage, tears, time.perf_counter() - start)

    @classmethod
    def of(cls, card: SimulatedCard, applet: bytes, chosen: Chosen) -> Self:
        """For a card's applet: a reset over the same interface, and SELECT."""
        protocol = card.config.platform.protocol
        return cls(Recovery(protocol, card.media, applet, select_command(applet)), chosen)


def select_command(aid: bytes) -> bytes:
    """SELECT by name, first occurrence, FCI wanted (ISO/IEC 7816-4, 11.2.2)."""
    return bytes((0x00, 0xA4, 0x04, 0x00, len(aid))) + aid + b"\0" if aid else b""


def torn(stage: Stage[R], path: tuple[Cut, ...]) -> R:
    """A card whose power is really cut so, and that has none now; HarnessError when a cut does not happen."""
    ready = stage()
    simulated = ready.simulated
    cut_in_command(simulated.runtime, path[0])
    _require(loses_power(ready.command), path, "did not lose power")
    for cut in path[1:]:
        if cut.call:
            simulated.reset()  # what the first reset does is done; the one of recover() changes nothing
        simulated.cut_power_at(cut.write, cut.torn)
        _require(loses_power(ready.recover), path, "did not lose power")
    return ready


def _require(holds: bool, path: tuple[Cut, ...], what: str) -> None:
    if not holds:
        raise HarnessError(f"a card cut at {'; '.join(map(str, path))} {what}")
