"""Standard output and error while a command runs: what goes there is printable, and its reader may leave early."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from cardlab.printable import printable
from cardlab.system_errors import explained


class Printed(io.TextIOBase):
    """A stream of text for people or programs.

    Its reader may have seen enough (``| head``): what comes then is dropped, and the command ends with the exit code
    of what it did. When nothing can be written for another reason, as on a full disk, the first attempt raises
    StorageError, unless ``quiet``.
    """

    def __init__(self, stream: TextIO, *, quiet: bool) -> None:
        self._stream = stream
        self._quiet = quiet

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "backslashreplace"

    def write(self, text: str) -> int:
        encodable = printable(text).encode(self.encoding, "backslashreplace").decode(self.encoding)
        if not text:  # somebody looks whether this is a stream of text
            return 0
        try:
            self._stream.write(encodable)
        except OSError as error:
            self._failed(error)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._failed(error)

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def writable(self) -> bool:
        return True

    def _failed(self, error: OSError) -> None:
        """From now on everything goes nowhere, what is still in a buffer as well."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
            self._stream.flush()
        if not isinstance(error, BrokenPipeError) and not self._quiet:
            raise explained(error, "standard output cannot be written") from error


@contextmanager
def printed() -> Iterator[None]:
    """Both streams of this process, those that it has, for as long as it lasts."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _over(sys.stdout, quiet=False), _over(sys.stderr, quiet=True)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _over(stream: TextIO | None, *, quiet: bool) -> Any:
    return None if stream is None else Printed(stream, quiet=quiet)
