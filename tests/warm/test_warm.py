"""A process that has imported everything runs pytest as a new one does."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from coverage import CoverageData

from tests.waiting import PATIENCE
from tests.warm import pytest_in

LOOKS = """
import os, sys

def test_what_is_around():
    print(os.getcwd(), sys.path[0], os.environ["SAID"], "HOME" in os.environ)
    print(os.path.basename(sys.argv[0]), sys.argv[1:])
    print("and on the other stream", file=sys.stderr)
    print("nothing to read:", repr(os.read(0, 1)))
    assert False
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.joinpath("test_it.py").write_text(LOOKS, encoding="utf-8")
    return tmp_path


def run(
    folder: Path, *arguments: str, anew: bool = False, timeout: float = PATIENCE, **environment: str
) -> tuple[int, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV", "HOME"))}
    given = ("-s", "-p", "no:cacheprovider", "--color=no", *arguments)
    code, output = pytest_in(folder, given, {**kept, "SAID": "a word", **environment}, anew=anew, timeout=timeout)
    return code, re.sub(r"=+ (.*) in [\d.]+s.* =+", r"\1 in a moment", output)  # the line's filling depends on it, too


def test_it_is_as_in_a_new_process(folder: Path) -> None:
    warm = run(folder)
    assert warm == run(folder, anew=True)
    assert warm[0] == 1
    assert f"{folder} {folder} a word False" in warm[1]


def test_a_run_leaves_nothing_to_the_next(folder: Path) -> None:
    folder.joinpath("conftest.py").write_text("import os\nos.environ['SAID'] = 'mine'\n", encoding="utf-8")
    assert "mine False" in run(folder)[1]
    folder.joinpath("conftest.py").unlink()
    assert "a word False" in run(folder)[1]


def test_what_is_executed_counts_for_whoever_asked(folder: Path) -> None:
    """tests/mutating asks which of a file's lines a test executes, and tests share the process."""
    settings = (
        "[run]",
        "parallel = true",
        f"data_file = {folder / 'seen'}",
        "context = ${WHO}",
        f"include = {folder}/*",
    )
    folder.joinpath("measured.ini").write_text("\n".join(settings), encoding="utf-8")
    module = folder / "module.py"
    module.write_text("def one():\n    return 1\n\n\ndef two():\n    return 2\n", encoding="utf-8")
    for who in ("one", "two"):
        folder.joinpath("test_it.py").write_text(f"import module\n\ndef test_it():\n    module.{who}()\n")
        assert run(folder, COVERAGE_PROCESS_START=str(folder / "measured.ini"), WHO=who)[0] == 0
    executed: dict[str, set[int]] = {}
    for file in folder.glob("seen.*"):
        data = CoverageData(str(file))
        data.read()
        for line, contexts in data.contexts_by_lineno(str(module)).items():
            for who in contexts:
                executed.setdefault(who, set()).add(line)
    assert executed == {"one": {1, 2, 5}, "two": {1, 5, 6}}


@pytest.mark.parametrize(("code", "ending"), [("os._exit(7)", 7), ("os.kill(os.getpid(), 9)", -9)])
def test_however_a_run_ends_the_next_is_served(folder: Path, code: str, ending: int) -> None:
    folder.joinpath("test_it.py").write_text(f"import os\n\ndef test_it():\n    {code}\n", encoding="utf-8")
    assert run(folder)[0] == ending
    assert run(folder, "--version")[0] == 0


def test_a_run_that_does_not_end_is_ended(folder: Path) -> None:
    folder.joinpath("test_it.py").write_text("import time\ntime.sleep(1000)\n", encoding="utf-8")
    with pytest.raises(subprocess.TimeoutExpired):
        run(folder, timeout=0.5)
    assert run(folder, "--version")[0] == 0
