"""A pytest project outside this repository."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import PATIENCE
from tests.warm import pytest_in

EXAMPLE = Path(__file__).resolve().parents[2] / "example_applet"
SETTINGS = """\
[tool.pytest.ini_options]
javacard_sources = "src"
javacard_class = "com.example.purse.Purse"
javacard_aid = "F00000000101"
javacard_parameters = "31323334"
"""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended. ``output`` is both streams."""

    code: int
    output: str


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with tests in it. What the plugin compiles stays beside it, away from the user's cache."""

    folder: Path
    python: str = sys.executable

    def write(self, name: str, text: str) -> None:
        """Write a file, and its folders."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def copy_purse(self) -> None:
        """The sources of the example applet."""
        shutil.copytree(EXAMPLE / "src", self.folder / "src")

    def run(self, *arguments: str, **environment: str) -> Result:
        """Run pytest in the folder; Hypothesis, caching and colours of this very run do not reach it."""
        return self._run(arguments, environment, anew=False)

    def run_anew(self, *arguments: str, **environment: str) -> Result:
        """The same by a Python that has imported nothing before."""
        return self._run(arguments, environment, anew=True)

    def _run(self, arguments: Sequence[str], environment: Mapping[str, str], *, anew: bool) -> Result:
        # CI and BUILD_NUMBER make pytest print longer summaries.
        foreign = ("PYTEST_", "COV_", "CI", "BUILD_NUMBER")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        if "PYTHONPATH" in environment:  # before what this run notes refusals by
            before = kept.get("PYTHONPATH", "")
            environment = {**environment, "PYTHONPATH": os.pathsep.join((environment["PYTHONPATH"], before))}
        made = {"XDG_CACHE_HOME": str(self.folder / ".cache"), "COLUMNS": "100"}
        return Result(
            *pytest_in(
                self.folder,
                ["-p", "no:cacheprovider", "--color=no", *arguments],
                {**kept, **made, **environment},
                python=self.python,
                anew=anew,
                timeout=PATIENCE,
            )
        )
