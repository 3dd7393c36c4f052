"""What becomes of a certificate, as the list of its changes; its state at any time follows from them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique

from cryptography.x509 import ReasonFlags


@unique
class CertStatus(StrEnum):
    """What CRL and OCSP tell of a certificate (RFC 6960, 2.2; SUSPENDED: certificateHold). Expiry is seen in itself."""

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
class StatusEvent:
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

    state: CertStatus
    since: datetime.datetime | None = None
    reason: ReasonFlags | None = None

    @property
    def good(self) -> bool:
        """Whether a signature may be accepted."""
        return self.state is CertStatus.GOOD


def status_after(events: Iterable[StatusEvent]) -> Status:
    """The state that the events of one certificate, in their order, lead to."""
    status = Status(CertStatus.UNKNOWN)
    for event in events:
        match event.change:
            case Change.ISSUED | Change.RELEASED:
                status = Status(CertStatus.GOOD, event.at)
            case Change.SUSPENDED:
                status = Status(CertStatus.SUSPENDED, event.at, ReasonFlags.certificate_hold)
            case Change.REVOKED:
                since = status.since if status.state is CertStatus.SUSPENDED else event.at
                status = Status(CertStatus.REVOKED, since, event.reason)
    return status


def status_at(events: Iterable[StatusEvent], at: datetime.datetime) -> Status:
    """The state at a time; UNKNOWN before the certificate was issued."""
    return status_after(event for event in events if event.at <= at)
