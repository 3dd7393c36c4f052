"""Which part of the thorough tests ran when, on which commit, with which seed, and what came out: a file.

One line a block: {"interleavings/7": {"commit": "04f03dc9", "began": "2026-11-27T12:40Z", "seconds": 812, "seed": 5,
"passed": 1, "skipped": 0, "failed": [], "inputs": SHA-256 of what the tests depend on}}
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from cardlab.errors import IntegrityError
from cardlab.files import replace_file
from cardlab.locking import hold_file

RECORD = Path("tests", "thorough", "record.json")
_WAIT = 30.0  # seconds for another run that writes its own result


class State(enum.Enum):
    """What is known of a block."""

    FAILED = "failed"
    NEVER = "never run"
    STALE = "stale"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Result:
    """One block, run to its end. ``commit`` ends with ``+`` where what was tested was not committed."""

    commit: str
    began: str  # UTC, to the minute
    seconds: int
    seed: int
    passed: int
    skipped: int
    failed: tuple[str, ...]
    inputs: str

    def state(self, inputs: str) -> State:
        """What it says of a block whose tests depend on ``inputs`` now."""
        if self.inputs != inputs:
            return State.STALE
        return State.FAILED if self.failed else State.PASSED


@dataclass(slots=True)
class ThoroughRecord:
    """The last result of each block, by its name."""

    results: dict[str, Result] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """From its file, empty when there is none; IntegrityError when it is no record."""
        if not path.is_file():
            return cls()
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls({name: Result(**{**one, "failed": tuple(one["failed"])}) for name, one in values.items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            hint = "take the one in the repository"
            raise IntegrityError(f"{path} is no record of thorough runs: {error}", hint=hint) from error

    def state(self, block: str, inputs: str) -> State:
        """Of a block whose tests depend on ``inputs`` now."""
        return self.results[block].state(inputs) if block in self.results else State.NEVER

    def text(self) -> str:
        """One block a line, in the order of their names."""
        rows = (f"  {json.dumps(name)}: {json.dumps(asdict(one))}" for name, one in sorted(self.results.items()))
        return "{\n" + ",\n".join(rows) + "\n}\n"


def put_on_record(path: Path, results: Mapping[str, Result]) -> ThoroughRecord:
    """Add results to a record that others may be adding to as well; returns it."""
    with hold_file(path, wait=_WAIT):
        record = ThoroughRecord.read(path)
        record.results |= results
        replace_file(path, record.text().encode())
    return record
