"""Runs a campaign: its scenes in turns, with a record that an ended run goes on from; and one case again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cardlab.campaign.faults.record import FaultRecord, SceneRecord
from cardlab.campaign.faults.runner import SceneRun, run_scene
from cardlab.campaign.faults.scene import FaultCampaign, FaultScene, Outcome
from cardlab.campaign.progress import now_and_then
from cardlab.errors import UsageError
from cardlab.runtime.vm.faults import MODELS, Case, FaultModel

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Choices:
    """What is run: models, pairs for each scene, the seed that draws them, words that choose scenes by name."""

    models: tuple[FaultModel, ...] = MODELS
    pairs: int = 0
    seed: int = 1
    words: tuple[str, ...] = ()

    def of(self, campaign: FaultCampaign) -> list[FaultScene]:
        """The scenes; UsageError when there is none."""
        found = [one for one in campaign.scenes if all(word in one.name for word in self.words)]
        if not found:
            known = "; ".join(one.name for one in campaign.scenes[:5])
            raise UsageError(f"no scene's name has {' and '.join(self.words)}", hint=f"there are {known}; …")
        return found


def run(campaign: FaultCampaign, choices: Choices, path: Path | None = None, say: Say = str) -> FaultRecord:
    """All chosen scenes but those that the record at ``path`` has, if it is of the same CAP file and choices."""
    names = tuple(one.value for one in choices.models)
    today = datetime.now(UTC).date().isoformat()
    record = FaultRecord(campaign.title, campaign.digest, today, choices.seed, names, choices.pairs)
    record = _known(record, path)
    order = [one.name for one in campaign.scenes]
    chosen = choices.of(campaign)
    for number, scene in enumerate(chosen, 1):
        say(f"{number} of {len(chosen)}: {scene.name}")
        if any(one.name == scene.name for one in record.scenes):
            say("   on record")
            continue
        progress = now_and_then(lambda line: say(f"   {line}"))
        found = run_scene(scene, choices.models, choices.pairs, choices.seed, progress)
        say(f"   {told(found)}")
        record = record.with_scenes([found], order)
        if path is not None:
            record.write(path)
    wanted = {one.name for one in chosen}
    return record.with_scenes((), [name for name in order if name in wanted])


def _known(fresh: FaultRecord, path: Path | None) -> FaultRecord:
    if path is None or not path.is_file():
        return fresh
    earlier = FaultRecord.read(path)
    return earlier if fresh.goes_on(earlier) else fresh


def told(scene: SceneRecord) -> str:
    """One line on what was found."""
    counts = ", ".join(f"{scene.total(one.value):,} {one.value}" for one in Outcome)
    return f"{scene.instructions:,} instructions, {scene.cases:,} cases: {counts}; {scene.seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class Repeated:
    """One case, done again."""

    scene: str
    case: str
    outcome: str
    invariants: tuple[str, ...]
    faults: tuple[tuple[str, str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.scene}: {self.case}"
        for where, opcode, what in self.faults:
            yield f"  {opcode} at {where}: {what}"
        yield f"  {self.outcome}" + "".join(f"\n    {one}" for one in self.invariants)


def again(campaign: FaultCampaign, words: tuple[str, ...], text: str) -> Repeated:
    """A case of the one scene that the words choose; UsageError when they choose more."""
    case = Case.parse(text)
    found = Choices(words=words).of(campaign)
    exact = [one for one in found if one.name in words] or found
    if len(exact) != 1:
        raise UsageError(f"{len(exact)} scenes have these words", hint="; ".join(one.name for one in exact[:5]))
    with SceneRun.opened(exact[0]) as run_of:
        run_of.faults.take(case)
        verdict = run_of.judge(case)
        places = [(run_of.faults.place(one.number), one) for one in case.faults]
    faults = tuple((place.where, place.opcode, one.in_words()) for place, one in places)
    return Repeated(exact[0].name, text, verdict.outcome.value, verdict.invariants, faults)
