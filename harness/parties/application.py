"""What a resident asks for, signed with the signing key of their My Number Card (E3)."""

from __future__ import annotations

from dataclasses import dataclass

from harness.parties.codec import decode, encode
from harness.parties.messages import Function, Slots


@dataclass(frozen=True, slots=True)
class Application:
    """One request, for one function on one secure element through one installation of the app."""

    request_id: str
    function: Function
    slots: Slots
    se_id: bytes
    app_id: str

    def to_bytes(self) -> bytes:
        """What is signed."""
        return encode(self)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Application:
        """Raises MessageError."""
        return decode(raw, Application)
