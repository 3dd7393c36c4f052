"""Runs scenes: every cut, every cut of the recovery, and the invariants on every state that the card came to."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

from cardlab.campaign.tears import End, Explored, Explorer
from cardlab.runtime.vm.tears import Chosen, Figures
from jpki.client.constants import INSTANCE_AID
from jpki.evidence.tears import TearRecord, TornScene
from tests.jpki.applet.tearing.content_scenes import content_scenes, look_at_content
from tests.jpki.applet.tearing.scenes import Prepared, Scene
from tests.jpki.applet.tearing.staging import Staging
from tests.jpki.applet.tearing.tsm_scenes import tsm_scenes
from tests.jpki.applet.tearing.user_scenes import user_scenes
from tests.jpki.applet.tearing.views import Known, View, look
from tests.jpki.applet.tearing.worlds import Worlds

CONFIRMED = 25  # states of each scene at which the power is really cut
DRAWN = 30  # ends that are looked at though another one differs from it in the staging buffer alone


def scenes() -> tuple[Scene, ...]:
    """Every command of the applet, each in its interesting states."""
    return (*user_scenes(), *tsm_scenes(), *content_scenes())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scene came to.

    ``looked``: ends that were looked at as a whole; ``views``: distinct things that they show; ``confirmed``: states at
    which the power was really cut, and the card held what was expected.
    """

    scene: Scene
    figures: Figures
    looked: int
    views: int
    confirmed: int
    violations: tuple[str, ...]
    seconds: float

    def as_record(self) -> TornScene:
        """For the record."""
        one = self.figures
        return TornScene(
            self.scene.command, self.scene.state, one.writes, one.first_cuts, one.second_cuts, one.chances, one.states,
            one.ends, self.looked, self.views, self.confirmed, len(self.violations), round(self.seconds, 1),
        )  # fmt: skip

    def __str__(self) -> str:
        one = self.figures
        second = one.second_cuts + one.chances
        return (
            f"{self.scene.name}: {one.writes} writes, {one.first_cuts} cuts, {second} second cuts, "
            f"{one.states} states, {one.ends} ends, {self.looked} looked at, {self.views} views, "
            f"{self.confirmed} confirmed, {len(self.violations)} violations, {self.seconds:.1f} s"
        )


@dataclass(slots=True)
class Campaign:
    """How scenes are run; the seed in ``chosen`` also draws what is confirmed."""

    worlds: Worlds
    chosen: Chosen = Chosen()  # noqa: RUF009 - it cannot be changed
    confirmed: int = CONFIRMED
    say: Callable[[Figures], object] = str

    def run(self, scene: Scene) -> Outcome:
        """Explore a scene and look at every end."""
        start = time.perf_counter()
        base, known = self.worlds.open(scene.world)

        def stage() -> Prepared:
            return Prepared.of(base, scene)

        def see(ready: Prepared) -> tuple[View, list[str]]:
            return look_at_content(ready, known) if scene.content else look(ready.jpki, known)

        explorer: Explorer[Prepared] = Explorer.of(base.card.simulated, INSTANCE_AID, self.chosen)
        explorer.say = self.say
        explored: Explored[Prepared] = explorer.explore(stage)
        judge = Judge.of(scene, *_uncut(stage, see))
        for problem in explored.problems():
            judge.violations.append(str(problem))
        looked = 0
        for end in self._to_look_at(explored, scene, known, judge):
            with closing(_card_at(explored, scene, end)) as ready:
                judge.judge(end, *see(ready))
            looked += 1
        if explored.figures.writes and self.chosen.first_in == 1:
            judge.require_both()
        confirmed = explored.confirm_some(self.confirmed, self.chosen.seed, ends=not scene.content)
        seconds = time.perf_counter() - start
        return Outcome(scene, explored.figures, looked, len(judge.seen), confirmed, tuple(judge.violations), seconds)

    def _to_look_at(self, explored: Explored[Prepared], scene: Scene, known: Known, judge: Judge) -> Iterator[End]:
        """All ends; of those that differ in the staging buffer alone the first, and some that the seed draws."""
        ends = list(explored.ends())
        if scene.content or len(ends) <= DRAWN:
            yield from ends
            return
        staging, seen = Staging.of(self.worlds.open(scene.world)[0]), set()
        drawn = set(random.Random(self.chosen.seed).sample(range(len(ends)), DRAWN))
        for end in ends:
            memory = explored.memory_at(end)
            judge.judge_staging(end, known.remains(staging.content(memory)))
            digest = staging.digest_without(memory)
            if digest not in seen or end.number in drawn:
                yield end
            seen.add(digest)


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

    def judge_staging(self, end: End, found: frozenset[str]) -> None:
        """What of the holder's is in the staging buffer: nothing but the certificate that was replaced."""
        if left := found - self.scene.leaves:
            self.violations.append(f"cut at {end}: in the staging buffer: {', '.join(sorted(left))}")

    def require_both(self) -> None:
        """The ends of a command that writes must have shown both, or nothing was looked at."""
        bare = [one.without_remains() for one in self.seen]
        missing = [
            name for name, one in (("old", self.before), ("new", self.after)) if one.without_remains() not in bare
        ]
        if missing:
            self.violations.append(f"no cut left the {' and the '.join(missing)} state")


# -- what is run ------------------------------------------------------------------------------------------------------

Say = Callable[[Figures], object]
Run = tuple[Scene, Callable[[Say], Outcome]]
SCENES_OF_A_SHARE = 6
STATES_OF_A_SHARE = 400  # about so many states are recovered from in each scene of a share
CONFIRMED_OF_A_SHARE = 5


def whole(worlds: Worlds, chosen: Iterable[Scene], seed: int) -> Iterator[Run]:
    """These scenes, all of their states."""
    for scene in chosen:
        yield scene, _run(Campaign(worlds, Chosen(seed)), scene)


def share(worlds: Worlds, record: TearRecord, seed: int) -> Iterator[Run]:
    """Some of the scenes that write, as record and seed say; of those with many states some."""
    states = {one.name: one.states for one in record.scenes}
    writing = [scene for scene in scenes() if states.get(scene.name)]
    for scene in random.Random(seed).sample(writing, SCENES_OF_A_SHARE):
        one_in = max(1, states[scene.name] // STATES_OF_A_SHARE)
        chosen = Chosen(seed, first_in=one_in, one_in=one_in)
        yield scene, _run(Campaign(worlds, chosen, confirmed=CONFIRMED_OF_A_SHARE), scene)


def _run(campaign: Campaign, scene: Scene) -> Callable[[Say], Outcome]:
    return lambda say: replace(campaign, say=say).run(scene)
