"""Why no test can notice some mutants: a TOML file that people write, an entry for each.

    [[survivor]]
    file = "Purse.java"
    member = "Purse.move"
    operator = "constant"
    original = "short LIMIT = 10000;"
    mutated = "short LIMIT = 10001;"
    reason = "..."

    [[reason]]
    text = "..."
    survivors = [
        { file = "Purse.java", member = "Purse.read", operator = "order", original = "…", mutated = "…" },
    ]

The second form says once what holds of several; each of them is told from others all the same.
``[sample] answered = 22`` says how many mutants of a sample are noticed by tests alone that were written because of it;
``disturbed = 34`` and ``scenes = 800``, that so many survivors met so many scenes with faults beside their tests.
``number`` says which one, where there are several. Entries outlive edits elsewhere in the file: they have no lines.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardlab.campaign.mutate.messages import Outcome
from cardlab.campaign.mutate.mutation import Identity
from cardlab.campaign.mutate.record import MutationRecord
from cardlab.errors import IntegrityError

Explanations = Mapping[Identity, str]


def read_explanations(path: Path | None) -> Explanations:
    """By mutant; none without a file. IntegrityError for an entry that is incomplete, or there twice."""
    if path is None or not path.is_file():
        return {}
    found: dict[Identity, str] = {}
    try:
        for identity, reason in _entries(tomllib.loads(path.read_text(encoding="utf-8"))):
            if identity in found or not reason:
                raise ValueError(f"{identity} is there twice, or has no reason")
            found[identity] = reason
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(f"{path} cannot be read as explanations of survivors: {error}") from error
    return found


def _entries(values: dict[str, Any]) -> Iterator[tuple[Identity, str]]:
    for entry in values.get("survivor", []):
        reason = str(entry.pop("reason")).strip()
        yield Identity(**entry), reason
    for shared in values.get("reason", []):
        reason, survivors = str(shared["text"]).strip(), shared["survivors"]
        if not survivors:
            raise ValueError(f"no survivor has the reason {reason!r}")
        yield from ((Identity(**one), reason) for one in survivors)


@dataclass(frozen=True, slots=True)
class Sample:
    """What is said of a hunt as a whole. ``answered``: see above; ``disturbed``: survivors that met ``scenes`` more."""

    answered: int = 0
    disturbed: int = 0
    scenes: int = 0


def read_sample(path: Path | None) -> Sample:
    """The table ``[sample]``; nothing without it. IntegrityError when it says something else."""
    if path is None or not path.is_file():
        return Sample()
    try:
        return Sample(**tomllib.loads(path.read_text(encoding="utf-8")).get("sample", {}))
    except (OSError, ValueError, TypeError) as error:
        raise IntegrityError(f"{path} says something unknown of its sample: {error}") from error


def stale(explanations: Explanations, record: MutationRecord, known: Iterable[Identity]) -> list[str]:
    """Entries of mutants that are no more, or that a test notices after all."""
    there = set(known)
    problems = [f"explained, but there is no such mutant: {one}" for one in explanations if one not in there]
    for one in explanations:
        fate = record.fates.get(one)
        if one in there and fate is not None and fate.outcome is not Outcome.SURVIVED:
            problems.append(f"explained, but {fate.outcome.value} {fate.by}: {one}")
    return problems
