"""For each rule of the verifier a file that breaks it alone: mutants of one byte (`negatives.txt`), and others by hand.

`python -m tests.cardlab.cap.negatives` looks for the mutants anew, after the corpus or the rules have changed.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cardlab.cap.container import FILE_NAMES
from cardlab.cap.convert import Conversion
from cardlab.cap.errors import CapError
from cardlab.cap.exports import Exports, builtin
from cardlab.cap.reader import CapFile, from_components, read_cap
from cardlab.cap.verifier import Rule, verify
from tests.cardlab.cap.by_hand import COMPACT, NEGATIVES
from tests.cardlab.cap.corpus import PLATFORM, Case, compiled, converted
from tests.cardlab.cap.mutants import Mutant, Verdicts, choose

RECORD = Path(__file__).with_name("negatives.txt")
_SEED = 20261127
_TRIES = 100_000
"""Mutants tried beyond those of the records."""


@dataclass(frozen=True)
class Negative:
    """A mutant that breaks one rule, and what the finding says."""

    rule: Rule
    mutant: Mutant
    text: str

    @staticmethod
    def read() -> list[Negative]:
        """What is recorded."""
        out = []
        for line in RECORD.read_text("utf-8").splitlines():
            rule, package, component, change, text = line.split(maxsplit=4)
            out.append(Negative(Rule[rule], Mutant.read(package, component, change), text))
        return out

    def __str__(self) -> str:
        m = self.mutant
        return f"{self.rule.name} {m.package} {FILE_NAMES[m.component].removesuffix('.cap')} {m} {self.text}"


OWN = (Rule.OWN_CLASSES, Rule.OWN_CLASS_FLAGS, Rule.OWN_SUPERTYPES, Rule.OWN_FIELDS, Rule.OWN_METHODS)
"""Rules that compare a package with its own export file."""


def imports(conversions: Mapping[str, Conversion], cap: CapFile, *, own: bool = False) -> Exports:
    """What the corpus imports; the export file of the package itself only for the rules that compare with it."""
    library = conversions["library"].export
    return builtin(PLATFORM).plus([library] if own or cap.header.package.aid != library.aid else [])


def corpus_files(conversions: Mapping[str, Conversion], classes: Path) -> dict[str, CapFile]:
    """The corpus's CAP files, and one of format 2.3."""
    compact = Case("spare", classes).convert(platform="3.1")
    return {name: read_cap(one.cap) for name, one in conversions.items()} | {COMPACT: read_cap(compact.cap)}


def alone(cap: CapFile, exports: Exports, known: set[Rule]) -> tuple[Rule, str] | None:
    """The rule, not one of those known, that a file breaks alone, and the finding."""
    faults = verify(cap, exports).faults
    rules = {f.rule for f in faults}
    if len(rules) != 1 or rules <= known:
        return None
    [rule] = rules
    try:
        return (rule, faults[0].text) if verify(cap, exports, rules).sound else None
    except (LookupError, RecursionError):  # what the rule keeps from happening
        return None


def _recorded() -> Iterator[Mutant]:
    """Those of the record, whatever their rules are called now."""
    for line in RECORD.read_text("utf-8").splitlines() if RECORD.is_file() else ():
        yield Mutant.read(*line.split(maxsplit=4)[1:4])


def _mutants(conversions: Mapping[str, Conversion]) -> Iterator[Mutant]:
    """What may break a rule alone: first what did so before, so that a record changes no more than it must."""
    known = (*_recorded(), *sorted(Verdicts.read().refused))
    yield from (one for one in known if one.package in conversions)
    rng = random.Random(_SEED)
    for _ in range(_TRIES):
        name = rng.choice(sorted(conversions))
        yield choose(name, conversions[name].components, 1, rng)[0]


def _find(conversions: Mapping[str, Conversion]) -> list[Negative]:
    known, found = set(NEGATIVES), []
    for mutant in _mutants(conversions):
        if len(known) == len(Rule):
            break
        try:
            cap = from_components(mutant.of(conversions[mutant.package].components), {}, "")
        except (CapError, IndexError):  # IndexError: the component has become shorter since it was recorded
            continue
        one = alone(cap, imports(conversions, cap), known)
        if one is not None:
            found.append(Negative(one[0], mutant, one[1]))
            known.add(one[0])
    return found


def _record() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = _find(converted(compiled(Path(folder))))
    order = {rule: n for n, rule in enumerate(Rule)}
    found.sort(key=lambda one: order[one.rule])
    RECORD.write_text("".join(f"{one}\n" for one in found), "utf-8")
    missing = set(Rule) - {one.rule for one in found} - set(NEGATIVES)
    if missing:
        raise SystemExit(f"not found: {', '.join(sorted(rule.name for rule in missing))}; add them to by_hand.py")


if __name__ == "__main__":
    _record()
