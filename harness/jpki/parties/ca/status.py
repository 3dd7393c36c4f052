"""What becomes of a certificate, as the list of its changes; its state at any time follows from them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique

from cryptography.x509 import ReasonFlags


@unique
class State(StrEnum):
    """Expiry is no state: it can be seen in the certificate."""

    UNKNOWN = "unknown"
    GOOD = "good"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@unique
class Change(StrEnum):
    """What can happen to a certificate; nothing follows REVOKED."""

    ISSUED = "issued"
    SUSPENDED = "suspended"
    RELEASED = "released"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Event:
    """One change. ``number`` counts all events of a CA; ``reason`` is there for REVOKED."""

    number: int
    serial: int
    change: Change
    at: datetime.datetime
    reason: ReasonFlags | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The state at one time, and since when. A revoked one that was suspended is bad since it was suspended.

    ``since`` is None for UNKNOWN only; ``reason`` is why it is revoked, or certificate_hold.
    """

    state: State
    since: datetime.datetime | None = None
    reason: ReasonFlags | None = None

    @property
    def good(self) -> bool:
        """Whether a signature may be accepted."""
        return self.state is State.GOOD


def status_after(events: Iterable[Event]) -> Status:
    """The state that the events of one certificate, in their order, lead to."""
    status = Status(State.UNKNOWN)
    for event in events:
        match event.change:
            case Change.ISSUED | Change.RELEASED:
                status = Status(State.GOOD, event.at)
            case Change.SUSPENDED:
                status = Status(State.SUSPENDED, event.at, ReasonFlags.certificate_hold)
            case Change.REVOKED:
                since = status.since if status.state is State.SUSPENDED else event.at
                status = Status(State.REVOKED, since, event.reason)
    return status


def status_at(events: Iterable[Event], at: datetime.datetime) -> Status:
    """The state at a time; UNKNOWN before the certificate was issued."""
    return status_after(event for event in events if event.at <= at)
