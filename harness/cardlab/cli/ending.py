"""Commands that somebody tells to end: Ctrl-C, SIGTERM, a terminal that is closed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue


class Told:
    """Whether the program was told to end. ``tell`` is safe within a signal's handler, at any moment of ``wait``.

    A ``threading.Event`` is not: its ``set`` takes the lock that its ``wait`` holds for a moment in the same thread,
    and a signal in that moment would stop the program for ever.
    """

    def __init__(self) -> None:
        self._told = False
        self._waking: SimpleQueue[None] = SimpleQueue()  # its put may interrupt its get, or another put

    def tell(self) -> None:
        """From a signal's handler or another thread; any number of times."""
        self._told = True
        self._waking.put(None)

    def is_set(self) -> bool:
        """Whether it was told by now."""
        return self._told

    def wait(self) -> None:
        """Until it is told; returns at once when it was. For one thread."""
        while not self._told:
            self._waking.get()


class ToldToEndError(BaseException):
    """As KeyboardInterrupt, but by another signal; ``code`` is the exit code that a shell reports for it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


@contextmanager
def ending_as_interrupted() -> Iterator[None]:
    """SIGTERM and a closed terminal (not under nohup) end what runs inside as Ctrl-C does, with all that it cleans up.

    Without it the process would die where it is, and leave its temporary folders and what it started. A second signal
    does not disturb the cleaning up.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handled = [one for one in _endings() if signal.getsignal(one) is signal.SIG_DFL]

    def end(number: int, _frame: object) -> None:
        for one in handled:
            signal.signal(one, signal.SIG_IGN)
        raise ToldToEndError(number)

    for one in handled:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in handled:
            signal.signal(one, signal.SIG_DFL)


def _endings() -> list[signal.Signals]:
    """But Ctrl-C; SIGHUP is not there on Windows."""
    return [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]


@contextmanager
def until_told() -> Iterator[Told]:
    """What Ctrl-C, SIGTERM and a closed terminal (not under nohup) tell, instead of ending the program."""
    told = Told()
    handled = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        handled.append(signal.SIGHUP)
    before = {one: signal.signal(one, lambda *_: told.tell()) for one in handled}
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
