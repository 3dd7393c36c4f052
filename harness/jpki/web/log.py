"""What the page is told, in order, for any number of pages: one that comes later, or comes back, hears it all."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jpki.web.telling import Json

_MOST = 5_000  # events that are kept: some ten functions


@dataclass(frozen=True, slots=True)
class Event:
    """One of them, numbered from 1."""

    number: int
    content: Json


Listener = Callable[[Event], None]


class EventLog:
    """Any thread may add to it or listen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: deque[Event] = deque(maxlen=_MOST)
        self._listeners: list[Listener] = []
        self._last = 0

    def add(self, content: Json) -> None:
        """Tell everybody; a listener only passes it on, and must not take long."""
        with self._lock:
            self._last += 1
            event = Event(self._last, content)
            self._events.append(event)
            for listener in self._listeners:
                listener(event)

    @contextmanager
    def heard_by(self, listener: Listener, *, after: int = 0) -> Iterator[None]:
        """Everything that is kept after a number, at once, and then whatever comes."""
        with self._lock:
            for event in self._events:
                if event.number > after:
                    listener(event)
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)
