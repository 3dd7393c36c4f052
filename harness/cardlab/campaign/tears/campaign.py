"""What ``cardlab tear`` does with a campaign: its scenes, or one case again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from cardlab.campaign.own_code import OwnCodeError
from cardlab.campaign.run import Way, run, today
from cardlab.campaign.stage import Ready
from cardlab.campaign.tears.explorer import torn
from cardlab.campaign.tears.record import TearRecord, TornScene
from cardlab.campaign.tears.report import told
from cardlab.campaign.tears.runner import NOT_ITSELF, Judge, Share, run_scene
from cardlab.campaign.tears.scene import TearCampaign, TearScene, three_views
from cardlab.campaign.workers import Say
from cardlab.errors import HarnessError, UsageError
from cardlab.runtime.vm.tears import Chosen, TornCase, persistent_memory


@dataclass(frozen=True, slots=True)
class Choices:
    """What is run: of ``one_in`` states one, by the seed; words that choose scenes by name."""

    seed: int = 1
    one_in: int = 1
    words: tuple[str, ...] = ()

    def __call__(self, campaign: TearCampaign, scene: TearScene, say: Say) -> TornScene:
        """Run one scene (cardlab.campaign.workers.Work)."""
        share = Share(Chosen(self.seed, first_in=self.one_in, one_in=self.one_in))
        found = run_scene(scene, share, say)
        say(told(found))
        return found


def tear(campaign: TearCampaign, choices: Choices, way: Way) -> TearRecord:
    """All chosen scenes but those that the record has, if it is of the same CAP file and choices."""
    fresh = TearRecord(campaign.title, campaign.digest, today(), choices.seed, choices.one_in)
    return run(campaign, campaign.chosen(choices.words), fresh, choices, way)


@dataclass(frozen=True, slots=True)
class Repeated:
    """One case, done again. ``told``: what was observed, in words for people."""

    scene: str
    case: str
    cuts: tuple[str, ...]
    invariants: tuple[str, ...]
    told: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.scene}: {self.case}"
        for number, cut in enumerate(self.cuts):
            yield f"  {'the command' if number == 0 else 'the recovery'} is cut at {cut}"
        yield from (f"  violated: {one}" for one in self.invariants)
        if not self.invariants:
            yield "  every invariant holds"
        yield from (f"    {one}" for one in self.told)


def _torn(scene: TearScene, case: TornCase) -> Ready:
    """A card whose power was cut so; UsageError when there is no such write."""
    try:
        return torn(scene.made, case.cuts)
    except OwnCodeError:
        raise
    except HarnessError as error:
        raise UsageError(str(error), hint="writes count from 1; without --case you see how many there are") from error


def again(campaign: TearCampaign, words: tuple[str, ...], text: str) -> Repeated:
    """Really cut the power so, in the one scene that the words choose, and ask the invariants."""
    case, scene = TornCase.parse(text), campaign.the_one(words)
    judge = Judge.of(scene)
    with closing(_torn(scene, case)) as ready:
        try:
            ready.recover()
        except HarnessError as error:
            judge.violations.add(NOT_ITSELF, case.cuts, str(error))
        else:
            judge.look_in_memory(persistent_memory(ready.simulated.runtime), case.cuts)
            judge.look(ready, case.cuts)
    found = judge.violations.as_record()
    names = tuple(one.invariant for one in found)
    told = tuple(dict.fromkeys(one.told for one in found if one.told))
    if not told and judge.last is not None:
        told = (three_views(judge.last),)
    return Repeated(scene.name, text, tuple(map(str, case.cuts)), names, told)
