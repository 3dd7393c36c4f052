"""What a project says about its mutants, in its pyproject.toml.

[tool.cardlab.mutate]
sources = ["src"]                    # without it those of javacard_sources
tests = ["tests"]                    # files, folders or node identifiers; without it those of pytest's testpaths
arguments = ["--profile=quick"]      # further ones of pytest
record = "tests/mutants.json"
explained = "tests/survivors.toml"
budget = 50_000_000                  # bytecode instructions that a command may execute
"""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardlab.campaign.mutate.messages import Ground
from cardlab.errors import UsageError

FILE = "pyproject.toml"
_KNOWN = {"sources", "tests", "arguments", "record", "explained", "budget", "title"}
_BUDGET = 20_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Paths are whole, or relative to ``folder``."""

    folder: Path
    sources: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    record: str = ""
    explained: str = ""
    budget: int = _BUDGET
    title: str = ""

    @classmethod
    def read(cls, folder: Path) -> Settings:
        """Of the project in this folder; nothing where there is no file. Raises UsageError."""
        path = folder / FILE
        try:
            tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}) if path.is_file() else {}
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error
        own = tools.get("cardlab", {}).get("mutate", {})
        if unknown := set(own) - _KNOWN:
            hint = f"there are {', '.join(sorted(_KNOWN))}"
            raise UsageError(f"{path}: [tool.cardlab.mutate] has {', '.join(sorted(unknown))}", hint=hint)
        pytest = tools.get("pytest", {}).get("ini_options", {})
        found = {"sources": _words(pytest, "javacard_sources"), "tests": _words(pytest, "testpaths"), **own}
        values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in found.items()}
        return cls(folder, **values)

    def ground(self, tests: tuple[str, ...] = (), sources: tuple[str, ...] = ()) -> Ground:
        """With other tests or sources where they are given; UsageError when nobody names any, or they are not there."""
        chosen = tuple((self.folder / one).absolute() for one in sources or self.sources)
        if not chosen:
            raise UsageError("no sources are named", hint=f"give --sources, or set javacard_sources in {FILE}")
        for one in chosen:
            if not one.exists():
                raise UsageError(f"there are no sources at {one}", hint="name a folder or a .java file")
        return Ground(self.folder, chosen, tests or self.tests or (".",), self.arguments, self.budget)

    def path(self, name: str) -> Path | None:
        """Of the record or the explanations; None when there is none."""
        return self.folder / name if name else None


def _words(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A setting of pytest: a list, or words in one text."""
    found = values.get(name, ())
    return tuple(shlex.split(found)) if isinstance(found, str) else tuple(found)
