"""Suspending and releasing as J-LIS does it: authentication certificates alone, and only what there is to do (E3).

The CA below it would suspend any certificate, and takes the same order twice; whoever gives an order is told the truth.
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
    if ca.certificate(serial).slot is not Slot.AUTHENTICATION:
        raise RefusedError(
            f"{serial:X} is a signing certificate: only authentication certificates are suspended", hint="revoke it"
        )
    found = ca.status(serial).state
    if found is not state:
        raise RefusedError(f"certificate {serial:X} is {found.value}: {otherwise}")
