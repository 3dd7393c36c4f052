"""build.py from the outside: what it makes, when it makes it again, and what it says when it cannot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cardlab.toolchain.small_project import ROOT, SmallProject, make
from tests.waiting import PATIENCE

MAKING = "making .venv"
# What build.py itself ends with, told apart from the 7 that the small project's command ends with.
COMMAND_RAN = 7


@pytest.fixture
def empty(tmp_path: Path) -> SmallProject:
    """A small repository that was never built."""
    return make(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """A small repository whose .venv was made; tests leave it complete."""
    project = make(tmp_path_factory.mktemp("built"))
    first = project.run("demo")
    assert first.returncode == COMMAND_RAN, first.stderr
    assert MAKING in first.stderr
    return project


def run_without_ensurepip(project: SmallProject) -> subprocess.CompletedProcess[str]:
    """Run `build.py demo` in a Python like Debian's without python3-venv, which has no ensurepip."""
    script = (
        "import runpy, sys; sys.modules['ensurepip'] = None; sys.argv = ['build.py', 'demo'];"
        f"runpy.run_path({str(project.root / 'build.py')!r}, run_name='__main__')"
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def would_make(project: SmallProject) -> bool:
    """Does build.py want to make .venv again? Where it cannot, it says so at once."""
    answer = run_without_ensurepip(project)
    assert answer.returncode in (3, COMMAND_RAN), answer.stderr
    return answer.returncode == 3


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help_names_every_command_and_makes_nothing(empty: SmallProject, arguments: list[str]) -> None:
    answer = empty.run(*arguments)
    assert answer.returncode == 0
    for name in ("demo", "test", "applet", "bench", "lint"):
        assert f"\n  {name} " in answer.stdout
    assert not (empty.root / ".venv").exists()


@pytest.mark.parametrize("arguments", [["dmeo"], [], ["--json"], ["demo2", "demo"]])
def test_unknown_command(empty: SmallProject, arguments: list[str]) -> None:
    answer = empty.run(*arguments)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "demo, applet, bench, test, lint" in answer.stderr
    assert not (empty.root / ".venv").exists()


def test_python_without_venv_says_which_package_to_install(empty: SmallProject) -> None:
    answer = run_without_ensurepip(empty)
    assert answer.returncode == 3
    assert f"apt-get install python3.{sys.version_info.minor}-venv" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_old_python_is_told_before_it_stumbles(empty: SmallProject) -> None:
    """An older Python is not at hand everywhere, so this one is told that it is old."""
    script = (
        "import runpy, sys; sys.version_info = (3, 8, 1, 'final', 0); sys.argv = ['build.py', 'demo'];"
        f"runpy.run_path({str(empty.root / 'build.py')!r}, run_name='__main__')"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (3, "")
    assert answer.stderr == "build.py: this is Python 3.8; run it with Python 3.11 or newer\n"


@pytest.mark.slow
def test_offline_is_one_line_with_the_way_out(empty: SmallProject) -> None:
    answer = empty.run(
        "demo", PIP_RETRIES="1", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL="http://127.0.0.1:9/simple"
    )
    assert answer.returncode == 3
    last = answer.stderr.splitlines()[-1]
    assert "requirements.lock" in last
    assert "cannot be reached" in last
    assert "PIP_INDEX_URL" in last
    assert "PIP_FIND_LINKS" in last
    assert "Traceback" not in answer.stderr
    assert not empty.stamp.exists()


@pytest.mark.slow
def test_file_with_another_hash_is_refused(empty: SmallProject) -> None:
    text = empty.lock.read_text()
    empty.lock.write_text(text[: text.index("sha256:") + 7] + "0" * 64 + "\n")
    answer = empty.run("demo")
    assert answer.returncode == 4
    assert "locked==1.0" in answer.stderr.splitlines()[-1]
    assert not empty.stamp.exists()


@pytest.mark.slow
def test_arguments_folder_and_exit_code_pass_through(built: SmallProject, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('a module of the folder that the user is in')")
    answer = built.run("demo", "--json", "two words", "", cwd=tmp_path)
    assert answer.returncode == COMMAND_RAN
    assert answer.stderr == ""  # nothing was made again
    said = json.loads(answer.stdout)
    assert said["arguments"] == ["demo", "--json", "two words", ""]
    assert Path(said["folder"]) == tmp_path
    assert Path(said["prefix"]) == built.root / ".venv"


@pytest.mark.slow
def test_without_card_readers_the_tests_run_all_the_same(built: SmallProject, tmp_path: Path) -> None:
    """No compiler: a line says what is left out and how to get it. The small project has no pytest to go on with."""
    answer = built.run("test", PATH=str(tmp_path))
    left_out, *rest = answer.stderr.splitlines()
    assert left_out.startswith("build.py: nothing is done with card readers, as pyscard is not installed: ")
    if sys.platform.startswith("linux"):
        assert "no cc, swig" in left_out
        assert "apt-get install gcc libpcsclite-dev python3-dev swig" in left_out
    assert rest == [f"{built.root / '.venv' / 'bin' / 'python'}: No module named pytest"]
    assert built.run("demo", PATH=str(tmp_path)).stderr == ""


@pytest.mark.slow
def test_interrupted_making_is_done_again(built: SmallProject) -> None:
    built.stamp.unlink()
    shutil.rmtree(next((built.root / ".venv").rglob("locked-1.0.dist-info")))
    answer = built.run("demo")
    assert answer.returncode == COMMAND_RAN
    assert MAKING in answer.stderr
    assert built.run("demo").stderr == ""


@pytest.mark.slow
def test_lost_python_is_noticed(built: SmallProject) -> None:
    python = built.root / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    away = python.rename(python.with_name("away"))
    assert would_make(built)
    away.rename(python)
    assert not would_make(built)


@pytest.mark.slow
def test_copied_repository_is_noticed(built: SmallProject, tmp_path: Path) -> None:
    copy = shutil.copytree(built.root, tmp_path / "copy", symlinks=True)
    assert would_make(SmallProject(copy, built.wheels))


@pytest.mark.slow
def test_changed_dependencies_are_noticed_and_settings_of_tools_are_not(built: SmallProject) -> None:
    project_file = built.root / "pyproject.toml"
    project_file.write_text(project_file.read_text() + "\n[tool.ruff]\nline-length = 99\n")
    assert not would_make(built)
    for file in (project_file, built.lock):
        text = file.read_text()
        file.write_text(text.replace("1.0", "1.1"))
        assert would_make(built)
        file.write_text(text)
    assert not would_make(built)


@pytest.mark.slow
def test_two_at_a_time_make_it_once(empty: SmallProject) -> None:
    both = [empty.start("demo") for _ in range(2)]
    answers = [one.communicate(timeout=PATIENCE) for one in both]
    assert [one.returncode for one in both] == [COMMAND_RAN, COMMAND_RAN]
    assert sum(MAKING in err for _, err in answers) == 1


def test_only_the_standard_library_is_imported() -> None:
    """It runs before anything is installed; -S hides every installed package, -I the folder it is in."""
    answer = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "build.py"), "--help"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
