"""Campaign files of people: found with what lies beside them, and told where they are wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cardlab.campaign.loading import opened, own_sources
from cardlab.campaign.tears.scene import TearCampaign
from cardlab.errors import BuildError, UsageError
from tests.waiting import PATIENCE

HEAD = """\
from __future__ import annotations
from contextlib import contextmanager
from dataclasses import dataclass
from cardlab.campaign.faults.scene import FaultCampaign, FaultScene
from cardlab.errors import BuildError

@dataclass
class Held:
    value: int

def scene(state):
    return FaultScene("READ", state, None, None, {})

def of(*scenes):
    return FaultCampaign("C", "00", None, scenes)

"""
WHOLE = HEAD + "@contextmanager\ndef campaign():\n    yield of(scene('a'), scene('b'))\n"


def written(folder: Path, text: str) -> str:
    path = folder / "own.py"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a campaign file imports is gone after the test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def test_what_lies_beside_a_file_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "beside_own.py").write_text("NAME = 'c'\n", encoding="utf-8")
    with opened(
        written(tmp_path, WHOLE.replace("scene('b')", "scene(NAME)") + "from beside_own import NAME\n")
    ) as made:
        assert made.names == ["READ, a", "READ, c"]
        before = own_sources()
        assert own_sources() == before
        (tmp_path / "beside_own.py").write_text("NAME = 'd'\n", encoding="utf-8")
        assert own_sources() != before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import not_there_at_all\n", r"ModuleNotFoundError.*\(own.py:1: import not_there_at_all\)"),
        ("def campaign(:\n", r"SyntaxError: .*own.py, line 1"),
        ("x = 1\n", r"no function campaign\(\)"),
        (HEAD + "def campaign():\n    return of(scene('a'))\n", "is no context manager"),
        (
            HEAD + "@contextmanager\ndef campaign():\n    yield {}['k']\n",
            r"KeyError: 'k' \(own.py:19: yield \{\}\['k'\]\)",
        ),
        (HEAD + "@contextmanager\ndef campaign():\n    yield None\n", "yields a NoneType, not a Campaign"),
        (HEAD + "@contextmanager\ndef campaign():\n    yield of()\n", "has no scenes"),
        (HEAD + "@contextmanager\ndef campaign():\n    yield of(scene('a'), scene('a'))\n", "with one name: READ, a"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told), opened(written(tmp_path, text)):
        pass


def test_a_campaign_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="a FaultCampaign, not a TearCampaign"),
        opened(written(tmp_path, WHOLE), TearCampaign),
    ):
        pass


def test_an_error_of_the_build_stays_one(tmp_path: Path) -> None:
    text = HEAD + "@contextmanager\ndef campaign():\n    raise BuildError('line 3')\n    yield\n"
    with pytest.raises(BuildError, match=r"^line 3$"), opened(written(tmp_path, text)):
        pass


def test_a_module_that_is_not_there(tmp_path: Path) -> None:
    for name in ("no_such_module_here", "tests.no_such_module"):
        with pytest.raises(UsageError, match=f"there is no module {name}"), opened(name):
            pass
    with pytest.raises(UsageError, match="there is no file"), opened(str(tmp_path / "none.py")):
        pass


def test_words_that_choose_nothing(tmp_path: Path) -> None:
    with opened(written(tmp_path, WHOLE)) as made, pytest.raises(UsageError, match="no scene's name has 'c d'") as told:
        made.chosen(["c d"])
    assert told.value.hint == "there are: READ, a; READ, b"


_PARENT = """
import time
from cardlab.campaign.processes import started
if __name__ == "__main__":
    print(started(time.sleep, (600,)).pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_processes_end_with_one_that_is_killed(tmp_path: Path) -> None:
    """Nobody could end them any more, and they would wait for work for ever."""
    path = tmp_path / "parent.py"
    path.write_text(_PARENT, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _runs(child)
        parent.send_signal(signal.SIGKILL)
    end = time.monotonic() + PATIENCE
    while _runs(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(process: int) -> bool:
    """Whether it is there and no zombie, whose parent nobody has told yet."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat")
        return not state.is_file() or state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
