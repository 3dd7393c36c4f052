"""Waiting for other programs."""

from __future__ import annotations

import time
from collections.abc import Callable

_PATIENCE = 60.0  # seconds; only a failure takes as long


def wait_for(condition: Callable[[], object]) -> None:
    """Until it holds; pcscd looks into its readers every 0.4 seconds."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited too long")
        time.sleep(0.02)
