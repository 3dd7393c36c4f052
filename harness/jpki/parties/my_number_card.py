"""The resident's My Number Card: the applet in its card profile. Its signing key authorises what the phone asks for."""

from __future__ import annotations

from cardlab.transport import Transport
from jpki.client.constants import Slot
from jpki.client.signing import sign_application
from jpki.client.user import JpkiClient


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
