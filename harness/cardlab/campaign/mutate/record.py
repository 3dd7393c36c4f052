"""What became of mutants, as a file: written while they are hunted, read to go on, kept with the tests.

{"title": "…", "found": 198, "runs": [{"sources": "…", "tests": "…", "date": "2026-11-27", "cap": SHA-256}],
 "tests": ["tests/test_purse.py::test_a_new_purse_is_empty", …], "mutants": {
  "Purse.java Purse.verify": [
   ["condition", "if (!pin.check(…))", "if (pin.check(…))", 1, "killed", 4, 0], …]}}

Each has operator, original, mutated, number, outcome, the number of the test that noticed it (null: none), of its run.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from cardlab.campaign.kept import read_kept, write_kept
from cardlab.campaign.mutate.messages import Outcome
from cardlab.campaign.mutate.mutation import Identity


@dataclass(frozen=True, slots=True)
class Run:
    """What a hunt was done with: digests of sources and tests, the day, the SHA-256 of the originals' load files."""

    sources: str
    tests: str
    date: str
    cap: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mutant: ``by`` noticed it, in the run of this number."""

    outcome: Outcome
    by: str = ""
    run: int = 0


@dataclass(slots=True)
class MutationRecord:
    """All fates that are known, of so many mutants that the operators find."""

    title: str = ""
    found: int = 0
    runs: list[Run] = field(default_factory=list)
    fates: dict[Identity, Fate] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """From its file, empty when there is none; IntegrityError when it is no record."""
        return read_kept(path, "mutants", cls.of) if path.is_file() else cls()

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """From JSON; KeyError, TypeError or IndexError when it is no record."""
        fates = dict(_fates(values["mutants"], values["tests"]))
        return cls(values["title"], values["found"], [Run(**one) for one in values["runs"]], fates)

    def begin(self, run: Run) -> int:
        """The number of a run: an earlier one's when it had the same sources and tests."""
        for number, one in enumerate(self.runs):
            if (one.sources, one.tests) == (run.sources, run.tests):
                return number
        self.runs.append(run)
        return len(self.runs) - 1

    def keep_only(self, identities: Iterable[Identity]) -> None:
        """Forget mutants that are no more, and runs that nothing is left of."""
        self.fates = {one: self.fates[one] for one in identities if one in self.fates}
        numbers = sorted({fate.run for fate in self.fates.values()})
        self.runs = [self.runs[number] for number in numbers]
        self.fates = {one: Fate(fate.outcome, fate.by, numbers.index(fate.run)) for one, fate in self.fates.items()}

    def write(self, path: Path) -> None:
        """Into its file, as a whole or not at all, whenever the process ends."""
        write_kept(path, self._text())

    def as_json(self) -> dict[str, Any]:
        """For the file, and whoever reads it."""
        tests = sorted({fate.by for fate in self.fates.values() if fate.by})
        numbers: dict[str, int | None] = {"": None, **{test: number for number, test in enumerate(tests)}}
        mutants: dict[str, list[list[Any]]] = defaultdict(list)
        for one, fate in self.fates.items():
            row = [one.operator, one.original, one.mutated, one.number]
            mutants[f"{one.file} {one.member}"].append([*row, fate.outcome.value, numbers[fate.by], fate.run])
        runs = [asdict(one) for one in self.runs]
        return {"title": self.title, "found": self.found, "runs": runs, "tests": tests, "mutants": mutants}

    def _text(self) -> str:
        """One mutant a line."""
        values = self.as_json()
        members = ",\n".join(f" {_text(member)}: [\n{_rows(rows)}]" for member, rows in values["mutants"].items())
        tests = ",\n".join(f" {_text(test)}" for test in values["tests"])
        head = f'{{"title": {_text(self.title)}, "found": {self.found}, "runs": {_text(values["runs"])},'
        return f'{head}\n"tests": [\n{tests}],\n"mutants": {{\n{members}}}}}\n'


def _rows(rows: list[list[Any]]) -> str:
    return ",\n".join(f"  {_text(row)}" for row in rows)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _fates(mutants: dict[str, list[list[Any]]], tests: list[str]) -> Iterator[tuple[Identity, Fate]]:
    for name, rows in mutants.items():
        file, _, member = name.partition(" ")
        for operator, original, mutated, number, outcome, by, run in rows:
            identity = Identity(file, member, operator, original, mutated, number)
            yield identity, Fate(Outcome(outcome), "" if by is None else tests[by], run)
