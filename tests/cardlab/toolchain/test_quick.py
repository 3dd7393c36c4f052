"""`build.py test --quick`: a choice of tests that touches every folder."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cardlab.toolchain.small_project import ROOT
from tests.waiting import PATIENCE


@pytest.fixture(scope="module")
def build() -> dict[str, Any]:
    """What build.py defines."""
    return runpy.run_path(str(ROOT / "build.py"))


def folders_with_tests() -> set[Path]:
    """Every folder that has tests of its own."""
    return {file.parent for file in (ROOT / "tests").rglob("test_*.py")}


def test_what_is_chosen_exists_and_is_chosen_once(build: dict[str, Any]) -> None:
    chosen = [one for one in build["quick"]() if one.startswith("tests/")]
    assert [one for one in chosen if not (ROOT / one.partition("::")[0]).exists()] == [], "pyproject.toml, [tool.build]"
    assert len(set(chosen)) == len(chosen)


@pytest.mark.slow
def test_something_of_every_folder_is_run(build: dict[str, Any]) -> None:
    """After what is slow was left out."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *build["quick"]()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    run = {(ROOT / line.partition("::")[0]).parent for line in done.stdout.splitlines() if "::" in line}
    assert folders_with_tests() - run == set(), "add a file of each to pyproject.toml, [tool.build]"


def test_a_seed_is_a_number_behind_its_option(build: dict[str, Any]) -> None:
    join = build["join_seed"]
    assert join(["--random-order", "7", "tests"]) == ["--random-order=7", "tests"]
    assert join(["--random-order", "tests/docs"]) == ["--random-order=new", "tests/docs"]
    assert join(["-x", "--random-order"]) == ["-x", "--random-order"]


def test_a_choice_or_paths_but_not_both(build: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(build["StoppedError"], match="--quick is a choice of tests: leave it out, or the paths"):
        build["test"](["test", "--quick", "tests/docs"])
