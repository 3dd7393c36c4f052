"""Runs scenes: every case in Java on copies of a card; of each distinct outcome, one case again, for its invariants."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from cardlab.campaign.faults.record import PAIRS, Broken, Counts, SceneRecord
from cardlab.campaign.faults.scene import FaultScene, Outcome, Seen
from cardlab.campaign.own_code import OwnCodeError
from cardlab.campaign.scene import UNSEEN, short
from cardlab.campaign.stage import Ready
from cardlab.errors import HarnessError, UsageError
from cardlab.iso7816.status import SW
from cardlab.runtime.vm.faults import MODELS, Case, FaultModel, MachineFaults, Told, answer_of, disturbed

BATCH = 5_000  # cases between two looks at the host
_OK = SW.OK.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an outcome is, and which invariants do not hold; ``seen``, where the card could be looked at, or why not."""

    outcome: Outcome
    invariants: tuple[str, ...] = ()
    seen: Seen | None = None
    unseen: str = ""


@dataclass(slots=True)
class SceneRun:
    """One scene with its cases. Two more cards were used up to know what the undisturbed command does."""

    scene: FaultScene
    faults: MachineFaults
    expected: bytes
    before: Any
    undisturbed: Any
    verdicts: dict[int, Verdict] = field(default_factory=lambda: {0: Verdict(Outcome.HARMLESS)})

    @classmethod
    @contextmanager
    def opened(cls, scene: FaultScene) -> Iterator[Self]:
        """For as long as its cases are run. UsageError when the undisturbed command breaks an invariant."""
        with closing(scene.made()) as fresh:
            before = scene.observed(fresh)
        with closing(scene.made()) as master, closing(scene.made()) as done:
            card = master.simulated
            reset = (card.config.platform.protocol, card.media)
            faults = MachineFaults.of(card.runtime, done.simulated.runtime, lambda: scene.sent(done), reset)
            run = cls(scene, faults, faults.expected, before, scene.observed(done))
            seen = run._seen(done, run.expected, None, run.undisturbed)
            if broken := scene.broken(scene.invariants, seen):
                hint = "an invariant must hold when nothing is disturbed"
                raise UsageError(f"{scene.name}: undisturbed, {', '.join(broken)}: {shown(seen)}", hint=hint)
            yield run

    def seen_undisturbed(self) -> Seen:
        """The command as it is; its card is gone."""
        return self._seen(None, self.expected, None, self.undisturbed)

    def _seen(self, ready: Ready | None, answer: bytes | None, case: Case | None, after: Any) -> Seen:
        return Seen(ready, case, answer, self.expected, self.before, self.undisturbed, after)

    def verdict(self, outcome: int) -> Verdict:
        """Of a distinct outcome; its first case is done again when it is not known."""
        if outcome not in self.verdicts:
            self.verdicts[outcome] = self.judge(self.faults.first(outcome), self.faults.told(outcome))
        return self.verdicts[outcome]

    def judge(self, case: Case, told: Told | None = None) -> Verdict:
        """Do a case and ask the invariants. HarnessError when it does not answer what was told."""
        with closing(self.scene.made()) as ready:
            with disturbed(ready.simulated.runtime, case, self.faults.budget):
                answer = answer_of(ready.simulated.runtime, ready.command)
            if told is not None and told.known and answer != told.answer:
                said = "nothing" if answer is None else answer.hex()
                raise HarnessError(f"{self.scene.name}: {case} does not repeat: it answers {said}")
            if answer is None and not _recovers(ready):
                return Verdict(Outcome.MUTE)
            try:
                seen = self._seen(ready, answer, case, self.scene.observed(ready))
                broken = self.scene.broken(self.scene.invariants, seen)
            except OwnCodeError as error:
                return Verdict(Outcome.BROKEN, (UNSEEN,), unseen=str(error))
        return Verdict(_outcome(answer, broken), broken, seen)


def _outcome(answer: bytes | None, broken: tuple[str, ...]) -> Outcome:
    if broken:
        return Outcome.BROKEN
    if answer is None:
        return Outcome.MUTE
    return Outcome.HARMLESS if answer[-2:] == _OK else Outcome.REFUSED


def shown(seen: Seen) -> str:
    """What was answered and observed, for people."""
    answer = "no answer" if seen.answer is None else f"the answer is {short(seen.answer)}"
    if seen.before is None and seen.after is None:
        return answer
    return f"{answer}, observed before {short(seen.before)}, after {short(seen.after)}"


def _recovers(ready: Ready) -> bool:
    """Reset and select; False when the card stays mute, or its applet refuses: then nobody gets anything from it."""
    try:
        ready.recover()
    except HarnessError:
        return False
    return True


@dataclass(slots=True)
class _Tally:
    outcomes: dict[str, Counts] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    lines: dict[str, Counts] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    broken: dict[tuple[str, str, tuple[str, ...]], list[str]] = field(default_factory=lambda: defaultdict(list))
    cases: int = 0

    def add(self, kind: str, run: SceneRun, case: Case, verdict: Verdict) -> None:
        place = run.faults.place(case.faults[0].number)
        name = verdict.outcome.value
        self.cases += 1
        self.outcomes[kind][name] += 1
        if kind != PAIRS:
            self.lines[line_of(place.where)][name] += 1
        if verdict.outcome is Outcome.BROKEN:
            self.broken[(place.where, place.opcode, verdict.invariants)].append(str(case))


def line_of(where: str) -> str:
    """``Pin.java:61`` of ``a.Pin.check(Pin.java:61)``; the whole where there is no line."""
    return where.rpartition("(")[2].rstrip(")") if where.endswith(")") else where


def run_scene(
    scene: FaultScene, models: Sequence[FaultModel] = MODELS, pairs: int = 0, seed: int = 1,
    say: Callable[[str], object] = str,
) -> SceneRecord:  # fmt: skip
    """All single faults of these models, then so many pairs of those that the seed draws."""
    start = time.perf_counter()
    tally = _Tally()
    with SceneRun.opened(scene) as run:
        for model in models:
            _do(run, run.faults.single([model], scene.one_in, seed), model.value, tally, say)
        if pairs:
            _do(run, run.faults.pairs(models, max(1, pairs // scene.one_in), seed), PAIRS, tally, say)
        return _record(run, tally, time.perf_counter() - start)


def _record(run: SceneRun, tally: _Tally, seconds: float) -> SceneRecord:
    return SceneRecord(
        name=run.scene.name,
        one_in=run.scene.one_in,
        instructions=run.faults.instructions,
        cases=tally.cases,
        distinct=run.faults.outcomes,
        judged=len(run.verdicts),
        seconds=round(seconds, 1),
        outcomes={name: dict(one) for name, one in tally.outcomes.items()},
        broken=tuple(Broken(*key, tuple(cases)) for key, cases in sorted(tally.broken.items())),
        lines={name: dict(one) for name, one in sorted(tally.lines.items())},
    )


def _do(run: SceneRun, count: int, kind: str, tally: _Tally, say: Callable[[str], object]) -> None:
    for first, found in _batches(run, count):
        for step, outcome in enumerate(found):
            tally.add(kind, run, run.faults.case(first + step), run.verdict(outcome))
        say(f"{kind}: {first + len(found):,} of {count:,}")


def _batches(run: SceneRun, count: int) -> Iterator[tuple[int, list[int]]]:
    for first in range(0, count, BATCH):
        yield first, run.faults.run(first, min(BATCH, count - first))
