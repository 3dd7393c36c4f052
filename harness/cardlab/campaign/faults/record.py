"""What a campaign of faults found, as a file (cardlab.campaign.record).

{"title": …, "cap": SHA-256, "date": "2026-11-27", "seed": 1, "models": ["skip", …], "pairs": 100, "scenes": [
  {"name": "SIGN, not verified", "one_in": 1, "instructions": 251, "cases": 2104,
   "distinct": 70, "judged": 63, "seconds": 0.9,
   "outcomes": {"skip": {"refused": 180, "mute": 21, "harmless": 47, "broken": 3}, …, "pairs": {…}},
   "broken": [{"where": "a.b.Pin.requireVerified(Pin.java:61)", "opcode": "ifne", "invariants": ["…"],
               "cases": ["skip@120", …]}],
   "lines": {"Pin.java:61": {"refused": 12, …}}}]}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from cardlab.campaign.record import CampaignRecord

PAIRS = "pairs"
Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Broken:
    """Cases that broke the same invariants by a fault at the same place; of a pair, its first fault's."""

    where: str
    opcode: str
    invariants: tuple[str, ...]
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SceneRecord:
    """One scene. ``one_in``: of so many single faults one was done.

    ``distinct``: different answers and memories; ``judged``: those whose invariants were asked.
    """

    name: str
    one_in: int
    instructions: int
    cases: int
    distinct: int
    judged: int
    seconds: float
    outcomes: dict[str, Counts]
    broken: tuple[Broken, ...]
    lines: dict[str, Counts]

    def total(self, outcome: str) -> int:
        """Cases of all models that came to it."""
        return sum(one.get(outcome, 0) for one in self.outcomes.values())

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """From JSON."""
        broken = tuple(
            Broken(one["where"], one["opcode"], tuple(one["invariants"]), tuple(one["cases"]))
            for one in values["broken"]
        )
        return cls(**{**values, "broken": broken})


@dataclass(frozen=True, slots=True)
class FaultRecord(CampaignRecord[SceneRecord]):
    """A campaign of faults: with which models, and how many pairs of faults in each scene."""

    what: ClassVar[str] = "faults"

    models: tuple[str, ...]
    pairs: int

    @staticmethod
    def scene_of(values: dict[str, Any]) -> SceneRecord:
        """A scene from JSON."""
        return SceneRecord.of(values)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """From JSON, which has lists."""
        return super(FaultRecord, cls).of({**values, "models": tuple(values["models"])})
