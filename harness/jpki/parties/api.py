"""What other apps on the phone may ask of this one (E3, function 12). Stable: plain values in, plain values out.

    service = CertificateService(world.app("p1", user))
    signed = service.sign(b"document")
    answer = service.authenticate(b"challenge of the service")

PINs and biometrics are between the user and this app; the other app never sees them. Raises HarnessError.
"""

from __future__ import annotations

from dataclasses import dataclass

from jpki.client.constants import Slot
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.status import Phase

API_VERSION = 1


@dataclass(frozen=True, slots=True)
class Attributes:
    """The four basic attributes; the birth date as YYYY-MM-DD, the sex as ``male``, ``female`` or ``other``."""

    name: str
    address: str
    birth_date: str
    sex: str


class CertificateService:
    """The functions for use; managing certificates is the app's own business."""

    def __init__(self, app: PhoneApp) -> None:
        self._app = app

    @property
    def version(self) -> int:
        """Of this interface: what a version offers, later ones offer too."""
        return API_VERSION

    def is_ready(self) -> bool:
        """Whether the phone holds certificates in use."""
        return self._app.phase() is Phase.SERVICE_USE

    def sign(self, content: bytes, *, detached: bool = False) -> bytes:
        """CMS SignedData (DER) by the signing key; the user enters the signing password."""
        return self._app.sign(content, detached=detached)

    def authenticate(self, challenge: bytes) -> bytes:
        """CMS SignedData (DER) over a challenge by the authentication key, after biometrics or the PIN."""
        return self._app.authenticate(challenge)

    def signing_certificate(self) -> bytes:
        """DER; the user enters the signing password."""
        return self._app.show(Slot.SIGNING).der

    def authentication_certificate(self) -> bytes:
        """DER; the user enters the authentication PIN."""
        return self._app.show(Slot.AUTHENTICATION).der

    def attributes(self) -> Attributes:
        """From the signing certificate, after the signing password."""
        found = self._app.attributes()
        return Attributes(found.name, found.address, found.birth_date.isoformat(), found.sex.name.lower())
