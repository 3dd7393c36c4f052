"""A limit for each test: one that hangs fails, and says what it waited for.

It is far above what any test takes on a slow machine, and decides nothing but that a test hangs.
"""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

LIMITS = {"quick": 600, "default": 1800, "thorough": 12 * 3600}
"""Seconds for one test with its fixtures, by profile."""
GRACE = 120
"""Seconds after which the process ends, when the test could not be ended: it is inside something that is no Python."""
ROOT = Path(__file__).resolve().parent.parent


class LimitExceededError(BaseException):
    """The test hangs. No ``Exception``: what a test catches, retries or shrinks must not take it for its own."""


@contextmanager
def limited(name: str, seconds: float, *, grace: float = GRACE) -> Iterator[None]:
    """Raise LimitExceededError in the block after so many seconds; Windows ends the process then, and says where."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        faulthandler.dump_traceback_later(seconds + grace, exit=True)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
        return

    def end(_number: int, frame: FrameType | None) -> None:
        raise LimitExceededError(f"{name} took more than {seconds:g} s; {waiting(frame)}")

    before = signal.signal(signal.SIGALRM, end)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(seconds + grace, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, left)  # a limit around this one goes on
        if left:
            faulthandler.dump_traceback_later(left + grace, exit=True)


def waiting(frame: FrameType | None) -> str:
    """What a frame and the other threads wait in: where they are, and where in this repository they came from."""
    here = threading.get_ident()
    others = {ident: other for ident, other in sys._current_frames().items() if ident != here}
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    told = [f"it waited in {_place(frame)}"]
    told += [f"thread {names.get(ident, ident)} in {_place(other)}" for ident, other in others.items()]
    return "; ".join(told)


def _place(frame: FrameType | None) -> str:
    stack = traceback.extract_stack(frame)
    ours = [one for one in stack if Path(one.filename).is_relative_to(ROOT) and ".venv" not in one.filename]
    places = (f"{_short(one.filename)}:{one.lineno} {one.name}()" for one in (*ours[-1:], *stack[-1:]))
    return ", ".join(dict.fromkeys(places))


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
