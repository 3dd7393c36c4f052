"""Persistent memory lasts for so many writes: what changes nothing writes nothing, whatever happened before.

A mark that something is still to be overwritten, and is never taken away, would cost kilobytes at every command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.transport import exchange
from jpki.client.constants import DeviceMethod, Slot
from tests.jpki.applet.cards import CERTIFICATES, Device, JpkiCard
from tests.jpki.applet.conftest import Image
from tests.jpki.applet.heap import applet_object
from tests.jpki.applet.tears import loses_power

pytestmark = [pytest.mark.needs("inside"), pytest.mark.needs("power_cut")]

AUTH = Slot.AUTHENTICATION


def registered_and_removed(jpki: JpkiCard) -> None:
    jpki.verify(AUTH)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, Device.create().point)
    jpki.client.remove_device_key(DeviceMethod.BIOMETRIC)


def refused_certificate(jpki: JpkiCard) -> None:
    head = AUTH.certificate.to_bytes(2, "big") + (20).to_bytes(2, "big")
    assert not exchange(jpki.channel(), CommandApdu(0x80, 0xE2, 0x80, 0x00, head + b"\x31" * 20)).ok


def refused_command(jpki: JpkiCard) -> None:
    assert not jpki.send(0x00, 0xFF, 0x00, 0x00, bytes(20)).ok


BEFORE: dict[str, Callable[[JpkiCard], object]] = {
    "nothing": lambda jpki: None,
    "DELETE SLOT": lambda jpki: jpki.tsm().delete_slot(AUTH),
    "GENERATE KEY PAIR": lambda jpki: jpki.tsm().generate_key_pair(AUTH),
    "GENERATE KEY PAIR, renewal": lambda jpki: jpki.tsm().generate_key_pair(AUTH, renew=True),
    "RESET PIN": lambda jpki: jpki.tsm().reset_pin(AUTH),
    "STORE CERTIFICATE": lambda jpki: jpki.tsm().store_certificate(AUTH.certificate, CERTIFICATES[AUTH]),
    "STORE CERTIFICATE, refused": refused_certificate,
    "REGISTER and REMOVE DEVICE KEY": registered_and_removed,
    "a refused command": refused_command,
}


def idle(jpki: JpkiCard, channel: SecureChannelLayer) -> Iterator[Callable[[], object]]:
    """Commands that ask, are refused, or select, in a session that is open."""
    yield lambda: exchange(channel, CommandApdu(0x80, 0xF2, 0x00, 0x00, le=256))
    yield jpki.client.token_information
    yield lambda: jpki.client.tries_left(AUTH)
    yield jpki.client.challenge
    yield lambda: refused_command(jpki)
    yield jpki.client.select


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE.keys())
def test_what_changes_nothing_writes_nothing(phone_image: Image, before: Callable[[JpkiCard], object]) -> None:
    """At its first write a command would lose power; the cut is of the next command alone, so it is set for each."""
    with phone_image.open() as jpki:
        before(jpki)
        for command in idle(jpki, jpki.channel()):
            jpki.card.cut_power_at(1)
            assert not loses_power(command)


def test_a_mark_of_remains_goes_with_them(jpki: JpkiCard) -> None:
    """Cards may write what they overwrite though it is gone."""
    jpki.tsm().generate_key_pair(AUTH)
    refused_certificate(jpki)
    applet = applet_object(jpki.card.simulated)
    assert [applet.field(name).field("unclean") for name in ("spare", "loader")] == [0, 0]


def test_a_first_block_that_is_refused_writes_nothing(jpki: JpkiCard) -> None:
    """There is more of it than it announces: it is refused before any of it comes to where certificates arrive."""
    head = AUTH.certificate.to_bytes(2, "big") + (19).to_bytes(2, "big")
    channel, command = jpki.channel(), CommandApdu(0x80, 0xE2, 0x00, 0x00, head + CERTIFICATES[AUTH][:20])
    answers: list[int] = []
    jpki.card.cut_power_at(1)
    assert not loses_power(lambda: answers.append(exchange(channel, command).sw))
    assert answers == [SW.WRONG_DATA]
