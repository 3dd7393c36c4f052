"""The kinds of events that jCardSim can tell an observer."""

from __future__ import annotations

from cardlab.runtime.observer import EventKind

TELLS = frozenset((EventKind.EXCEPTION, EventKind.PERSISTENT_WRITE, EventKind.SELECTION))
