"""Every wrong class and instruction, and random commands: the right status word, never 6F00, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.pytest_plugin import Capability
from cardlab.transport import exchange
from jpki.client.constants import Slot
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.conftest import Image

INTERINDUSTRY = {0x20, 0x24, 0x84, 0xA4, 0xB0}
PLAIN = {0x2A, 0x2E, 0x50, 0xCA, 0xDA, 0xE4}
SECURED = {0x46, 0x82, 0xE2, 0x2C, 0xE4, 0xF2}
REFUSED_IN_CLEAR = SECURED - PLAIN - {0x82}
MANAGE_CHANNEL = 0x70
ISO_SELECT = 0xA4

DOCUMENTED = {
    0x9000, 0x6581, 0x6700, 0x6881, 0x6981, 0x6982, 0x6984, 0x6985, 0x6986, 0x6988, 0x6A80, 0x6A82, 0x6A84, 0x6A86,
    0x6A88, 0x6B00, 0x6D00, 0x6E00, *range(0x63C0, 0x63C6),
}  # fmt: skip


@pytest.fixture
def card(phone_image: Image) -> Iterator[JpkiCard]:
    with phone_image.open() as card:
        yield card


def test_unknown_instructions(card: JpkiCard) -> None:
    before = card.status()
    card.reset()
    for cla, known in ((0x00, INTERINDUSTRY | {MANAGE_CHANNEL}), (0x80, PLAIN | REFUSED_IN_CLEAR), (0x84, SECURED)):
        for ins in set(range(256)) - known:
            if ins >> 4 in (0x6, 0x9):
                continue  # no instruction at all (ISO/IEC 7816-3:2006, 12.2.1): the card may answer for the applet
            for data in (b"", bytes(8)):
                assert card.sw(cla, ins, 0x00, 0x00, data) == SW.INS_NOT_SUPPORTED, f"{cla:02X} {ins:02X}"
    for ins in REFUSED_IN_CLEAR:
        assert card.sw(0x80, ins, 0x12, 0x34, b"56") == SW.SECURITY_STATUS_NOT_SATISFIED
    assert card.status() == before


# Class 80 and 84 on a logical channel (GPCS Table 11-12), by the class that they are on the basic one
ON_CHANNELS = {
    **{cla: cla & 0x84 for cla in range(0x80, 0x88)},
    **{cla: 0x84 if cla & 0x20 else 0x80 for cla in (*range(0xC0, 0xD0), *range(0xE0, 0xF0))},
}


@pytest.mark.needs("inside")
def test_proprietary_classes_for_channels_that_are_not_open(card: JpkiCard) -> None:
    """The simulated card reads no channel in them, as for wallets with classes like E0; the applet knows them, too."""
    before = card.status()
    card.reset()  # the secure channel that asked for it
    for cla, basic in ON_CHANNELS.items():
        for ins in (0x20, 0x2A, 0x84, 0xB0, 0xE4, 0xF2):
            expected = card.sw(basic, ins, 0x00, 0x00, b"12345678")
            assert card.sw(cla, ins, 0x00, 0x00, b"12345678") == expected, f"{cla:02X} {ins:02X}"
    assert card.status() == before


def test_unknown_classes(card: JpkiCard) -> None:
    before = card.status()
    for cla in set(range(0x04, 0x100)) - ON_CHANNELS.keys() - {0xFF}:
        for ins in (0x20, 0x2A, 0x84, 0xB0, 0xE4, 0xF2):
            response = card.send(cla, ins, 0x00, 0x00, b"12345678")
            assert response.data == b""
            assert response.sw in (SW.CLA_NOT_SUPPORTED, SW.CHANNEL_NOT_SUPPORTED), f"{cla:02X} {ins:02X}"
            if not _names_a_channel(cla):
                assert response.sw == SW.CLA_NOT_SUPPORTED, f"{cla:02X} {ins:02X}"
    assert card.status() == before


def _names_a_channel(cla: int) -> bool:
    """Bits for a logical channel (ISO/IEC 7816-4:2020, 5.4.1; GPCS 11.1.4): first or further interindustry coding."""
    return bool(cla & 0x40) or bool(cla & 0x03)


commands = st.builds(
    CommandApdu,
    cla=st.sampled_from([0x00, 0x80, 0x84]) | st.integers(0, 0xFE),
    ins=st.sampled_from(sorted(INTERINDUSTRY | PLAIN | SECURED)) | st.integers(0, 0xFF),
    p1=st.sampled_from([0, 1, 2, 3, 4, 0x80, 0x81, 0x86]) | st.integers(0, 0xFF),
    p2=st.sampled_from([0, 1, 3, 4, 0x0C, 0x80, 0x97, 0x98, 0x9A, 0x9B]) | st.integers(0, 0xFF),
    data=st.sampled_from([b"", b"\x00\x1b", b"\x00\x1a", b"\xb6\x00", bytes(32), bytes(65)]) | st.binary(max_size=255),
    le=st.none() | st.sampled_from([1, 32, 256]) | st.integers(1, 256),
)


def acceptable(response: ResponseApdu) -> bool:
    return response.sw in DOCUMENTED and (response.sw == SW.OK or not response.data) and len(response.data) <= 256


@given(sequence=st.lists(commands, min_size=1, max_size=20))
def test_random_commands_without_authentication(phone_image: Image, sequence: list[CommandApdu]) -> None:
    """Nothing persistent changes but tries; every answer is one that docs/reference/applet.md knows."""
    with phone_image.open() as card:
        before = card.status()
        card.reset()
        for command in sequence:
            if (command.ins == ISO_SELECT and command.p1 == 0x04) or command.ins == MANAGE_CHANNEL:
                continue
            response = exchange(card.card, command)
            assert acceptable(response), f"{command.to_bytes().hex()} -> {response.to_bytes().hex()}"
        after = card.status()
    for slot in Slot:
        then, now = before.slots[slot], after.slots[slot]
        assert now.tries_left <= then.tries_left
        same = ("has_key", "certificate_length", "ca_certificate_length", "signature_counter", "device_keys")
        assert [getattr(now, name) for name in same] == [getattr(then, name) for name in same]


@given(sequence=st.lists(commands, min_size=1, max_size=20))
def test_random_commands_with_everything_verified(phone_image: Image, sequence: list[CommandApdu]) -> None:
    with phone_image.open() as card:
        for slot in Slot:
            card.verify(slot)
        for command in sequence:
            response = exchange(card.card, command)
            assert response.sw != SW.UNKNOWN, command.to_bytes().hex()


@given(sequence=st.lists(commands.filter(lambda command: command.ins not in (0x46, 0x82)), min_size=1, max_size=10))
def test_random_commands_of_the_tsm(phone_image: Image, sequence: list[CommandApdu]) -> None:
    """Inside a channel, where the commands do more; key generation takes too long to be tried at random."""
    with phone_image.open() as card:
        channel = card.channel()
        for command in sequence:
            plain = CommandApdu(0x80, command.ins, command.p1, command.p2, command.data[: channel.max_data], 256)
            response = exchange(channel, plain)
            assert acceptable(response), f"{plain.to_bytes().hex()} -> {response.to_bytes().hex()}"
        assert exchange(channel, CommandApdu(0x80, 0xF2, 0x00, 0x00, le=256)).ok, "the channel is still in step"


@given(command=st.binary(max_size=20) | st.binary(min_size=4, max_size=300))
def test_random_bytes(phone_image: Image, command: bytes) -> None:
    """Not even what is no command gives 6F00."""
    if command[:3] == b"\x00\xa4\x04":
        return
    with phone_image.open() as card:
        if len(command) >= 4 or Capability.PCSC not in card.card.capabilities:  # readers carry no less than a header
            assert card.card.transmit(command)[-2:] != b"\x6f\x00"
