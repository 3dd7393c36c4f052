"""What a campaign of faults found, in lines for people: the scenes, then what is broken by source line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from cardlab.campaign.faults.record import FaultRecord
from cardlab.campaign.faults.runner import line_of
from cardlab.campaign.faults.scene import Outcome


@dataclass(slots=True)
class Weak:
    """A source line at which faults break invariants."""

    where: str
    cases: int = 0
    models: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    invariants: set[str] = field(default_factory=set)
    scenes: set[str] = field(default_factory=set)
    example: str = ""


def weak_lines(record: FaultRecord, *, pairs: bool = False) -> list[Weak]:
    """By how many cases they have: of single faults; or of pairs, each where its first fault is.

    Pairs of which one fault breaks something alone tell nothing more, and are left out.
    """
    found: dict[str, Weak] = {}
    for scene in record.scenes:
        alone = {case for broken in scene.broken for case in broken.cases if "+" not in case}
        for broken in scene.broken:
            cases = [one for one in broken.cases if ("+" in one) is pairs and _tells(one, alone, pairs)]
            if not cases:
                continue
            weak = found.setdefault(line_of(broken.where), Weak(broken.where))
            weak.cases += len(cases)
            for case in cases:
                weak.models[case.partition("@")[0]] += 1
            weak.invariants |= set(broken.invariants)
            weak.scenes.add(scene.name)
            weak.example = weak.example or f'"{scene.name}" --case {cases[0]}'
    return sorted(found.values(), key=lambda one: (-one.cases, one.where))


def _tells(case: str, alone: set[str], pairs: bool) -> bool:
    return not pairs or not alone & set(case.split("+"))


def lines(record: FaultRecord) -> Iterator[str]:
    """Everything."""
    for scene in record.scenes:
        counts = ", ".join(f"{scene.total(one.value):,} {one.value}" for one in Outcome)
        yield f"{scene.name}: {scene.cases:,} cases, {counts}"
    weak = weak_lines(record)
    if weak:
        yield ""
    for one in weak:
        models = ", ".join(f"{count} {name}" for name, count in sorted(one.models.items()))
        yield f"{line_of(one.where)}: {models}: {'; '.join(sorted(one.invariants))}"
        yield f"    {one.example}"
    total = sum(one.cases for one in record.scenes)
    broken = sum(one.total(Outcome.BROKEN.value) for one in record.scenes)
    yield ""
    yield f"{len(record.scenes)} scenes, {total:,} cases, {broken:,} broken"
