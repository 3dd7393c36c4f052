"""What a campaign of power cuts found, as a file (cardlab.campaign.record).

{"title": …, "cap": SHA-256, "date": "2026-11-27", "seed": 1, "one_in": 1, "scenes": [
  {"command": "VERIFY", "state": "…", "writes": 2, …, "violations": [
    {"invariant": "it is neither old nor new", "count": 3, "cases": ["12/new+1:30/random", …], "told": "…"}]}]}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from cardlab.campaign.record import CampaignRecord


@dataclass(frozen=True, slots=True)
class Violation:
    """Ends at which an invariant does not hold: how many, cuts that lead to some of them, and words on the first."""

    invariant: str
    count: int
    cases: tuple[str, ...]
    told: str


@dataclass(frozen=True, slots=True)
class TornScene:
    """One command in one state.

    ``first_cuts``: three for each write: the old, the new, and a random value are left in the cell. ``second_cuts``: at
    each write of the recovery after each of them, the old and the new value left; ``chances``: random ones beside them.
    ``states``: distinct states of memory that cuts left; ``ends``: those that recoveries came to; ``looked``: of these,
    looked at as a whole; ``views``: distinct things seen; ``confirmed``: states at which the power was really cut.
    """

    command: str
    state: str
    writes: int
    first_cuts: int
    second_cuts: int
    chances: int
    states: int
    ends: int
    looked: int
    views: int
    confirmed: int
    violations: tuple[Violation, ...]
    seconds: float

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.command}, {self.state}"

    @property
    def violated(self) -> int:
        """Ends at which an invariant does not hold, each as often as there are such invariants."""
        return sum(one.count for one in self.violations)


@dataclass(frozen=True, slots=True)
class TearRecord(CampaignRecord[TornScene]):
    """A campaign of power cuts. ``one_in``: of so many states one was recovered from; 1: all."""

    what: ClassVar[str] = "power cuts"

    one_in: int = 1

    @staticmethod
    def scene_of(values: dict[str, Any]) -> TornScene:
        """A scene from JSON."""
        violations = tuple(Violation(**{**one, "cases": tuple(one["cases"])}) for one in values["violations"])
        return TornScene(**{**values, "violations": violations})
