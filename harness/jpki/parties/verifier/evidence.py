"""Where the state of a certificate is known from: a CRL, an OCSP responder, the CA's own records.

A CRL or OCSP response tells the state when it was made. About an earlier time it only proves a revocation: a
suspension that was lifted since has left no trace in it. The CA's records know every time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509
from cryptography.x509 import ReasonFlags

from cardlab.errors import RefusedError
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.status import CertStatus

CLOCK_SKEW = datetime.timedelta(minutes=5)
"""How far the clocks of verifier and CA may be apart when it is about the present."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one source says about a certificate at the time in question; ``note`` is for people."""

    source: str
    state: CertStatus
    since: datetime.datetime | None = None
    reason: ReasonFlags | None = None
    note: str = ""


class EvidenceSource(Protocol):
    """Tells the state of a certificate."""

    def state(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime.datetime | None) -> Evidence:
        """The state at a time, or now; UNKNOWN with a note when the source cannot tell."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a CRL or OCSP response says: not good since, or good (``since`` is None), from a time to the next answer."""

    source: str
    since: datetime.datetime | None
    reason: ReasonFlags | None
    this_update: datetime.datetime
    next_update: datetime.datetime | None

    def at(self, at: datetime.datetime | None, now: datetime.datetime) -> Evidence:
        """What that proves about a time; None is now, and then clocks may be a little apart."""
        moment, skew = (now, CLOCK_SKEW) if at is None else (at, datetime.timedelta(0))
        if self.since is not None and self.since <= moment + skew:
            state = CertStatus.SUSPENDED if self.reason is ReasonFlags.certificate_hold else CertStatus.REVOKED
            return Evidence(self.source, state, self.since, self.reason)
        if moment + skew < self.this_update:
            return self._unknown(f"made at {_utc(self.this_update)}, it does not know every state before")
        if self.next_update is None or moment > self.next_update:
            until = "no time that it names" if self.next_update is None else _utc(self.next_update)
            return self._unknown(f"made at {_utc(self.this_update)}, it counts until {until}")
        return Evidence(self.source, CertStatus.GOOD, note=f"as of {_utc(self.this_update)}")

    def _unknown(self, note: str) -> Evidence:
        return Evidence(self.source, CertStatus.UNKNOWN, note=note)


def _utc(time: datetime.datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def strongest(answers: Iterable[Evidence]) -> Evidence | None:
    """The answer that counts when there are several: any bad one, else a good one."""
    return min(answers, key=lambda answer: _WEIGHT.index(answer.state), default=None)


_WEIGHT = (CertStatus.REVOKED, CertStatus.SUSPENDED, CertStatus.GOOD, CertStatus.UNKNOWN)


class RecordsSource:
    """The CA's own records: the state at any time."""

    def __init__(self, ca: CertificateAuthority) -> None:
        self._ca = ca

    def state(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime.datetime | None) -> Evidence:
        source = "records of the CA"
        try:
            issued = self._ca.certificate(certificate.serial_number)
        except RefusedError as error:
            return Evidence(source, CertStatus.UNKNOWN, note=str(error))
        if x509.load_der_x509_certificate(issued.der) != certificate:
            return Evidence(
                source, CertStatus.UNKNOWN, note="the CA issued another certificate with this serial number"
            )
        status = self._ca.status(certificate.serial_number, at=at)
        return Evidence(source, status.state, status.since, status.reason)
