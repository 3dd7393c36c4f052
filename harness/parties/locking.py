"""One program at a time: a lock that goes away with the process, however it ends."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from harness.errors import UsageError


def lock(path: Path) -> IO[bytes]:
    """Hold the lock until the file that is returned is closed; raises UsageError when another program has it."""
    stream = path.open("ab")
    try:
        import fcntl
    except ImportError:  # not on Windows: there it is up to the user
        return stream
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.close()
        raise UsageError(f"another program is using {path.parent}", hint="wait until it has ended") from error
    return stream
