"""Suspending and releasing on somebody's order, who is told when there is nothing to do (E3).

The CA below takes the same order twice, for a party that did not hear its answer the first time (E6).
"""

from __future__ import annotations

from cardlab.errors import RefusedError
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.status import CertStatus, Status


def suspend(ca: CertificateAuthority, serial: int) -> Status:
    """Suspend a good authentication certificate; raises RefusedError for any other."""
    _require(ca, serial, CertStatus.GOOD, "it cannot be suspended")
    return ca.suspend(serial)


def release(ca: CertificateAuthority, serial: int) -> Status:
    """End the suspension of an authentication certificate; raises RefusedError when there is none."""
    _require(ca, serial, CertStatus.SUSPENDED, "there is no suspension to end")
    return ca.release(serial)


def _require(ca: CertificateAuthority, serial: int, state: CertStatus, otherwise: str) -> None:
    found = ca.status(serial).state
    if ca.certificate(serial).slot is Slot.AUTHENTICATION and found is not state:
        raise RefusedError(f"certificate {serial:X} is {found.value}: {otherwise}")
