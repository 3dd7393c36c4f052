"""What ``cardlab faults`` does with a campaign: its scenes, or one case again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from cardlab.campaign.faults.record import FaultRecord, SceneRecord
from cardlab.campaign.faults.runner import SceneRun, Verdict, run_scene, shown
from cardlab.campaign.faults.scene import FaultCampaign, FaultScene, Outcome
from cardlab.campaign.progress import now_and_then
from cardlab.campaign.run import Way, run, today
from cardlab.campaign.workers import Say
from cardlab.runtime.vm.faults import MODELS, Case, FaultModel


@dataclass(frozen=True, slots=True)
class Choices:
    """What is run: models, pairs for each scene, the seed that draws them, words that choose scenes by name."""

    models: tuple[FaultModel, ...] = MODELS
    pairs: int = 0
    seed: int = 1
    words: tuple[str, ...] = ()

    def __call__(self, campaign: FaultCampaign, scene: FaultScene, say: Say) -> SceneRecord:
        """Run one scene (cardlab.campaign.workers.Work)."""
        found = run_scene(scene, self.models, self.pairs, self.seed, now_and_then(say))
        say(told(found))
        return found


def disturb(campaign: FaultCampaign, choices: Choices, way: Way | None = None) -> FaultRecord:
    """All chosen scenes but those that the record has, if it is of the same CAP file and choices."""
    models = tuple(one.value for one in choices.models)
    fresh = FaultRecord(campaign.title, campaign.digest, today(), choices.seed, models, choices.pairs)
    return run(campaign, campaign.chosen(choices.words), fresh, choices, way or Way())


def told(scene: SceneRecord) -> str:
    """One line on what was found."""
    counts = ", ".join(f"{scene.total(one.value):,} {one.value}" for one in Outcome)
    return f"{scene.instructions:,} instructions, {scene.cases:,} cases: {counts}; {scene.seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class Repeated:
    """One case, done again. ``told``: what was answered and observed, in words for people."""

    scene: str
    case: str
    outcome: str
    invariants: tuple[str, ...]
    faults: tuple[tuple[str, str, str], ...]
    told: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.scene}: {self.case}"
        for where, opcode, what in self.faults:
            yield f"  {opcode} at {where}: {what}"
        yield f"  {self.outcome}"
        yield from (f"    {one}" for one in (*self.invariants, *self.told))


def again(campaign: FaultCampaign, words: tuple[str, ...], text: str) -> Repeated:
    """A case of the one scene that the words choose; UsageError when they choose more."""
    case, scene = Case.parse(text), campaign.the_one(words)
    with SceneRun.opened(scene) as run_of:
        run_of.faults.take(case)
        verdict = run_of.judge(case)
        undisturbed = run_of.seen_undisturbed()
        places = [(run_of.faults.place(one.number), one) for one in case.faults]
    faults = tuple((place.where, place.opcode, one.in_words()) for place, one in places)
    told = (f"undisturbed: {shown(undisturbed)}", f"disturbed: {_told(verdict)}")
    return Repeated(scene.name, text, verdict.outcome.value, verdict.invariants, faults, told)


def _told(verdict: Verdict) -> str:
    if verdict.seen is not None:
        return shown(verdict.seen)
    return verdict.unseen or "no answer, and the applet cannot be selected any more"
