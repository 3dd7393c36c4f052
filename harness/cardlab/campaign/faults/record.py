"""What a campaign of faults found, as a file: written after each scene, read to go on.

{"title": …, "cap": SHA-256, "date": "2026-11-27", "seed": 1, "models": ["skip", …], "pairs": 100, "scenes": [
  {"name": "SIGN, not verified", "one_in": 1, "instructions": 251, "cases": 2104,
   "distinct": 70, "judged": 63, "seconds": 0.9,
   "outcomes": {"skip": {"refused": 180, "mute": 21, "harmless": 47, "broken": 3}, …, "pairs": {…}},
   "broken": [{"where": "a.b.Pin.requireVerified(Pin.java:61)", "opcode": "ifne", "invariants": ["…"],
               "cases": ["skip@120", …]}],
   "lines": {"Pin.java:61": {"refused": 12, …}}}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from cardlab.errors import IntegrityError

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
class FaultRecord:
    """A campaign: of which CAP file, with which choices."""

    title: str
    cap: str
    date: str
    seed: int
    models: tuple[str, ...]
    pairs: int
    scenes: tuple[SceneRecord, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """From its file; IntegrityError when it is none."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            scenes = tuple(SceneRecord.of(one) for one in values["scenes"])
            return cls(**{**values, "models": tuple(values["models"]), "scenes": scenes})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IntegrityError(f"{path} is no record of faults: {error}", hint="delete it and begin anew") from error

    def write(self, path: Path) -> None:
        """Into its file, as a whole or not at all, whenever the process ends."""
        beside = path.with_name(path.name + ".new")
        values = self.as_json()
        scenes = ",\n".join(json.dumps(one, ensure_ascii=False) for one in values.pop("scenes"))
        head = json.dumps(values, ensure_ascii=False).removesuffix("}")
        content = f'{head}, "scenes": [\n{scenes}\n]}}\n'
        beside.write_text(content, encoding="utf-8", newline="\n")
        beside.replace(path)

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and the file."""
        return asdict(self)

    def goes_on(self, earlier: Self) -> bool:
        """Whether scenes of an earlier record are those that this one would have."""
        return (self.cap, self.seed, self.models, self.pairs) == (
            earlier.cap, earlier.seed, earlier.models, earlier.pairs,
        )  # fmt: skip

    def with_scenes(self, found: Iterable[SceneRecord], order: Iterable[str]) -> Self:
        """With these in the place of those of their names, in an order of names; others are left out."""
        known = {one.name: one for one in (*self.scenes, *found)}
        kept = tuple(known[name] for name in order if name in known)
        return type(self)(self.title, self.cap, self.date, self.seed, self.models, self.pairs, kept)
