"""The lock itself, between processes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest

from cardlab import locking
from cardlab.errors import BusyError, UsageError
from cardlab.locking import hold_file, hold_folder, user_of_file
from tests.cardlab.concurrency.holders import FILE, ROOT, end, holding, kill
from tests.waiting import PATIENCE

COUNTERS, ROUNDS = 4, 20
COUNT = f"""
import os, sys
from pathlib import Path
from cardlab.locking import hold_file
file = Path(sys.argv[1])
for _ in range({ROUNDS}):
    with hold_file(file, wait=600):
        fresh = file.with_name(f"fresh{{os.getpid()}}")
        fresh.write_text(str(int(file.read_text()) + 1))
        fresh.replace(file)
"""


def test_the_second_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    with holding(FILE, file) as other:
        with pytest.raises(BusyError, match=f"card.json is in use by process {other.pid};"):
            hold_file(file, wait=0)
        assert user_of_file(file) == f"process {other.pid}"
        with hold_file(tmp_path / "card-2.json", wait=0):  # another one
            pass
        end(other)
    assert user_of_file(file) is None
    hold_file(file, wait=0).close()
    assert not list(tmp_path.iterdir())  # no lock lies about


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    with holding(FILE, file) as other:
        kill(other)
    [left] = tmp_path.iterdir()
    assert user_of_file(file) is None
    with hold_file(file, wait=0), pytest.raises(BusyError):
        hold_file(file, wait=0)
    assert not left.exists()


class Listener(logging.Handler):
    """Does something when it first hears of something, in another thread."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self.doing = threading.Thread(target=then)

    def emit(self, record: logging.LogRecord) -> None:
        if self.doing.ident is None:
            self.doing.start()


def test_the_second_waits_for_a_while(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Until the first has ended, which it does when the second says that it waits; the log says for whom."""
    file, log = tmp_path / "card.json", logging.getLogger(locking.__name__)
    with holding(FILE, file) as other:
        listener = Listener(lambda: end(other))
        log.addHandler(listener)
        try:
            with hold_file(file, wait=PATIENCE):
                assert user_of_file(file) != f"process {other.pid}"
        finally:
            log.removeHandler(listener)
        listener.doing.join()
        assert caplog.messages == [f"{file} is in use by process {other.pid}; waiting for it"]


def test_it_is_said_once_for_whom_is_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """However often the lock is tried."""
    take, busy = locking._take, [None, None, None]
    monkeypatch.setattr(locking, "_AGAIN", 0.0)
    monkeypatch.setattr(locking, "_take", lambda *files: busy.pop() if busy else take(*files))
    with hold_file(tmp_path / "card.json", wait=PATIENCE):
        assert not busy and len(caplog.messages) == 1


def test_none_is_ever_inside_with_another(tmp_path: Path) -> None:
    """Processes that count in a file, which each replaces, and each removes the lock's file."""
    file = tmp_path / "count"
    file.write_text("0")
    command = [sys.executable, "-c", COUNT, str(file)]
    counting = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(COUNTERS)]
    assert [one.wait(PATIENCE) for one in counting] == [0] * COUNTERS
    assert int(file.read_text()) == COUNTERS * ROUNDS
    assert [one.name for one in tmp_path.iterdir()] == ["count"]


def test_a_lock_that_was_given_back_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is opened, then removed by who had the lock: a lock on what was opened keeps nobody out."""
    file, lock = tmp_path / "card.json", locking._lock
    with holding(FILE, file) as first, ExitStack() as later:

        def late(descriptor: int) -> bool:
            if first.poll() is None:
                end(first)
                later.enter_context(holding(FILE, file))
            return lock(descriptor)

        monkeypatch.setattr(locking, "_lock", late)
        with pytest.raises(BusyError):
            hold_file(file, wait=0)


def test_on_windows_a_byte_far_behind_the_number_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """msvcrt.locking locks from where the file is; the number is then written at its beginning."""
    at: list[tuple[int, ...]] = []
    locked = ModuleType("msvcrt")
    locked.__dict__.update(LK_NBLCK=2, locking=lambda descriptor, *how: at.append((position(descriptor), *how)))

    def position(descriptor: int) -> int:
        return os.lseek(descriptor, 0, os.SEEK_CUR)

    monkeypatch.setitem(sys.modules, "msvcrt", locked)
    with (tmp_path / "lock").open("wb") as stream, monkeypatch.context() as there:
        there.setattr(sys, "platform", "win32")
        assert locking._lock(stream.fileno())
        assert at == [(1 << 30, 2, 1)] and position(stream.fileno()) == 0


def test_where_no_lock_can_be(tmp_path: Path) -> None:
    (tmp_path / ".card.json.lock").mkdir()
    with pytest.raises(UsageError, match=r"card\.json cannot be locked .*: Is a directory"):
        hold_file(tmp_path / "card.json", wait=0)
    with pytest.raises(UsageError, match=r"nowhere cannot be locked .*: No such file or directory"):
        hold_folder(tmp_path / "nowhere", wait=0)
    assert user_of_file(tmp_path / "card.json") is None
