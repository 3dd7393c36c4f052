"""docs/generated/faults.md: what single faults in every command break, by source line (F4)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cardlab.campaign.faults.record import Broken, FaultRecord
from cardlab.campaign.faults.report import Weak, weak_lines
from cardlab.campaign.faults.runner import line_of
from cardlab.campaign.faults.scene import Outcome
from jpki.pages.wrap import wrapped

RECORD = Path("tests", "jpki", "applet", "faulting", "record.json")
EXPLANATIONS = RECORD.with_name("explained.toml")

_INTRODUCTION = """\
# Every instruction disturbed

Single faults in every instruction that each command of the applet executes, on the virtual machine, with all models of
[faults.md](../reference/faults.md), which says what they stand for and what simulation does not show. The record from
which this page is made is written by

    .venv/bin/cardlab faults tests.jpki.applet.faulting.campaign --record tests/jpki/applet/faulting/record.json

- **broken**: an invariant of `tests/jpki/applet/faulting/invariants.py` does not hold afterwards.
- A command is repeated with one fault by its scene and `--case`, as the last column of the second table says.
"""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why faults of some models in one method still break something: ``where`` is class and method."""

    where: str
    models: frozenset[str]
    why: str

    def explains(self, broken: Broken) -> bool:
        """All cases of it."""
        models = {case.partition("@")[0] for case in broken.cases}
        return broken.where.partition("(")[0] == self.where and models <= self.models


def read_explanations(path: Path) -> tuple[Explanation, ...]:
    """From ``explained.toml`` beside the record."""
    found = tomllib.loads(path.read_text(encoding="utf-8")).get("remaining", [])
    return tuple(Explanation(one["where"], frozenset(one["models"]), one["why"]) for one in found)


def markdown(record: FaultRecord, explanations: Sequence[Explanation]) -> str:
    """The page."""
    lines = (
        _INTRODUCTION, f"{record.date}, CAP file: SHA-256 `{record.cap}`.", "", _summary(record), "",
        "## Broken, by source line", "", *_weak(weak_lines(record)), "",
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
    cases, seconds = sum(one.cases for one in scenes), sum(one.seconds for one in scenes)
    counts = ", ".join(f"{sum(one.total(kind.value) for one in scenes):,} {kind.value}" for kind in Outcome)
    sampled = [one for one in scenes if one.one_in > 1]
    said = (
        f" Of {len(sampled)} commands that make an RSA key one case in {sampled[0].one_in} was done." if sampled else ""
    )
    return (
        f"{len(scenes)} commands and states, {cases:,} cases: {counts}; in {seconds:.0f} seconds on two cores "
        f"that had other work, too.{said}"
    )


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
        counts = (scene.instructions, scene.cases, *(scene.total(one.value) for one in Outcome))
        yield f"| {scene.name} | " + " | ".join(f"{one:,}" for one in counts) + " |"
