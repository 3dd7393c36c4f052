"""One process at a time: what is read, changed and written again, such as a card's state or a world's folder.

    with hold_file(Path("card.json"), wait=3.0):
        change(Path("card.json"))

The lock is the operating system's, so it goes with the process that has it, however that ends. It is on a file of its
own: what it protects is replaced by renaming, and a lock would stay with the file that was replaced. That file goes
when the lock is given back; one that a killed process left behind locks nothing, and the next one takes it over.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from cardlab.closing import Closing
from cardlab.errors import BusyError
from cardlab.system_errors import explained

_AGAIN = 0.05  # seconds between two attempts
_PID_LENGTH = 20  # bytes at the beginning of the file that may hold the number of the process
_LOCKED_BYTE = 1 << 30  # on Windows others cannot read a byte that is locked: one far behind the number

_log = logging.getLogger(__name__)


class Hold(Closing):
    """A file or folder that no other process uses by these rules, until ``close``."""

    def __init__(self, lock_file: Path, used: Path, *, wait: float) -> None:
        """Take the lock; waits so many seconds for another who has it, and says so in the log.

        Raises BusyError, which names that process, when it still has it then; UsageError or StorageError when there
        cannot be a lock. ``used`` is what messages call it.
        """
        self._lock_file = lock_file
        self._descriptor: int | None = None
        end, told = time.monotonic() + wait, False
        while (descriptor := _take(lock_file, used)) is None:
            owner = _owner(lock_file)
            if time.monotonic() >= end:
                raise BusyError(
                    f"{used} is in use by {owner}; nothing was done to it",
                    hint="wait until that one has ended, end it (Ctrl-C where it runs), or name another",
                )
            if not told:
                _log.warning("%s is in use by %s; waiting for it", used, owner)
                told = True
            time.sleep(_AGAIN)
        self._descriptor = descriptor
        with suppress(OSError):  # a full disk: the lock counts, the number is for messages only
            os.ftruncate(descriptor, 0)
            os.write(descriptor, b"%d\n" % os.getpid())

    def close(self) -> None:
        """Give the lock back; safe to call twice."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if sys.platform == "win32":  # a file that anybody has open cannot be removed there
            os.close(descriptor)
            with suppress(OSError):
                self._lock_file.unlink()
        else:  # while nobody else can have the lock; who waits for it looks whether the file is still there
            with suppress(OSError):
                self._lock_file.unlink()
            os.close(descriptor)


def hold_file(path: Path, *, wait: float) -> Hold:
    """Hold a file, which need not be there yet; see ``Hold``."""
    return Hold(_beside(path), path, wait=wait)


def hold_folder(path: Path, *, wait: float) -> Hold:
    """Hold a folder and everything in it, among those who hold the folder; see ``Hold``."""
    return Hold(path / "lock", path, wait=wait)


def user_of_file(path: Path) -> str | None:
    """Who holds a file, in words ("process 4711"); None when nobody does. For those who only read it.

    To find out it is held for an instant, which costs others who want it one more attempt.
    """
    try:
        descriptor = os.open(_beside(path), os.O_RDWR)
    except OSError:
        return None
    try:
        return None if _lock(descriptor) else _owner(_beside(path))
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _take(lock_file: Path, used: Path) -> int | None:
    """The descriptor that has the lock; None while another process has it."""
    try:
        while True:
            descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                taken = _lock(descriptor)
                if taken and _is_there(lock_file, descriptor):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
            if not taken:
                return None
    except OSError as error:
        raise explained(error, f"{used} cannot be locked against other programs ({lock_file})") from error


def _lock(descriptor: int) -> bool:
    """Whether the lock is ours now; raises OSError when the file system has no locks."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _is_there(lock_file: Path, descriptor: int) -> bool:
    """Whether it is still this file: who had the lock may have removed it, and a third has a lock on a new one."""
    try:  # on Windows nobody can remove it while it is open
        return sys.platform == "win32" or os.path.samestat(os.fstat(descriptor), lock_file.stat())
    except FileNotFoundError:
        return False


def _owner(lock_file: Path) -> str:
    try:
        with lock_file.open("rb") as stream:
            return f"process {int(stream.read(_PID_LENGTH))}"
    except (OSError, ValueError):
        return "another process"
