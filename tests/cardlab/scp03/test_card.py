"""The simulated card at its end of SCP03: driven by yubikit, an independent host, and by a host that cheats."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yubikit.core import TRANSPORT
from yubikit.core.smartcard import ApduError, SmartCardConnection, SmartCardProtocol
from yubikit.core.smartcard.scp import KeyRef, Scp03KeyParams, ScpKid
from yubikit.core.smartcard.scp import StaticKeys as YubikitKeys

from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.errors import SecureChannelError
from cardlab.globalplatform.constants import ISD_AID
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.registry import Registry
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.installation import security_domain
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.pytest_plugin import CardSource
from cardlab.transport import Layer, Transport, exchange
from tests.cardlab.card.bench import Bench, open_card
from tests.cardlab.scp03.strategies import LEVELS, levels

SSD_AID = bytes.fromhex("A00000015153504101")
SSD_KEYS = StaticKeys(b"e" * 16, b"m" * 16, b"d" * 16)
OPTIONS = (0x60, 0x70)

pytestmark = pytest.mark.needs("inside")  # cards made to measure


@pytest.fixture(autouse=True)
def bench(card_source: CardSource) -> Iterator[None]:
    """Where a test's cards are."""
    with Bench(card_source, {}).in_use():
        yield


class YubikitConnection(SmartCardConnection):
    """A transport of ours as yubikit wants it."""

    def __init__(self, card: Transport) -> None:
        self._card = card

    @property
    def transport(self) -> TRANSPORT:
        return TRANSPORT.USB

    def close(self) -> None:
        """The test owns the card."""

    def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
        answer = ResponseApdu.from_bytes(self._card.transmit(apdu))
        return answer.data, answer.sw


def params(keys: StaticKeys, version: int) -> Scp03KeyParams:
    return Scp03KeyParams(KeyRef(ScpKid.SCP03, version), YubikitKeys(keys.enc, keys.mac, keys.dek))


def with_domain(options: int) -> Transport:
    """A card with a supplementary security domain that has keys of its own."""
    card = open_card(config=CardConfig(scp_options=options))
    add_domain(card)
    return card


def add_domain(card: Transport) -> None:
    """Make the domain and give it its keys."""
    client = GlobalPlatformClient(card)
    client.select()
    client.authenticate(DEFAULT_KEYS)
    client.create_security_domain(security_domain(SSD_AID))
    client.select(SSD_AID)
    client.authenticate(DEFAULT_KEYS)  # without keys of its own it is its associated domain's
    client.put_keys(SSD_KEYS, 0x01)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(("aid", "keys", "version"), [(ISD_AID, DEFAULT_KEYS, 0x30), (SSD_AID, SSD_KEYS, 0x01)])
def test_yubikit_opens_a_channel_and_reads_the_registry(
    options: int, aid: bytes, keys: StaticKeys, version: int
) -> None:
    """Level 33: every command encrypted and authenticated, every response too."""
    host = SmartCardProtocol(YubikitConnection(with_domain(options)))
    host.select(aid)
    host.init_scp(params(keys, version))
    for _ in range(3):
        status = host.send_apdu(0x80, 0xF2, 0x40, 0x02, b"O\0")
        assert SSD_AID in [tlv.find(entry.value, 0x4F) for entry in tlv.parse(status)]
    assert tlv.parse(host.send_apdu(0x80, 0xCA, 0x00, 0x66))[0].tag == 0x66  # yubikit encrypts the empty data field
    with pytest.raises(ApduError) as caught:
        host.send_apdu(0x80, 0xF2, 0x40, 0x02, b"O\x05other")
    assert caught.value.sw == 0x6A88
    assert host.send_apdu(0x80, 0xF2, 0x40, 0x02, b"O\0")


@pytest.mark.parametrize("options", OPTIONS)
def test_yubikit_and_the_card_find_wrong_keys_out(options: int) -> None:
    host = SmartCardProtocol(YubikitConnection(open_card(config=CardConfig(scp_options=options))))
    host.select(ISD_AID)
    with pytest.raises(ValueError, match="Incorrect SCP parameters"):
        host.init_scp(params(SSD_KEYS, 0x30))
    with pytest.raises(ValueError, match="Incorrect SCP parameters"):
        host.init_scp(params(DEFAULT_KEYS, 0x31))
    host.init_scp(params(DEFAULT_KEYS, 0x30))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("level", LEVELS)
def test_our_host_at_every_level(options: int, level: SecurityLevel) -> None:
    card = with_domain(options)
    for aid, keys in ((ISD_AID, DEFAULT_KEYS), (SSD_AID, SSD_KEYS)):
        client = GlobalPlatformClient(card)
        client.select(aid)
        channel = client.authenticate(keys, level=level)
        assert channel.level == level
        found = client.registry().find(SSD_AID)
        assert found is not None
        assert found.is_domain


def test_challenges_are_pseudo_random_or_explicit() -> None:
    """Amendment D 6.2.2.1: the challenge follows from key, counter and AID, and the counter never stands still."""
    card, seen = open_card(config=CardConfig(scp_options=0x70)), list[tuple[int | None, bytes]]()
    for _ in range(3):
        exchange(card, CommandApdu(0, 0xA4, 4, 0, ISD_AID))
        response = SecureChannelLayer.open(card, DEFAULT_KEYS).response
        seen.append((response.sequence, response.card_challenge))
    assert seen == [(number, DEFAULT_KEYS.card_challenge(number, ISD_AID)) for number in (1, 2, 3)]
    card = open_card(config=CardConfig(scp_options=0x60))
    explicit = [SecureChannelLayer.open(card, DEFAULT_KEYS).response for _ in range(3)]
    assert {item.sequence for item in explicit} == {None}
    assert len({item.card_challenge for item in explicit}) == 3


MORE_COMMANDS = 16  # the bit of P1 that makes a command the first part of a longer one (GPCS 11.1.5.1)


class Cheat(Layer):
    """Stands between host and card and does to one command what it is told."""

    def __init__(self, card: Transport) -> None:
        super().__init__(card)
        self.before: list[bytes] = []
        self.flip: int | None = None
        self.flipped = -1
        self.instead: bytes | None = None
        self.swallow = False

    def transmit(self, command: bytes) -> bytes:
        self.before.append(command)
        if self.swallow:  # the host's command is lost, and it takes some error for the card's answer
            self.swallow = False
            return b"\x6a\x80"
        if self.instead is not None:
            command, self.instead = self.instead, None
        if self.flip is not None:
            altered = bytearray(command)
            position = self.flip % ((len(altered) - 1) * 8)  # the last byte is Le, which nothing protects
            altered[position // 8] ^= 0x80 >> position % 8
            command, self.flip, self.flipped = bytes(altered), None, position
        return self._lower.transmit(command)


def registry_of(card: Transport) -> Registry:
    client = GlobalPlatformClient(card)
    client.select()
    client.authenticate(DEFAULT_KEYS)
    return client.registry()


@cache
def install_command() -> CommandApdu:
    """Creates a security domain when it is let through."""
    seen: list[bytes] = []

    class Note(Layer):
        def transmit(self, command: bytes) -> bytes:
            seen.append(command)
            return b"\x00\x90\x00"

    GlobalPlatformClient(Note(open_card())).create_security_domain(security_domain(SSD_AID))
    return CommandApdu.from_bytes(seen[0])


def test_the_honest_command_does_change_the_card() -> None:
    """Otherwise the tests below would prove nothing."""
    card = open_card()
    channel = SecureChannelLayer.open(card, DEFAULT_KEYS)
    assert exchange(channel, install_command()).ok
    assert registry_of(card).find(SSD_AID) is not None


@given(levels, st.integers(0, 4000))
@example(SecurityLevel.C_MAC, MORE_COMMANDS)
def test_a_flipped_bit_changes_nothing_and_ends_the_session(level: SecurityLevel, bit: int) -> None:
    card = open_card()
    cheat = Cheat(card)
    before = registry_of(card)
    exchange(card, CommandApdu(0, 0xA4, 4, 0, ISD_AID))
    channel = SecureChannelLayer.open(cheat, DEFAULT_KEYS, level=level)
    cheat.flip = bit
    try:
        answer = exchange(channel, install_command())
    except SecureChannelError:
        answer = ResponseApdu(b"", 0)
    if cheat.flipped == MORE_COMMANDS and answer.ok:  # the card waits for the rest, and only then checks the C-MAC
        with contextlib.suppress(SecureChannelError):
            answer = exchange(channel, CommandApdu(0x80, 0xF2, 0x80, 0x02, b"\x4f\x00", le=256))
    assert not answer.ok
    assert registry_of(card) == before


@given(levels, st.sampled_from(("repeat", "skip", "other session", "plain")))
def test_repeated_reordered_foreign_and_plain_commands_change_nothing(level: SecurityLevel, trick: str) -> None:
    card = open_card()
    cheat = Cheat(card)
    channel = SecureChannelLayer.open(cheat, DEFAULT_KEYS, level=level)
    assert exchange(channel, install_command()).ok
    recorded = cheat.before[-1]
    assert exchange(channel, CommandApdu(0x80, 0xE4, 0, 0, tlv.encode(0x4F, SSD_AID), 256)).ok
    if trick == "repeat":
        cheat.instead = recorded
    elif trick == "skip":
        cheat.swallow = True
    elif trick == "other session":
        channel = SecureChannelLayer.open(cheat, DEFAULT_KEYS, level=level)
        cheat.instead = recorded
    else:
        cheat.instead = install_command().to_bytes()
    for _ in range(2):
        try:
            assert not exchange(channel, install_command()).ok
        except SecureChannelError:
            continue
    assert not ResponseApdu.from_bytes(card.transmit(cheat.before[-1])).ok
    assert registry_of(card).find(SSD_AID) is None


@given(levels)
def test_after_a_refused_message_only_a_new_session_helps(level: SecurityLevel) -> None:
    card = open_card()
    cheat, status = Cheat(card), CommandApdu(0x80, 0xF2, 0x80, 0x02, b"O\0", 256)
    channel = SecureChannelLayer.open(cheat, DEFAULT_KEYS, level=level)
    honest = channel._channel.wrap_command(status)[1]
    cheat.flip = 8 * 6
    assert exchange(channel, status).sw == 0x6988
    assert exchange(card, honest).sw == 0x6982
    assert exchange(card, status).sw == 0x6982
    assert registry_of(card).issuer_domain is not None
