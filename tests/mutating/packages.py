"""Which packages there are, and which tests hunt their mutants (packages.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cardlab.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
RECORDS = HERE / "records"
EXPLAINED = HERE / "survivors.toml"


@dataclass(frozen=True, slots=True)
class Package:
    """Files and folders by their path in the repository; ``cold``: each mutant fills the cache of applets itself.

    ``prepared``: fixtures of the session that the package has no part in, made once for all mutants; ``apart``: those
    that start Java or are made by the package, without the mutant and in a process of their own.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    cold: bool = False
    prepared: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    @property
    def record(self) -> Path:
        """What became of its mutants."""
        return RECORDS / f"{self.name}.json"

    def files(self) -> list[Path]:
        """The sources."""
        return sorted(file for one in self.sources for file in _under(ROOT / one, "*.py"))

    def test_files(self) -> list[Path]:
        """Files with tests."""
        return sorted({file for one in self.tests for file in _under(ROOT / one, "test_*.py")})

    def helpers(self) -> list[Path]:
        """What stands beside the tests and is none."""
        folders = {file.parent for file in self.test_files()}
        beside = {file for folder in folders for file in folder.rglob("*") if file.suffix in (".py", ".java", ".toml")}
        return sorted(beside - {*self.test_files()})


def packages() -> dict[str, Package]:
    """By name, weakest first."""
    content = tomllib.loads((HERE / "packages.toml").read_text(encoding="utf-8"))
    return {
        name: Package(
            name,
            one["title"],
            (*one["sources"],),
            (*one["tests"],),
            one.get("cold", False),
            (*one.get("prepared", ()),),
            (*one.get("apart", ()),),
        )
        for name, one in content.items()
    }


def digest(files: list[Path]) -> str:
    """Of names and contents, 16 hexadecimal digits."""
    told = sha256()
    for file in files:
        told.update(f"{file.relative_to(ROOT)}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return told.hexdigest()[:16]


def _under(path: Path, pattern: str) -> Iterator[Path]:
    if path.is_dir():
        yield from path.rglob(pattern)
    elif path.is_file():
        yield path
    else:
        raise UsageError(f"there is no {path.relative_to(ROOT)}", hint="mend tests/mutating/packages.toml")
