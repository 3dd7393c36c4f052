"""Files that are written whole or not at all, whenever the process dies or the disk is full: write, sync, rename."""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

_LONGEST = 200  # bytes of a name that others may be made from; file systems take 255
_ATTEMPT = re.compile(r"([0-9a-f]{8})-[0-9a-f]{4}\.new")  # the number of the process, and chance


def replace_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file; the one that was there stays whole until the new one is on the disk, and keeps its mode.

    What processes that are no more left of their attempts to write it is removed. ``private``: only its owner can read
    it. What is no file (a pipe, ``/dev/stdout``) is written to as it is. Raises
    OSError, and then nothing has changed.
    """
    if _is_no_file(path):
        path.write_bytes(content)
        return
    target = path.resolve()
    _remove_attempts(target, orphaned=True)
    temporary = attempt(target)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else _mode(target))
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(target.parent)


def attempt(path: Path) -> Path:
    """A name beside a file for what is to become it, and is not whole yet."""
    return path.with_name(f"{_prefix(path)}{os.getpid():08x}-{secrets.token_hex(2)}.new")


def remove_leftovers(path: Path) -> None:
    """Remove what killed processes left of their attempts to write this file; for whoever holds it."""
    _remove_attempts(path, orphaned=False)


def _remove_attempts(path: Path, *, orphaned: bool) -> None:
    """All of them, or those of processes that are no more."""
    with suppress(OSError):
        for process, file in [*_attempts(path)]:
            if not (orphaned and _runs(process)):
                file.unlink()


def _attempts(path: Path) -> Iterator[tuple[int, Path]]:
    """Attempts to write a file that lie beside it, and whose they are."""
    prefix = _prefix(path)
    for one in path.parent.iterdir():
        if one.name.startswith(prefix) and (found := _ATTEMPT.fullmatch(one.name.removeprefix(prefix))):
            yield int(found[1], 16), one


def _runs(process: int) -> bool:
    """Whether a process is there; where that cannot be told it is taken to be."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(process, 0)  # sends nothing
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def sync_folder(folder: Path) -> None:
    """What was made, renamed or removed in a folder is on the disk from now on."""
    if sys.platform == "win32":  # which has no such call, and needs none
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prefix(path: Path) -> str:
    """What the names of attempts begin with."""
    name = path.name if len(os.fsencode(path.name)) <= _LONGEST else sha256(os.fsencode(path.name)).hexdigest()
    return f".{name}."


def _is_no_file(path: Path) -> bool:
    """A device, a pipe, a socket, or a name of a stream of this process."""
    return (path.exists() and not path.is_file()) or path.absolute().parts[1:2] in (("dev",), ("proc",))


def _mode(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        return 0o666  # less what the user's mask takes away
