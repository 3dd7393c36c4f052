"""Runs scenes: every cut, every cut of the recovery, and the invariants on every state that the card came to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from cardlab.campaign.tears import End, Explored, Explorer
from cardlab.runtime.vm.tears import Figures
from jpki.client.constants import INSTANCE_AID
from tests.jpki.applet.tearing.content_scenes import content_scenes, look_at_content
from tests.jpki.applet.tearing.scenes import Prepared, Scene
from tests.jpki.applet.tearing.tsm_scenes import tsm_scenes
from tests.jpki.applet.tearing.user_scenes import user_scenes
from tests.jpki.applet.tearing.views import View, look
from tests.jpki.applet.tearing.worlds import Worlds

CONFIRMED = 25  # states of each scene at which the power is really cut
_SHOWN = 5  # violations of a scene that are told


def scenes() -> tuple[Scene, ...]:
    """Every command of the applet, each in its interesting states."""
    return (*user_scenes(), *tsm_scenes(), *content_scenes())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scene came to. ``views``: distinct things that ends show; ``confirmed``: states really cut."""

    scene: Scene
    figures: Figures
    views: int
    confirmed: int
    violations: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        one = self.figures
        return (
            f"{self.scene.name}: {one.writes} writes, {one.first_cuts} cuts, {one.second_cuts + one.chances} second cuts, "
            f"{one.states} states, {one.ends} ends, {self.views} views, {self.confirmed} confirmed, "
            f"{len(self.violations)} violations, {self.seconds:.1f} s"
        )


@dataclass(slots=True)
class Campaign:
    """How scenes are run: the seed decides random values and what is confirmed; ``share``: of the ends, looked at."""

    worlds: Worlds
    seed: int = 1
    chances: int = 1
    confirmed: int = CONFIRMED
    say: Callable[[Figures], object] = field(default=lambda figures: None)

    def run(self, scene: Scene) -> Outcome:
        """Explore a scene and look at every end."""
        start = time.perf_counter()
        base, known = self.worlds.open(scene.world)

        def stage() -> Prepared:
            return Prepared.of(base, scene)

        def see(ready: Prepared) -> tuple[View, list[str]]:
            return look_at_content(ready, known) if scene.content else look(ready.jpki, known)

        explorer = Explorer.of(base.card.simulated, INSTANCE_AID, seed=self.seed, chances=self.chances)
        explorer.say = self.say
        explored: Explored[Prepared] = explorer.explore(stage)
        judge = Judge.of(scene, *_uncut(stage, see))
        for problem in explored.problems():
            judge.violations.append(str(problem))
        for end in explored.ends():
            with closing(_card_at(explored, scene, end)) as ready:
                judge.judge(end, *see(ready))
        judge.require_both(explored.figures.writes)
        confirmed = explored.confirm_some(self.confirmed, self.seed, ends=not scene.content)
        seconds = time.perf_counter() - start
        return Outcome(scene, explored.figures, len(judge.seen), confirmed, tuple(judge.violations), seconds)


def _card_at(explored: Explored[Prepared], scene: Scene, end: End) -> Prepared:
    """Cards whose content changes have a card manager beside the machine: its power is really cut as well."""
    if not scene.content:
        return explored.card_at(end)
    ready = explored.torn(end.path)
    ready.recover()
    return ready


def _uncut(
    stage: Callable[[], Prepared], see: Callable[[Prepared], tuple[View, list[str]]]
) -> Iterator[tuple[View, list[str]]]:
    """What is seen when the command is not sent, and when it is done."""
    for is_sent in (False, True):
        with closing(stage()) as ready:
            if is_sent:
                ready.command()
            ready.recover()
            yield see(ready)


@dataclass(slots=True)
class Judge:
    """Says of each end of a scene whether it may be."""

    scene: Scene
    before: View
    after: View
    violations: list[str] = field(default_factory=list)
    seen: list[View] = field(default_factory=list)

    @classmethod
    def of(cls, scene: Scene, before: tuple[View, list[str]], after: tuple[View, list[str]]) -> Judge:
        """With what is seen without any power cut, before the command and after it."""
        told = [f"without a cut: {one}" for one in (*before[1], *after[1])]
        return cls(scene, before[0], after[0], told)

    def judge(self, end: End, view: View, violations: list[str]) -> None:
        """Look at one end."""
        if view not in self.seen:
            self.seen.append(view)
        told = list(violations)
        bare, before, after = (one.without_remains() for one in (view, self.before, self.after))
        if not self.scene.may(bare, before, after):
            told.append(f"neither old nor new: {view.differences(self.before)}")
        left = view.remains - view.may_remain(self.before) - self.scene.leaves
        if left and not self.scene.content:
            told.append(f"left in memory: {', '.join(sorted(left))}")
        self.violations += [f"cut at {end}: {one}" for one in told]

    def require_both(self, writes: int) -> None:
        """A scene whose command writes must have shown both, or it looked at nothing."""
        bare = [one.without_remains() for one in self.seen]
        missing = [name for name, one in (("old", self.before), ("new", self.after)) if one.without_remains() not in bare]
        if writes and missing:
            self.violations.append(f"no cut left the {' and the '.join(missing)} state")
