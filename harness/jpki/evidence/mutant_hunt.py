"""Hunting mutants: who was not hunted yet, by whom, and what is not as the mutants' files say (F4).

The hunters are the tests' own and are given: they put a mutant on cards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cardlab.campaign.mutant_record import Found
from cardlab.campaign.mutants import Mutant
from cardlab.errors import HarnessError
from jpki.evidence.mutants import Knowledge, Mutants, Way

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Catch:
    """What noticed a mutant (empty: nothing did), after how many random lives (0: no random hunt), with what words."""

    by: str = ""
    lives: int = 0
    message: str = ""


Hunter = Callable[[Mutant, int], Catch]
"""Hunts one mutant, at random for so many lives at most; raises HarnessError when it could not be done."""


Pack = Callable[[Sequence[Mutant], Callable[[Mutant, Catch], object]], object]
"""Hunts many at once, and tells of each when it is done; raises HarnessError."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """What all mutants of one run have in common; ``again``: hunt those too whose outcome is known.

    ``packs`` hunt in ways of their own, before all others.
    """

    mutants: Mutants
    hunters: Mapping[Way, Hunter]
    lives: int
    again: bool
    say: Say
    packs: Mapping[Way, Pack] = field(default_factory=dict)

    def all(self, chosen: Sequence[Mutant], ways: Iterable[Way]) -> list[str]:
        """Hunt each in each of the ways; returns what is not as it should be."""
        problems, ways = [], tuple(ways)
        for way in ways:
            if way in self.packs:
                self._many(chosen, way)
        ways = tuple(way for way in ways if way not in self.packs)
        for number, mutant in enumerate(chosen, 1):
            start = time.perf_counter()
            self.say(f"{number}/{len(chosen)} {mutant.name}")
            problems += [one for way in ways if (one := self._one(mutant, way))]
            wrong = problem(mutant, self.mutants.known(mutant))
            problems += [f"{mutant.name}: {wrong}"] if wrong else []
            self.say(f"    {_outcome(self.mutants.known(mutant))} {wrong} ({time.perf_counter() - start:.0f} s)")
        return problems

    def _many(self, chosen: Sequence[Mutant], way: Way) -> None:
        wanted = [one for one in chosen if self.again or not self._is_settled(self.mutants.known(one).by(way))]

        def told(mutant: Mutant, catch: Catch) -> None:
            self.mutants.learn(mutant, way, catch.by, catch.lives)
            self.say(f"    {mutant.name}: {catch.by or 'nothing'}")

        if wanted:
            self.packs[way](wanted, told)

    def _one(self, mutant: Mutant, way: Way) -> str:
        if not self.again and self._is_settled(self.mutants.known(mutant).by(way)):
            return ""
        try:
            catch = self.hunters[way](mutant, self.lives)
        except HarnessError as error:
            return f"{mutant.name}: {error}"
        if catch.message:
            self.say(f"    {catch.by}, life {catch.lives}: {catch.message}")
        self.mutants.learn(mutant, way, catch.by, catch.lives)
        return ""

    def _is_settled(self, found: Found | None) -> bool:
        """Whether more lives would tell nothing new: it was noticed, or hunted as long as this hunt would."""
        return found is not None and (bool(found.by) or found.lives == 0 or found.lives >= self.lives)


def problem(mutant: Mutant, known: Knowledge) -> str:
    """What is not as the mutant's entry says; empty when all is well, or nothing is known."""
    if mutant.undetectable:
        return "listed as undetectable, but noticed" if known.noticed else ""
    if mutant.machine and known.model and not known.model.by:
        return "not noticed by the state machine any more"
    if known.test and not known.test.by:
        return f"not noticed by {mutant.test}" + (", but otherwise" if known.noticed else "")
    return "" if known.noticed or len(known.hunts) < len(Way) else "NOT NOTICED"


def _outcome(known: Knowledge) -> str:
    found = ((way, known.by(way)) for way in Way)
    return ", ".join(f"{way}: {one.by or 'nothing'}" for way, one in found if one)
