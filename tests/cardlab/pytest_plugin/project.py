"""A pytest project outside this repository."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

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
        # CI and BUILD_NUMBER make pytest print longer summaries.
        foreign = ("PYTEST_", "COV_", "CI", "BUILD_NUMBER")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        done = subprocess.run(
            [self.python, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *arguments],
            cwd=self.folder,
            env={**kept, "XDG_CACHE_HOME": str(self.folder / ".cache"), "COLUMNS": "100", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Result(done.returncode, done.stdout)

    def run_here(self, *arguments: str) -> Result:
        """The same within this process, which takes a tenth of the time.

        For runs that look at no environment, share no work among processes, and change nothing that outlives them.
        """
        told, before = io.StringIO(), Path.cwd()
        place = ["--import-mode=importlib", f"--rootdir={self.folder}", "-c", str(self.folder / "pyproject.toml")]
        os.chdir(self.folder)
        try:
            with redirect_stdout(told), redirect_stderr(told):
                code = pytest.main(["-p", "no:cacheprovider", "--color=no", "--capture=sys", *place, *arguments])
        finally:
            os.chdir(before)
        return Result(int(code), told.getvalue())
