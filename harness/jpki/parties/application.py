"""What a resident asks for, signed with the signing key of their My Number Card (E3).

It is signed as an application, under a content type of its own (docs/reference/verify.md): nobody applies by
signing a document.
"""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.errors import RefusedError, VerificationError
from jpki.certificates import signed_data
from jpki.certificates.indicator import ContentType
from jpki.parties.codec import MessageError, decode, encode
from jpki.parties.consent import Consent
from jpki.parties.messages import Begin, Function, Slots


@dataclass(frozen=True, slots=True)
class Application:
    """One request, for one function on one secure element through one installation of the app.

    ``terms`` is what the user agreed to when they applied for certificates (E9).
    """

    request_id: str
    function: Function
    slots: Slots
    se_id: bytes
    app_id: str
    terms: Consent | None = None

    def is_for(self, begin: Begin) -> bool:
        """Whether it is what this phone asks for."""
        device = begin.device
        asked = (begin.request_id, begin.function, begin.slots, device.se_id, device.app_id)
        return asked == (self.request_id, self.function, self.slots, self.se_id, self.app_id)

    def to_bytes(self) -> bytes:
        """What is signed."""
        return encode(self)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Application:
        """The application again; raises RefusedError when these are not the very bytes of one."""
        try:
            application = decode(raw, Application)
        except MessageError as error:
            raise RefusedError(f"what was signed is no application: {error}") from error
        if application.to_bytes() != raw:
            raise RefusedError("what was signed is no application: it can be written in one way only")
        return application


def require_application(cms: bytes) -> None:
    """Raises RefusedError for what was signed as anything else; who signed it is J-LIS's to check."""
    try:
        signed_data.check_content_type(signed_data.read(cms), ContentType.APPLICATION)
    except VerificationError as error:
        raise RefusedError(f"the application cannot be taken: {error}", hint="apply with the phone app") from error
