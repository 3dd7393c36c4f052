"""docs/generated/faults.md: what single faults in every command break, by source line (F4)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cardlab.campaign.faults.record import PAIRS, Broken, FaultRecord, SceneRecord
from cardlab.campaign.faults.report import Weak, weak_lines
from cardlab.campaign.faults.runner import line_of
from cardlab.campaign.faults.scene import Outcome
from jpki.pages.wrap import wrapped

RECORD = Path("tests", "jpki", "applet", "faulting", "record.json")
EXPLANATIONS = RECORD.with_name("explained.toml")
_PAIR_LINES = 20  # of pairs that the page shows: those that break most

_INTRODUCTION = """\
# Every instruction disturbed

Single faults in every instruction that each command of the applet executes, on the virtual machine, with all models of
[faults.md](../reference/faults.md), which says what they stand for and what simulation does not show. The record from
which this page is made, `tests/jpki/applet/faulting/record.json`, is written by

    .venv/bin/cardlab faults tests.jpki.applet.faulting.campaign --pairs 1000 --record RECORD

- **broken**: an invariant of `tests/jpki/applet/faulting/invariants.py` does not hold afterwards.
- A command is repeated with one fault by its scene and `--case`, as *once more* says.
"""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why faults of some models in one method still break something: ``where`` is class and method."""

    where: str
    models: frozenset[str]
    why: str

    def explains(self, broken: Broken) -> bool:
        """All cases of it with one fault."""
        models = {case.partition("@")[0] for case in single(broken)}
        return broken.where.partition("(")[0] == self.where and models <= self.models


def single(broken: Broken) -> list[str]:
    """Its cases with one fault."""
    return [case for case in broken.cases if "+" not in case]


def read_explanations(path: Path) -> tuple[Explanation, ...]:
    """From ``explained.toml`` beside the record."""
    found = tomllib.loads(path.read_text(encoding="utf-8")).get("remaining", [])
    return tuple(Explanation(one["where"], frozenset(one["models"]), one["why"]) for one in found)


def markdown(record: FaultRecord, explanations: Sequence[Explanation]) -> str:
    """The page."""
    lines = (
        _INTRODUCTION, f"{record.date}, CAP file: SHA-256 `{record.cap}`.", "", _summary(record), "",
        "## Broken, by source line", "", *_weak(weak_lines(record)), "", *_pairs(record),
        "## Why these remain", "", *_reasons(explanations), "", "## Commands", "", *_scenes(record), "",
    )  # fmt: skip
    return wrapped("\n".join(lines))


def _reasons(explanations: Sequence[Explanation]) -> Iterator[str]:
    yield "From `tests/jpki/applet/faulting/explained.toml`; a test asks that each case has a reason."
    yield ""
    yield "| method | models | why |"
    yield "|---|---|---|"
    for one in explanations:
        yield f"| {one.where.removeprefix('jpki.applet.')} | {', '.join(sorted(one.models))} | {one.why} |"


def _summary(record: FaultRecord) -> str:
    scenes = record.scenes
    counts = ", ".join(f"{sum(_single(one, kind) for one in scenes):,} {kind.value}" for kind in Outcome)
    sampled = [one for one in scenes if one.one_in > 1]
    said = f" Of {len(sampled)} commands one case in {sampled[0].one_in} was done." if sampled else ""
    cases = sum(_single(one, kind) for one in scenes for kind in Outcome)
    return (
        f"{len(scenes)} commands and states, {cases:,} single faults: {counts}.{said} The scenes took "
        f"{record.seconds / 60:.0f} minutes together{', pairs among them' if record.pairs else ''}, two at a time. RSA "
        "key pairs that copies of one card generate of the same random numbers are made once."
    )


def _single(scene: SceneRecord, kind: Outcome) -> int:
    """Cases of one fault that came to it."""
    return scene.total(kind.value) - scene.outcomes.get(PAIRS, {}).get(kind.value, 0)


def _pairs(record: FaultRecord) -> Iterator[str]:
    """Those in which neither fault alone breaks anything; by the line of the first of the two."""
    if not record.pairs:
        return
    count = sum(sum(one.outcomes.get(PAIRS, {}).values()) for one in record.scenes)
    broken = sum(one.outcomes.get(PAIRS, {}).get(Outcome.BROKEN.value, 0) for one in record.scenes)
    only = weak_lines(record, pairs=True)
    yield "## Two faults"
    yield ""
    yield (
        f"{count:,} pairs of faults in one command, {record.pairs:,} of each command and state, drawn by the seed "
        f"{record.seed}: {broken:,} broken, {sum(one.cases for one in only):,} of them though neither fault alone "
        "breaks anything. Who can disturb a command twice gets past a decision that is made twice."
    )
    yield ""
    yield from _weak(only[:_PAIR_LINES])
    yield ""


def _weak(found: list[Weak]) -> Iterator[str]:
    yield "| line | cases | models | what | once more |"
    yield "|---|---|---|---|---|"
    for one in found:
        models = ", ".join(f"{name} {count}" for name, count in sorted(one.models.items()))
        what = "; ".join(sorted(one.invariants))
        yield f"| {line_of(one.where)} | {one.cases} | {models} | {what} | `{one.example}` |"


def _scenes(record: FaultRecord) -> Iterator[str]:
    yield "| command | instructions | cases | " + " | ".join(one.value for one in Outcome) + " |"
    yield "|---" * (3 + len(Outcome)) + "|"
    for scene in record.scenes:
        single = [_single(scene, one) for one in Outcome]
        counts = (scene.instructions, sum(single), *single)
        yield f"| {scene.name} | " + " | ".join(f"{one:,}" for one in counts) + " |"
