"""The resident's My Number Card: the applet in its card profile. Its signing key authorises what the phone asks for."""

from __future__ import annotations

from harness.jpki.client import JpkiClient
from harness.jpki.constants import Slot
from harness.jpki.signing import sign_application
from harness.transport import Transport


class MyNumberCard:
    """A card held to the phone."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def sign_application(self, content: bytes, password: bytes) -> bytes:
        """A CMS SignedData around an application; WrongPinError counts as a try on the card."""
        self._transport.reset()
        client = JpkiClient(self._transport)
        client.select()
        client.verify(Slot.SIGNING, password)
        return sign_application(client, content)
