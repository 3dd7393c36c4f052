"""Logical channels: platforms pass the channel's number on in the class, and phones open others than the basic one.

The simulated card has the basic channel only, so the commands go past its card manager to the applet, as a platform
that has more hands them over.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.globalplatform.constants import ISD_AID
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.transport import Layer, exchange
from cardlab.transport.channel import LogicalChannel
from jpki.client.commands import rsa_key
from jpki.client.constants import INSTANCE_AID, Profile, Slot
from jpki.client.installation import jpki_installation
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
    key = rsa_key(jpki.keys[Slot.SIGNING])
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


@pytest.fixture
def warned() -> Iterator[list[str]]:
    """What the platform has to say of the applet; nothing, at the end."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        said: list[str] = []
        yield said
    said += [str(one.message) for one in caught]
    assert said == []


@pytest.fixture
def needs_channels(jpki: JpkiCard) -> None:
    """Skips where MANAGE CHANNEL opens none."""
    try:
        LogicalChannel.open(jpki.card).close()
    except UnexpectedStatusError:
        pytest.skip("this runtime has the basic logical channel only")


@pytest.mark.usefixtures("warned", "needs_channels")
@pytest.mark.parametrize("how", ["closed from another", "closed on itself", "another application"])
def test_deselection_on_another_channel(jpki: JpkiCard, how: str) -> None:
    """deselect() runs while the card manager, or another instance, is what the domain takes for selected."""
    other = LogicalChannel.open(jpki.card)
    exchange(jpki.card, CommandApdu(0x00, 0xA4, 0x04, 0x00, ISD_AID, 256))
    client = JpkiClient(other)
    client.select()
    client.verify(Slot.SIGNING, PINS[Slot.SIGNING])
    secured = SecureChannelLayer.open(other, jpki.card.keys, host_challenge=jpki.card.challenge())
    assert JpkiPersonalisation(secured).status().slots[Slot.SIGNING].has_key
    if how == "closed from another":
        assert jpki.sw(0x00, 0x70, 0x80, other.number) == SW.OK
        other = LogicalChannel.open(jpki.card)
    elif how == "closed on itself":
        other.close()
        other = LogicalChannel.open(jpki.card)
    else:
        exchange(other, CommandApdu(0x00, 0xA4, 0x04, 0x00, ISD_AID, 256))
    client = JpkiClient(other)
    client.select()
    signed = exchange(other, CommandApdu(0x80, 0x2A, 0x02, 0x9A, bytes(32), 256))
    assert signed.sw == SW.SECURITY_STATUS_NOT_SATISFIED, "what was verified is forgotten"
    secured_status = exchange(other, CommandApdu(0x84, 0xF2, 0x00, 0x00, le=256))
    assert secured_status.sw == SW.SECURITY_STATUS_NOT_SATISFIED, "and so is the secure channel"
    other.close()


@pytest.mark.usefixtures("warned", "needs_channels")
def test_a_second_instance_on_another_channel(jpki: JpkiCard) -> None:
    """JCRE 3.0.5, 4.2: the package is not multiselectable; selecting it there is refused, and nothing here is lost."""
    second = INSTANCE_AID[:-1] + b"\x02"
    jpki.issuer().install(jpki_installation(Profile.CARD.parameters, second))
    jpki.client.select()
    jpki.verify(Slot.SIGNING)
    with LogicalChannel.open(jpki.card) as other:
        refused = exchange(other, CommandApdu(0x00, 0xA4, 0x04, 0x0C, second))
        assert refused.sw == SW.CONDITIONS_NOT_SATISFIED
        assert jpki.client.sign_hash(Slot.SIGNING, bytes(32))
        exchange(jpki.card, CommandApdu(0x00, 0xA4, 0x04, 0x00, ISD_AID, 256))
        assert exchange(other, CommandApdu(0x00, 0xA4, 0x04, 0x0C, second)).ok
    jpki.client.select()
    assert not jpki.is_verified(Slot.SIGNING)
