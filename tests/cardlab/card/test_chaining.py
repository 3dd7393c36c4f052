"""Commands that are longer than one APDU (GPCS 11.1.5.1): the C-MAC goes over the whole, which is then cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cardlab.card.config import DEFAULT_KEYS
from cardlab.globalplatform.constants import INS_INSTALL, InstallFor
from cardlab.globalplatform.scp03 import (
    Channel,
    InitializeUpdateResponse,
    SecurityLevel,
    cmac,
    command_icv,
    encrypt_cbc,
    pad,
)
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.pytest_plugin import LabCard
from tests.cardlab.card.cards import (
    PACKAGE,
    PROBE,
    client,
    exchange,
    lv,
    make_card,
    select,
)
from tests.cardlab.card.refusals import refused

INSTANCE = bytes.fromhex("F04A504B493001")
LONG = b"\x00\x00\x01" + bytes(77)  # application data, 80 bytes
IGNORED = b"\xef\x82\x00\xa6\xcb\x82\x00\xa2" + bytes(162)
FIELD = lv(PACKAGE, PROBE, INSTANCE, b"\x00")
PARAMETERS = b"\xc9" + lv(LONG) + IGNORED
FIELD += b"\x82" + len(PARAMETERS).to_bytes(2, "big") + PARAMETERS + b"\x00"
LEVELS = [SecurityLevel.C_MAC, SecurityLevel.C_ENC, SecurityLevel.FULL]


def open_channel(card: LabCard, level: SecurityLevel) -> Channel:
    select(card)
    challenge = bytes(8)
    answer = exchange(card, CommandApdu(0x80, 0x50, 0, 0, challenge, le=256))
    channel = Channel(DEFAULT_KEYS.session(challenge, InitializeUpdateResponse.from_bytes(answer.data).card_challenge))
    channel, command = channel.wrap_command(CommandApdu(0x84, 0x82, level, 0, channel.keys.host_cryptogram))
    assert exchange(card, command).ok
    return channel.opened(level)


def secured(channel: Channel, p1: int, data: bytes) -> tuple[Channel, bytes]:
    """The data field of a command of more than 255 bytes with encryption and C-MAC."""
    counter = channel.counter + 1
    if channel.level & SecurityLevel.C_DECRYPTION:
        data = encrypt_cbc(channel.keys.enc, command_icv(channel.keys.enc, counter), pad(data))
    assert len(data) > 255
    header = bytes((0x84, INS_INSTALL, p1, 0x00, 0x00)) + (len(data) + 8).to_bytes(2, "big")
    mac = cmac(channel.keys.mac, channel.chaining, header, data)
    return replace(channel, chaining=mac, counter=counter), data + mac[:8]


def part(p1: int, data: bytes, ins: int = INS_INSTALL, p2: int = 0) -> CommandApdu:
    return CommandApdu(0x84, ins, p1, p2, data, le=256)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("size", [255, 200, 100])
def test_a_command_in_parts(level: SecurityLevel, size: int) -> None:
    card = make_card()
    channel = open_channel(card, level)
    channel, data = secured(channel, InstallFor.INSTALL_AND_MAKE_SELECTABLE, FIELD)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    for piece in pieces[:-1]:
        assert exchange(card, part(0x8C, piece)) == ResponseApdu(b"", 0x9000), "no R-MAC before the last part"
    assert channel.unwrap_response(exchange(card, part(0x0C, pieces[-1]))) == ResponseApdu(b"\x00", 0x9000)
    channel, command = channel.wrap_command(CommandApdu(0x80, 0xCA, 0x00, 0x66, le=256))
    assert exchange(card, command).ok, "the chain of MACs goes on"
    assert client(card).registry().find(INSTANCE) is not None


def test_more_application_data_than_an_applet_can_get() -> None:
    """JCRE 3.0.4, 3.1: what install() gets has one length byte for each part, and at most 127 bytes in all."""
    for size in (128, 256):
        card = make_card()
        parameters = b"\xc9\x82" + size.to_bytes(2, "big") + bytes(size) + b"\xb6\x81\x80" + bytes(128)
        field = lv(PACKAGE, PROBE, INSTANCE, b"\x00") + b"\x82" + len(parameters).to_bytes(2, "big") + parameters
        _, data = secured(open_channel(card, SecurityLevel.C_MAC), 0x0C, field + b"\x00")
        assert exchange(card, part(0x8C, data[:255])).ok
        assert exchange(card, part(0x0C, data[255:])).sw == refused(0x6A80, "have at most")
        assert client(card).registry().find(INSTANCE) is None


@pytest.mark.parametrize("broken", ["ins", "p1", "p2", "class"])
def test_a_broken_chain(broken: str) -> None:
    card = make_card()
    _, data = secured(open_channel(card, SecurityLevel.C_MAC), 0x0C, FIELD)
    assert exchange(card, part(0x8C, data[:200])).ok
    other = {
        "ins": part(0x0C, data[200:], ins=0xE4),
        "p1": part(0x04, data[200:]),
        "p2": part(0x0C, data[200:], p2=1),
        "class": CommandApdu(0x80, INS_INSTALL, 0x0C, 0, data[200:]),
    }[broken]
    assert exchange(card, other).sw == refused(0x6985, "another command before the last part of a long one")
    assert client(card).registry().find(INSTANCE) is None


def test_an_altered_part_is_found() -> None:
    card = make_card()
    _, data = secured(open_channel(card, SecurityLevel.C_MAC), 0x0C, FIELD)
    assert exchange(card, part(0x8C, data[:10] + b"!" + data[11:200])).ok
    assert exchange(card, part(0x0C, data[200:])).sw == 0x6988


def test_parts_outside_a_channel_and_too_many_of_them() -> None:
    card = make_card()
    assert exchange(card, part(0x8C, bytes(200))).sw == refused(0x6982, "a secure channel must be open")
    open_channel(card, SecurityLevel.C_MAC)
    answers = [exchange(card, part(0x8C, bytes(255))).sw for _ in range(17)]
    assert answers == [0x9000] * 16 + [refused(0x6A86, "more than 4096 bytes in one command")]


def test_selecting_something_in_between_ends_the_chain() -> None:
    card = make_card()
    _, data = secured(open_channel(card, SecurityLevel.C_MAC), 0x0C, FIELD)
    assert exchange(card, part(0x8C, data[:200])).ok
    select(card)
    assert exchange(card, part(0x0C, data[200:])).sw == refused(0x6982, "secure messaging without a session")
