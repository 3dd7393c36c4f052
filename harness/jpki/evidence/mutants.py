"""The applet's mutants, and what is on record about who notices them (F4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path

from cardlab.campaign import fingerprints
from cardlab.campaign.mutant_record import Found, Record
from cardlab.campaign.mutants import Mutant, read_mutants
from cardlab.errors import UsageError

TESTS = Path("tests", "jpki", "applet")
"""The applet's tests, in the repository; a mutant names the one that notices it by its place in there."""

MUTANTS = TESTS / "mutants"
RECORD = MUTANTS / "record.json"
RUNTIME = "vm"
"""What executes the applet while it is hunted: the runtime that runs the bytes that would be loaded onto a card."""
_MODEL = Path("harness", "jpki", "model")
_MACHINE = ("machine.py", "machine_driver.py", "machine_properties.py")


def runtime_for(mutant: Mutant) -> str:
    """The runtime that executes the mutant while it is hunted."""
    return mutant.runtime or RUNTIME


@unique
class Way(StrEnum):
    """How a mutant is hunted; the values stand in the record."""

    TEST = "test"  # by the test that its entry names
    MODEL = "model"  # by the state machine, which compares the card with the model


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is on record about one mutant; None: it was not hunted that way since anything that decides has changed."""

    test: Found | None
    model: Found | None

    def by(self, way: Way) -> Found | None:
        """One of the two."""
        return {Way.TEST: self.test, Way.MODEL: self.model}[way]

    @property
    def hunts(self) -> list[Found]:
        """Those that were made."""
        return [found for found in (self.test, self.model) if found]

    @property
    def noticed(self) -> bool:
        """Whether anything noticed it."""
        return any(found.by for found in self.hunts)


class Mutants:
    """Those of one checkout, with their record."""

    def __init__(self, root: Path) -> None:
        """Read them; raises IntegrityError when a file of mutants or the record is damaged."""
        self.all: tuple[Mutant, ...] = read_mutants(root / MUTANTS)
        self._root = root
        self._tests: dict[str, str] = {}  # fingerprints; many mutants name one test
        self._record = Record(root / RECORD)
        self._applet = fingerprints.of_files((root / "applet").rglob("*.java"))
        self._machine = fingerprints.of_files(
            [*((root / TESTS / name) for name in _MACHINE), *(root / _MODEL).glob("*.py")]
        )

    def named(self, name: str) -> Mutant:
        """The one with this name; raises UsageError when there is none."""
        for mutant in self.all:
            if mutant.name == name:
                return mutant
        raise UsageError(f"there is no mutant {name!r}", hint=f"their names are in {MUTANTS.as_posix()}")

    def chosen(self, words: Sequence[str]) -> list[Mutant]:
        """Those whose name holds one of the words; all when there is no word."""
        return [one for one in self.all if not words or any(word in one.name for word in words)]

    def known(self, mutant: Mutant) -> Knowledge:
        """What is on record and still holds."""
        found = {way: self._record.get(mutant.name, way, self.fingerprint(mutant, way)) for way in Way}
        return Knowledge(found[Way.TEST], found[Way.MODEL])

    def learn(self, mutant: Mutant, way: Way, by: str, lives: int = 0) -> None:
        """Put the outcome of a hunt on record: what noticed the mutant, empty when nothing did."""
        self._record.put(mutant.name, way, Found(by, self.fingerprint(mutant, way), lives))

    def forget_others(self) -> None:
        """Leave nothing on record about mutants that are no more, and ways in which nobody hunts any more."""
        self._record.keep_only((one.name for one in self.all), tuple(Way))

    def fingerprint(self, mutant: Mutant, way: Way) -> str:
        """Of what decides the outcome: the applet, the change, who hunts, and where. Not how cards are made."""
        return fingerprints.combined([self._applet, repr(mutant.edits), self._hunter(mutant, way), runtime_for(mutant)])

    def _hunter(self, mutant: Mutant, way: Way) -> str:
        if way is not Way.TEST:
            return self._machine
        if mutant.test not in self._tests:
            file, _, function = mutant.test.partition("[")[0].partition("::")
            self._tests[mutant.test] = fingerprints.of_test(self._root / TESTS / file, function)
        return self._tests[mutant.test]
