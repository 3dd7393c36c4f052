"""The record of torn writes: what a full run found for each command in each state, and of which load file (F4).

{"cap": "5e88…", "scenes": [{"command": "VERIFY", "state": "…", "writes": 2, …}, …]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cardlab.errors import IntegrityError
from jpki.package import jpki_executable

RECORD = Path("tests", "jpki", "applet", "tearing", "record.json")


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
    violations: int
    seconds: float

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.command}, {self.state}"


@dataclass(frozen=True, slots=True)
class TearRecord:
    """A full run. ``cap``: SHA-256 of the CAP file; ``seed``: what it was run with."""

    cap: str
    seed: int
    scenes: tuple[TornScene, ...]

    @classmethod
    def read(cls, path: Path) -> TearRecord:
        """From its file; raises IntegrityError when it is none."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            scenes = tuple(TornScene(**one) for one in content["scenes"])
            return cls(content["cap"], content["seed"], scenes)
        except (OSError, ValueError, KeyError, TypeError) as error:
            hint = "make it anew: python3 scripts/tears.py --write"
            raise IntegrityError(f"{path} is no record of torn writes: {error}", hint=hint) from error

    def write(self, path: Path) -> None:
        """Into its file."""
        content = json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n"
        path.write_text(content, encoding="utf-8", newline="\n")

    def as_json(self) -> dict[str, Any]:
        """For ``--json``, and for the file."""
        return {"cap": self.cap, "seed": self.seed, "scenes": [asdict(one) for one in self.scenes]}

    def with_scenes(self, found: Iterable[TornScene], order: Iterable[str]) -> TearRecord:
        """With these in the place of those of their names, in an order of names; others are left out."""
        known = {one.name: one for one in (*self.scenes, *found)}
        return TearRecord(self.cap, self.seed, tuple(known[name] for name in order if name in known))


def cap_digest() -> str:
    """SHA-256 of the applet's CAP file, in hexadecimal."""
    return sha256(jpki_executable().cap).hexdigest()
