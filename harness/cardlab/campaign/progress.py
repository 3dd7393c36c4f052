"""Progress of what takes minutes, told now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_EVERY = 2.0  # seconds between two lines


def now_and_then(tell: Callable[[T], object]) -> Callable[[T], None]:
    """Passes on what it is given when ``tell`` was not called for a while, and drops it otherwise."""
    last = time.monotonic()

    def sometimes(what: T) -> None:
        nonlocal last
        if time.monotonic() - last > _EVERY:
            last = time.monotonic()
            tell(what)

    return sometimes
