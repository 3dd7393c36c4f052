"""Commands that go on until somebody tells them to end: Ctrl-C, SIGTERM, a terminal that is closed."""

from __future__ import annotations

import signal
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
