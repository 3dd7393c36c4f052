"""What the operating system refuses, as errors for people: one line, what to do, and the exit code of its kind."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path

from cardlab.errors import BusyError, HarnessError, StorageError, TransportError, UsageError
from cardlab.files import replace_file

_Kind = tuple[type[HarnessError], str]
_ROOM: _Kind = (StorageError, "make room, then start again: what was there is as it was")
_RIGHTS: _Kind = (StorageError, "name a place that you may use, or change its rights")
_NAME: _Kind = (UsageError, "name a file in a folder that is there")
_LENGTH: _Kind = (UsageError, "choose a shorter name")
_USED: _Kind = (BusyError, "wait until the other program has ended, or name another")
_LINK: _Kind = (TransportError, "look whether it runs and can be reached")
_KINDS: Mapping[int, _Kind] = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _RIGHTS,
    errno.ENOENT: _NAME,
    errno.ENOTDIR: _NAME,
    errno.EISDIR: _NAME,
    errno.EEXIST: _NAME,
    errno.ELOOP: _NAME,
    errno.ENAMETOOLONG: _LENGTH,
    errno.EADDRINUSE: _USED,
    errno.EBUSY: _USED,
    errno.ETXTBSY: _USED,
    errno.ECONNREFUSED: _LINK,
    errno.ECONNRESET: _LINK,
    errno.ECONNABORTED: _LINK,
    errno.EHOSTUNREACH: _LINK,
    errno.ENETUNREACH: _LINK,
    errno.ETIMEDOUT: _LINK,
}
_OTHER: _Kind = (StorageError, "look after the disk or the connection; the system's log may say more")


def explained(error: OSError, what: str = "") -> HarnessError:
    """The error to raise instead; ``what`` could not be done, as in "w/ca.sqlite cannot be written"."""
    kind, hint = _KINDS.get(error.errno or 0, _OTHER)
    reason = error.strerror or str(error) or type(error).__name__
    return kind(": ".join(filter(None, (what or _name(error), reason))), hint=hint)


def _name(error: OSError) -> str:
    return "" if error.filename is None else str(error.filename)


def write_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file, whole or not at all; raises UsageError or StorageError when that cannot be done.

    ``private``: only its owner can read it.
    """
    try:
        replace_file(path, content, private=private)
    except OSError as error:
        raise explained(error, f"{path} cannot be written") from error
