"""Waiting for other programs and threads: until something has happened, however long a busy machine takes for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from cardlab.errors import TransportError

PATIENCE = 600.0  # seconds; only a failure takes as long


def wait_for(condition: Callable[[], object]) -> None:
    """Until it holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited too long")
        time.sleep(0.02)


def answers(attempt: Callable[[], object]) -> object:
    """What it comes to; nothing while the card is not there again, which a reader's state may not know yet."""
    try:
        return attempt()
    except TransportError:
        return None
