"""Files that are written whole or not at all, whenever the process dies or the disk is full: write, sync, rename."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

_NEW = ".new"
_LONGEST = 200  # bytes of a name that others may be made from; file systems take 255


def replace_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file; the one that was there stays whole until the new one is on the disk, and keeps its mode.

    ``private``: only its owner can read it. What is no file (a pipe, ``/dev/stdout``) is written to as it is. Raises
    OSError, and then nothing has changed.
    """
    if _is_no_file(path):
        path.write_bytes(content)
        return
    target = path.resolve()
    temporary = _prefixed(target, f"{secrets.token_hex(4)}{_NEW}")
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


def remove_leftovers(path: Path) -> None:
    """Remove what processes that were killed left of their attempts to write this file; for whoever holds it."""
    with suppress(OSError):
        for left in path.parent.glob(f"{_prefixed(path, '').name}????????{_NEW}"):
            left.unlink()


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


def _prefixed(path: Path, end: str) -> Path:
    """A name in the same folder that is made from a file's."""
    name = path.name if len(os.fsencode(path.name)) <= _LONGEST else sha256(os.fsencode(path.name)).hexdigest()
    return path.with_name(f".{name}.{end}")


def _is_no_file(path: Path) -> bool:
    """A device, a pipe, a socket, or a name of a stream of this process."""
    return (path.exists() and not path.is_file()) or path.absolute().parts[1:2] in (("dev",), ("proc",))


def _mode(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        return 0o666  # less what the user's mask takes away
