"""Runs scenes: every cut, every cut of the recovery, and the invariants on every state that the card came to."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from cardlab.campaign.own_code import OwnCodeError, own_code
from cardlab.campaign.progress import now_and_then
from cardlab.campaign.scene import UNSEEN
from cardlab.campaign.stage import Ready
from cardlab.campaign.tears.explorer import End, Explored, Explorer, torn
from cardlab.campaign.tears.record import TornScene, Violation
from cardlab.campaign.tears.scene import TearScene, TornSeen
from cardlab.runtime.vm.tears import Chosen, Cut, Figures, TornCase

CONFIRMED = 25  # states of each scene at which the power is really cut
DRAWN = 30  # ends that are looked at though another one is alike
_CASES = 5  # of each violation that the record names
NOT_ITSELF = "the card does not come to itself"
_NEVER_OLD, _NEVER_NEW = "no cut leaves the old state", "no cut leaves the new state"
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Share:
    """How much is done. ``confirmed``: states at which the power is really cut, drawn by the seed in ``chosen``."""

    chosen: Chosen = Chosen()  # noqa: RUF009 - it cannot be changed
    confirmed: int = CONFIRMED

    @property
    def has_both(self) -> bool:
        """Whether every state that a first cut leaves is recovered from, the old and the new one among them."""
        return self.chosen.first_in == 1


@dataclass(slots=True)
class Violations:
    """Those found so far, by invariant."""

    found: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, invariant: str, path: tuple[Cut, ...] = (), told: str = "") -> None:
        """One end at which an invariant does not hold."""
        self.found.setdefault(invariant, []).append((str(TornCase(path)) if path else "", told))

    def as_record(self) -> tuple[Violation, ...]:
        """For the record."""
        return tuple(
            Violation(name, len(cases), tuple(case for case, _ in cases[:_CASES] if case), cases[0][1])
            for name, cases in self.found.items()
        )


@dataclass(slots=True)
class Judge:
    """Asks a scene's invariants; what is seen without a cut is known."""

    scene: TearScene
    before: Any
    done: Any
    violations: Violations = field(default_factory=Violations)
    views: list[Any] = field(default_factory=list)
    last: TornSeen | None = None

    @classmethod
    def of(cls, scene: TearScene) -> Self:
        """With two cards that are used up: one is not sent the command, one does it."""
        with _uncut(scene, is_sent=False) as ready:
            before = scene.observed(ready)
        with _uncut(scene, is_sent=True) as ready:
            judge = cls(scene, before, scene.observed(ready))
            judge._ask(TornSeen(ready, before, judge.done, before), (), "not sent: ")
            judge._ask(TornSeen(ready, before, judge.done, judge.done), (), "without a cut: ")
        return judge

    def look(self, ready: Ready, path: tuple[Cut, ...]) -> tuple[str, ...]:
        """Look at a card that came to itself after these cuts; returns which invariants do not hold."""
        try:
            now = self.scene.observed(ready)
            if now not in self.views:
                self.views.append(now)
            self.last = TornSeen(ready, self.before, self.done, now)
            return self._ask(self.last, path, "")
        except OwnCodeError as error:
            self.violations.add(UNSEEN, path, str(error))
            return (UNSEEN,)

    def _ask(self, seen: TornSeen, path: tuple[Cut, ...], told: str) -> tuple[str, ...]:
        broken = self.scene.broken(self.scene.invariants, seen)
        for name in broken:
            self.violations.add(name, path, told + self.scene.explained(seen))
        return broken

    def look_in_memory(self, memory: bytes, path: tuple[Cut, ...]) -> None:
        """The invariants of memory alone."""
        for name in self.scene.broken(self.scene.in_memory, memory):
            self.violations.add(name, path)

    def require_both(self) -> None:
        """The ends of a command that writes must have shown old and new, or nothing was looked at."""
        for name, state in ((_NEVER_OLD, self.before), (_NEVER_NEW, self.done)):
            if not any(self.scene.same(one, state) for one in self.views):
                self.violations.add(name)


@contextmanager
def _uncut(scene: TearScene, *, is_sent: bool) -> Iterator[Ready]:
    with closing(scene.made()) as ready:
        if is_sent:
            scene.sent(ready)
        with own_code(f"{scene.name}: recover() fails without a cut"):
            ready.recover()
        yield ready


def run_scene(scene: TearScene, share: Share | None = None, say: Say = str) -> TornScene:
    """Explore a scene and look at its ends."""
    start, share = time.perf_counter(), share or Share()
    judge = Judge.of(scene)
    explored = _explore(scene, share.chosen, say)
    for problem in explored.problems():
        judge.violations.add(NOT_ITSELF, problem.path, problem.what)
    looked = 0
    for end in _to_look_at(scene, explored, judge, share.chosen.seed):
        with closing(_card_at(scene, explored, end)) as ready:
            judge.look(ready, end.path)
        looked += 1
    if explored.figures.writes and share.has_both:
        judge.require_both()
    confirmed = explored.confirm_some(share.confirmed, share.chosen.seed, ends=not scene.really)
    return _record(scene, explored.figures, (looked, len(judge.views), confirmed), judge, time.perf_counter() - start)


def _record(
    scene: TearScene, figures: Figures, counts: tuple[int, int, int], judge: Judge, seconds: float
) -> TornScene:
    one = figures
    return TornScene(
        scene.command, scene.state, one.writes, one.first_cuts, one.second_cuts, one.chances, one.states, one.ends,
        *counts, judge.violations.as_record(), round(seconds, 1),
    )  # fmt: skip


def _explore(scene: TearScene, chosen: Chosen, say: Say) -> Explored[Ready]:
    def tell(figures: Figures) -> None:
        say(f"{figures.recoveries:,} of {figures.states:,} states that are known so far")

    with closing(scene.made()) as ready:
        explorer: Explorer[Ready] = Explorer.of(ready.simulated, scene.applet, chosen)
    explorer.say = now_and_then(tell)
    return explorer.explore(scene.made)


def _to_look_at(scene: TearScene, explored: Explored[Ready], judge: Judge, seed: int) -> Iterator[End]:
    """All ends; of those that are alike the first, and some that the seed draws."""
    ends = list(explored.ends())
    drawn = set(random.Random(seed).sample(range(len(ends)), min(DRAWN, len(ends))))  # noqa: S311 - no secret
    seen = set()
    for end in ends:
        memory = explored.memory_at(end) if scene.in_memory or scene.alike else b""
        judge.look_in_memory(memory, end.path)
        kind = scene.alike(memory) if scene.alike else end.number
        if kind not in seen or end.number in drawn:
            yield end
        seen.add(kind)


def _card_at(scene: TearScene, explored: Explored[Ready], end: End) -> Ready:
    """Cards whose command the card manager has a part in: their power is really cut."""
    if not scene.really:
        return explored.card_at(end)
    ready = torn(scene.made, end.path)
    ready.recover()
    return ready
