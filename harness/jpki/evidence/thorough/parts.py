"""The parts that thorough runs are made of: tests/thorough/parts.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import IntegrityError

PARTS = Path("tests", "thorough", "parts.toml")


@dataclass(frozen=True, slots=True)
class Block:
    """What is run at once: tests as pytest names them. ``name`` is the part's, with ``/7`` when it has several."""

    name: str
    tests: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """Files and folders that the tests are in."""
        return tuple(dict.fromkeys(one.partition("::")[0] for one in self.tests))


@dataclass(frozen=True, slots=True)
class Part:
    """Tests that belong together, in so many blocks; ``{block}`` in a test's name is the number of the block."""

    name: str
    tests: tuple[str, ...]
    blocks: int = 1

    def all_blocks(self) -> Iterator[Block]:
        """What it is run in."""
        for number in range(self.blocks):
            name = f"{self.name}/{number}" if self.blocks > 1 else self.name
            yield Block(name, tuple(one.replace("{block}", str(number)) for one in self.tests))


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts, and what tests depend on beyond what they import (``Inputs``)."""

    all: tuple[Part, ...]
    dynamic: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, root: Path) -> Parts:
        """Of a checkout; IntegrityError for a file that does not say what parts are."""
        try:
            content = tomllib.loads((root / PARTS).read_text(encoding="utf-8"))
            parts = tuple(Part(one["name"], tuple(one["tests"]), one.get("blocks", 1)) for one in content["part"])
            return cls(parts, content["dynamic"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IntegrityError(f"{PARTS} names no parts: {error}", hint="see the file in the repository") from error
