"""What time it is, as the parties see it; a test gives another clock."""

from __future__ import annotations

import datetime
from collections.abc import Callable

Clock = Callable[[], datetime.datetime]
"""Gives the present time, with a time zone. Records and certificates keep whole seconds."""


def system_clock() -> datetime.datetime:
    """The machine's time in UTC."""
    return datetime.datetime.now(datetime.UTC)
