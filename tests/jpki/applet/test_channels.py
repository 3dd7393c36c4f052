"""Logical channels: platforms pass the channel's number on in the class, and phones open others than the basic one.

The simulated card has the basic channel only, so the commands go past its card manager to the applet, as a platform
that has more hands them over.
"""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.iso7816.status import SW
from cardlab.transport import Layer
from jpki.client.constants import INSTANCE_AID, Slot
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.user import JpkiClient
from tests.jpki.applet.cards import CERTIFICATES, PINS, JpkiCard

pytestmark = pytest.mark.needs("inside")

CHANNELS = [0, 1, 3, 4, 19]
MESSAGE = b"text"


def on_channel(cla: int, channel: int) -> int:
    """The class byte for a logical channel (ISO/IEC 7816-4:2020, 5.4.1; GPCS Tables 11-11 and 11-12)."""
    if channel < 4:
        return cla | channel
    return cla & 0x80 | 0x40 | (0x20 if cla & 0x04 else 0) | channel - 4


class OnChannel(Layer):
    """Puts the channel's number into each class, past the card manager."""

    def __init__(self, jpki: JpkiCard, channel: int) -> None:
        super().__init__(jpki.card)
        self._runtime = jpki.card.simulated.runtime
        self._channel = channel

    def transmit(self, command: bytes) -> bytes:
        moved = bytes((on_channel(command[0], self._channel),)) + command[1:]
        return self._runtime.process(moved)

    def select(self) -> None:
        """SELECT by name, on this channel."""
        command = bytes((on_channel(0x00, self._channel), 0xA4, 0x04, 0x0C, len(INSTANCE_AID))) + INSTANCE_AID
        assert self._runtime.select(INSTANCE_AID, command) == b"\x90\x00"


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_phones_commands(jpki: JpkiCard, channel: int) -> None:
    client = JpkiClient(OnChannel(jpki, channel))
    client.verify(Slot.SIGNING, PINS[Slot.SIGNING])
    assert client.certificate(Slot.SIGNING) == CERTIFICATES[Slot.SIGNING]
    key = jpki.keys[Slot.SIGNING]
    key.verify(client.sign_message(Slot.SIGNING, MESSAGE), MESSAGE, padding.PKCS1v15(), SHA256())
    signed = client.sign_with_indicator(Slot.SIGNING, hashlib.sha256(MESSAGE).digest())
    pss = padding.PSS(padding.MGF1(SHA256()), salt_length=32)
    key.verify(signed.signature, signed.signed_attributes, pss, SHA256())


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_tsms_commands(jpki: JpkiCard, channel: int) -> None:
    """The security domain gets the class as it came, and leaves the channel out of its MAC (Amendment D 6.2.4)."""
    secured = SecureChannelLayer.open(OnChannel(jpki, channel), jpki.card.keys, host_challenge=jpki.card.challenge())
    tsm = JpkiPersonalisation(secured)
    tsm.reset_pin(Slot.SIGNING)
    assert tsm.status() == jpki.status()


@pytest.mark.parametrize("channel", CHANNELS)
def test_selecting_again_on_the_same_channel_keeps_what_was_verified(jpki: JpkiCard, channel: int) -> None:
    layer = OnChannel(jpki, channel)
    client = JpkiClient(layer)
    client.verify(Slot.SIGNING, PINS[Slot.SIGNING])
    layer.select()
    assert client.sign_message(Slot.SIGNING, MESSAGE)


SUPPORTED = {
    *range(0x04), *range(0x40, 0x50),  # plain, interindustry
    *range(0x80, 0x88), *range(0xC0, 0xD0), *range(0xE0, 0xF0),  # plain and secured, proprietary
}  # fmt: skip


def test_every_other_class_is_refused(jpki: JpkiCard) -> None:
    """Chaining, and secure messaging of other kinds, on any channel."""
    runtime = jpki.card.simulated.runtime
    for cla in range(0x100):
        answer = runtime.process(bytes((cla, 0x20, 0x00, 0x9B)))
        known = answer != SW.CLA_NOT_SUPPORTED.to_bytes(2, "big")
        assert known is (cla in SUPPORTED), f"{cla:02X}"
