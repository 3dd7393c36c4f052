"""How tests are run: in any order, and none for ever."""

from __future__ import annotations

import contextlib
import itertools
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.limits import LimitExceededError, limited
from tests.order import NEW, chosen, repeating, shuffle

ROOT = Path(__file__).resolve().parents[3]
ON_UNIX = pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the process ends there, and says where it was")


@dataclass(frozen=True)
class Item:
    """What the order knows of a test."""

    path: Path
    name: str

    @property
    def nodeid(self) -> str:
        return f"{self.path}::{self.name}"


def shuffled(seed: int, files: int = 5) -> list[Item]:
    items = [Item(Path(f"test_{file}.py"), f"test_{number}") for file in range(files) for number in range(5)]
    shuffle(cast("list[pytest.Item]", items), seed)
    return items


def test_a_seed_gives_an_order_and_another_seed_another() -> None:
    assert shuffled(1) == shuffled(1) != shuffled(2)
    assert sorted(shuffled(1), key=str) == sorted(shuffled(2), key=str)


def test_a_files_tests_stay_together() -> None:
    files = [item.path for item in shuffled(3)]
    assert sum(one != other for one, other in itertools.pairwise(files)) == len(set(files)) - 1
    assert files != sorted(files)


def test_a_files_order_is_the_same_whatever_else_is_run() -> None:
    alone = shuffled(4, files=1)
    assert [item for item in shuffled(4) if item.path == alone[0].path] == alone
    assert alone != sorted(alone, key=lambda item: item.name)


def test_what_repeats_a_failure() -> None:
    failed = ["tests/test_a.py::test_1[x::y]", "tests/test_b.py::test_2", "tests/test_a.py::test_3"]
    assert repeating(9, failed) == [f"python3 build.py test --random-order=9 tests/test_{file}.py" for file in "ab"]


def test_all_processes_of_a_run_have_its_order() -> None:
    """Each would otherwise draw a seed from the same command line, and pytest-xdist runs nothing."""
    command = [sys.executable, "-m", "pytest", "-n", "2", "-q", "-p", "no:cacheprovider"]
    wanted = ["tests/cardlab/iso7816/test_apdu.py", "tests/cardlab/iso7816/test_atr.py", "--profile", "quick"]
    done = subprocess.run([*command, *wanted, "--random-order"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert len(set(re.findall(r"--random-order=(\d+)", done.stdout))) == 1


def test_what_may_be_said_of_the_order() -> None:
    assert chosen(None) is None
    assert chosen("17") == 17
    assert len({chosen(NEW) for _ in range(9)}) > 1
    with pytest.raises(pytest.UsageError, match="the seed is a number"):
        chosen("tests/docs")


@ON_UNIX
def test_what_hangs_is_ended_and_says_what_it_waited_for() -> None:
    release = threading.Event()
    thread = threading.Thread(target=release.wait, name="the other side")
    thread.start()
    try:
        with pytest.raises(LimitExceededError) as ended, limited("a test", 0.05):
            _hang(threading.Event())
    finally:
        release.set()
        thread.join()
    told = str(ended.value)
    assert told.startswith("a test took more than 0.05 s; it waited in tests/cardlab/toolchain/test_runs.py:")
    assert "_hang()" in told and "threading.py:" in told
    assert "thread the other side in threading.py:" in told


def _hang(never: threading.Event) -> None:
    never.wait()


@ON_UNIX
def test_what_a_test_catches_is_not_its_limit() -> None:
    with pytest.raises(LimitExceededError), limited("a test", 0.05):
        while True:
            with contextlib.suppress(Exception):  # a test that tries again, whatever happens
                threading.Event().wait()


@ON_UNIX
def test_a_test_in_its_time_leaves_nothing_behind() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with limited("outer", 6000):
        with limited("inner", 60):
            assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 60
        assert 60 < signal.getitimer(signal.ITIMER_REAL)[0] <= 6000, "the outer one goes on"
    assert signal.getsignal(signal.SIGALRM) == before
