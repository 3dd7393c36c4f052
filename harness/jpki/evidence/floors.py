"""How many of the harness's lines the tests reach, by package: a floor for each, and the record of the last measuring.

Measured by ``build.py test --cov``; whatever was measured of sources that have changed since is told as such.
"""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from cardlab.errors import IntegrityError
from cardlab.files import replace_file

FLOORS = Path("tests", "coverage_floors.toml")
RECORD = Path("tests", "harness_coverage.json")


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one package: lines reached, of so many, on a day (UTC), in sources with this digest, and by which tests."""

    reached: int
    of: int
    date: str
    sources: str
    tests: str = "all"

    @property
    def percent(self) -> float:
        """Of its lines."""
        return 100 * self.reached / self.of if self.of else 100.0


def digest(root: Path, package: str) -> str:
    """SHA-256 over the Python files of ``cardlab/card`` and below it, or of those that lie in ``cardlab`` itself."""
    folder, whole = root / "harness" / package, sha256()
    for path in sorted(folder.rglob("*.py") if "/" in package else folder.glob("*.py")):
        whole.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def read_floors(root: Path) -> Mapping[str, float]:
    """Percent by package; IntegrityError for a file that does not say that."""
    try:
        floors = tomllib.loads((root / FLOORS).read_text(encoding="utf-8"))["floors"]
        return {name: float(percent) for name, percent in floors.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"{FLOORS} has no floors: {error}", hint='as "cardlab/card" = 97.5 below [floors]'
        ) from error


def read_record(root: Path) -> Mapping[str, Measured]:
    """What was measured last; IntegrityError for a file that does not say that."""
    try:
        found = json.loads((root / RECORD).read_text(encoding="utf-8"))
        return {name: Measured(**one) for name, one in found.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        hint = "take the one in the repository"
        raise IntegrityError(f"{RECORD} is no record of the harness's coverage: {error}", hint=hint) from error


def measured_now(root: Path, counts: Iterable[tuple[str, int, int]]) -> Mapping[str, Measured]:
    """Of packages with lines reached and all lines."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {name: Measured(reached, of, today, digest(root, name)) for name, reached, of in counts}


def write_record(root: Path, found: Mapping[str, Measured]) -> None:
    """In place of the last one; one package a line."""
    rows = (f"  {json.dumps(name)}: {json.dumps(asdict(one))}" for name, one in sorted(found.items()))
    replace_file(root / RECORD, ("{\n" + ",\n".join(rows) + "\n}\n").encode())


def below(floors: Mapping[str, float], found: Mapping[str, Measured]) -> tuple[str, ...]:
    """What is wrong, in words: packages below their floors, without one, or no more."""
    problems = [f"{name} has no floor in {FLOORS}" for name in found.keys() - floors.keys()]
    problems += [f"{FLOORS} names {name}, of which nothing was measured" for name in floors.keys() - found.keys()]
    for name in floors.keys() & found.keys():
        if found[name].percent < floors[name]:
            one = found[name]
            problems.append(
                f"{name}: {one.reached} of {one.of} lines reached, {one.percent:.1f} %; its floor is {floors[name]} %"
            )
    return tuple(sorted(problems))
