"""What the card does for applets: GPSystem, and the secure channel of their security domain (GP Card API 1.6)."""

from __future__ import annotations

import pytest

from cardlab.card.config import DEFAULT_KEYS
from cardlab.card.manager.services import Services
from cardlab.errors import SecureChannelError
from cardlab.globalplatform.constants import INS_SET_STATUS, ISD_AID, CardState
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys, encrypt_sensitive
from cardlab.iso7816.apdu import CommandApdu
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.interface import Service
from tests.cardlab.card.cards import (
    OTHER_KEYS,
    OTHER_SSD,
    PROBE,
    QUIET,
    SSD,
    SSD_KEYS,
    Session,
    client,
    exchange,
    make_card,
    make_personalised_domain,
    select,
    send,
)
from tests.cardlab.card.refusals import refused, thrown

LEVELS = [SecurityLevel(value) for value in (0x00, 0x01, 0x03, 0x11, 0x13, 0x33)]
BLOCK = b"sixteen bytes !!"


def probe_card(privileges: bytes = b"\x00", **config: object) -> LabCard:
    """A card with the probe installed and selected."""
    card = make_card(**config)  # type: ignore[arg-type]
    assert Session.open(card).install(PROBE, privileges=privileges) == 0x9000
    assert select(card, PROBE).ok
    return card


def secured(session: Session, data: bytes = b"") -> tuple[int, bytes]:
    """The probe unwraps a command and answers the level and the data, wrapped."""
    answer = exchange(session.channel, CommandApdu(0x80, 0x20, 0, 0, data, le=256))
    return answer.sw, answer.data


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("options", [0x60, 0x70])
def test_an_applets_session(level: SecurityLevel, options: int) -> None:
    card = probe_card(scp_options=options)
    session = Session.open(card, PROBE, level=level)
    for data in (b"", b"x", b"y" * 100, b"z" * 223):
        assert secured(session, data) == (0x9000, bytes((0x80 | level,)) + data)


def test_the_challenge_is_made_for_the_applet() -> None:
    card = probe_card()
    response = SecureChannelLayer.open(card, DEFAULT_KEYS).response
    assert response.sequence is not None
    assert response.card_challenge == DEFAULT_KEYS.card_challenge(response.sequence, PROBE)
    assert response.card_challenge != DEFAULT_KEYS.card_challenge(response.sequence, ISD_AID)


def test_keys_are_those_of_the_domain_the_applet_belongs_to() -> None:
    card = probe_card()
    make_personalised_domain(card)
    make_personalised_domain(card, OTHER_SSD, OTHER_KEYS)

    def opens(keys: StaticKeys) -> bool:
        try:
            return secured(Session.open(card, PROBE, keys))[0] == 0x9000
        except SecureChannelError:
            return False

    for domain, keys in ((ISD_AID, DEFAULT_KEYS), (SSD, SSD_KEYS), (OTHER_SSD, OTHER_KEYS)):
        assert Session.open(card).extradite(PROBE, domain) == 0x9000
        assert [opens(any_keys) for any_keys in (DEFAULT_KEYS, SSD_KEYS, OTHER_KEYS)] == [
            any_keys is keys for any_keys in (DEFAULT_KEYS, SSD_KEYS, OTHER_KEYS)
        ]


def test_new_keys_of_the_domain_count_from_the_next_session() -> None:
    card = probe_card()
    make_personalised_domain(card)
    assert Session.open(card).extradite(PROBE, SSD) == 0x9000
    session = Session.open(card, PROBE, SSD_KEYS)
    assert secured(session)[0] == 0x9000
    client(card, SSD, SSD_KEYS).put_keys(OTHER_KEYS, 0x32, replaces=0x31)
    assert secured(Session.open(card, PROBE, OTHER_KEYS))[0] == 0x9000
    with pytest.raises(SecureChannelError):
        Session.open(card, PROBE, SSD_KEYS)


def test_a_locked_domain_serves_nobody() -> None:
    card = probe_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.extradite(PROBE, SSD) == session.send(INS_SET_STATUS, 0x40, 0x80, SSD).sw == 0x9000
    assert select(card, PROBE).ok
    assert send(card, "80 50 00 00 08 0001020304050607 00").sw == thrown(0x6985)


def test_the_rules_of_process_security() -> None:
    card = probe_card()
    for command, sw in (
        ("80 50 7E 00 08 0001020304050607 00", thrown(0x6A88)),
        ("80 50 00 01 08 0001020304050607 00", thrown(0x6A86)),
        ("80 50 00 00 07 00010203040506 00", thrown(0x6700)),
        ("84 82 01 00 10" + "00" * 16, thrown(0x6985)),
        ("80 82 01 00 10" + "00" * 16, thrown(0x6E00)),
    ):
        assert send(card, command).sw == sw
    assert send(card, "80 50 00 00 08 0001020304050607 00").ok
    assert send(card, "84 82 01 00 10" + "00" * 16).sw == 0x6300


@pytest.mark.parametrize(
    ("service", "argument", "answer"),
    [
        (Service.UNWRAP, "80", (0x6700, b"")),
        (Service.WRAP, "90", (0x6700, b"")),
        (Service.PROCESS_SECURITY, "80CA006600", (0x6D00, b"")),
        (Service.GET_SECURITY_LEVEL, "", (0x9000, b"\x00")),
    ],
)
def test_calls_that_no_applet_makes_through_the_api(service: Service, argument: str, answer: tuple[int, bytes]) -> None:
    card = probe_card()
    assert card.simulated._services.call(PROBE, service, bytes.fromhex(argument)) == answer


def test_only_the_selected_applet_has_a_session() -> None:
    card = probe_card()
    assert Session.open(card).install(QUIET, module=QUIET) == 0x9000
    channel = Session.open(card, PROBE).channel
    call = card.simulated._services.call
    assert call(QUIET, Service.GET_SECURITY_LEVEL, b"") == (0x9000, b"\x00")
    for service in (
        Service.PROCESS_SECURITY,
        Service.UNWRAP,
        Service.WRAP,
        Service.ENCRYPT_DATA,
        Service.RESET_SECURITY,
    ):
        assert call(QUIET, service, bytes(16)) == (0x6985, b"")
    assert call(bytes(5), Service.GET_CARD_STATE, b"") == (0x6985, b""), "an applet that is being installed"
    assert Services().call(PROBE, Service.GET_CARD_STATE, b"") == (0x6985, b""), "a card that is not there yet"
    assert channel.is_open
    assert secured(Session(card, channel))[0] == 0x9000


def test_an_applet_that_is_personalised_opens_no_session() -> None:
    """GPCS 11.11.1: it uses its domain's, which is open."""
    card = probe_card()
    managed = card.simulated._card
    Session.open(card)
    managed.personalised = managed.registry.applications[PROBE]
    call = card.simulated._services.call
    for command in ("8050000008000102030405060700", "8482010010" + "00" * 16):
        assert call(PROBE, Service.PROCESS_SECURITY, bytes.fromhex(command)) == (0x6985, b"")
    assert call(PROBE, Service.GET_SECURITY_LEVEL, b"") != (0x9000, b"\x00")


def test_a_flipped_bit_ends_an_applets_session() -> None:
    for position in (1, 2, 3, 5, 20):
        card = probe_card()
        channel = SecureChannelLayer.open(card, DEFAULT_KEYS, level=SecurityLevel.C_MAC)
        wrapped = channel._channel.wrap_command(CommandApdu(0x80, 0x20, 0, 0, b"0123456789abcdef"))[1].to_bytes()
        bad = bytearray(wrapped)
        bad[position] ^= 1
        if position != 1:  # another INS goes to another part of the probe
            assert send(card, bad.hex()).sw == 0x6988
            assert send(card, wrapped.hex()).sw == thrown(0x6982), "the session is over"
            assert send(card, "80 0A 00 00 00").data == b"\x00"


def test_plain_commands_in_a_session() -> None:
    card = probe_card()
    assert SecureChannelLayer.open(card, DEFAULT_KEYS, level=SecurityLevel.C_MAC).is_open
    assert send(card, "80 01 00 00 01 55 00").data == b"\x55", "what an applet does not unwrap is its own business"
    assert send(card, "80 0A 00 00 00").data == b"\x81"
    assert send(card, "80 20 00 00 00").sw == thrown(0x6982), "unwrap() asks for the MAC"
    assert send(card, "80 0A 00 00 00").data == b"\x00"


def test_without_a_session() -> None:
    card = probe_card()
    assert send(card, "80 0A 00 00 00").data == b"\x00"
    assert send(card, "80 20 00 00 01 55 00").data == b"\x00\x55", "unwrap() leaves a plain command as it is"
    assert send(card, "84 20 00 00 08 0000000000000000 00").sw == thrown(0x6982)
    assert send(card, f"80 10 00 00 10 {BLOCK.hex()} 00").sw == thrown(0x6985)
    assert send(card, f"80 11 00 00 10 {BLOCK.hex()} 00").sw == thrown(0x6985)
    assert send(card, "80 12 00 00").ok


def test_sensitive_data() -> None:
    card = probe_card()
    assert SecureChannelLayer.open(card, DEFAULT_KEYS, level=SecurityLevel.C_MAC).is_open
    encrypted = encrypt_sensitive(DEFAULT_KEYS.dek, BLOCK)
    assert send(card, f"80 10 00 00 10 {encrypted.hex()} 00").data == BLOCK
    assert send(card, f"80 11 00 00 10 {BLOCK.hex()} 00").data == encrypted
    assert send(card, "80 10 00 00 0F" + "00" * 15 + "00").sw == thrown(0x6A80)
    assert send(card, "80 11 00 00 11" + "00" * 17 + "00").sw == thrown(0x6A80)


def test_no_data_is_decrypted_before_authentication() -> None:
    """GP Card API, decryptData: a session that is not open yet, or was never opened, has no keys for anybody."""
    card = probe_card()
    encrypted = encrypt_sensitive(DEFAULT_KEYS.dek, BLOCK)
    assert send(card, "80 50 00 00 08 0001020304050607 00").ok
    assert send(card, f"80 10 00 00 10 {encrypted.hex()} 00").sw == thrown(0x6985)
    assert send(card, f"80 11 00 00 10 {BLOCK.hex()} 00").sw == thrown(0x6985)
    assert send(card, "84 20 00 00 08 0000000000000000 00").sw == thrown(0x6982)
    assert send(card, "84 82 01 00 10" + "00" * 16).sw == 0x6300
    assert send(card, f"80 10 00 00 10 {encrypted.hex()} 00").sw == thrown(0x6985), "the cryptogram was wrong"


@pytest.mark.parametrize("ending", ["itself", "another", "again", "reset", "wish"])
def test_what_ends_an_applets_session(ending: str) -> None:
    card = probe_card()
    assert Session.open(card).install(QUIET, module=QUIET) == 0x9000
    assert Session.open(card, PROBE, level=SecurityLevel.C_MAC).channel.is_open
    assert send(card, "80 0A 00 00 00").data == b"\x81"
    match ending:
        case "itself":
            assert send(card, "80 12 00 00").ok
        case "another":
            assert select(card, QUIET).ok
        case "again":
            assert select(card, PROBE).ok
        case "reset":
            card.reset()
        case _:
            assert send(card, "80 50 00 00 08 0001020304050607 00").ok
    select(card, PROBE) if ending in ("another", "reset") else None
    assert send(card, "80 0A 00 00 00").data == b"\x00"


# -- GPSystem ---------------------------------------------------------------------------------------------------------


def test_states_as_the_applet_sees_them() -> None:
    card = probe_card()
    assert send(card, "80 02 00 00 00").data == bytes((CardState.OP_READY, 0x07))
    assert send(card, "80 03 0F 00 00").data == b"\x01"
    assert send(card, "80 02 00 00 00").data == bytes((CardState.OP_READY, 0x0F))
    assert client(card).registry().applications[0].life_cycle == 0x0F


@pytest.mark.parametrize(
    ("state", "done"),
    [(0x07, True), (0x7F, True), (0x3F, True), (0x03, False), (0x08, False), (0x7E, False), (0x00, False)],
)
def test_states_that_an_applet_can_give_itself(state: int, done: bool) -> None:
    card = probe_card()
    assert send(card, f"80 03 {state:02X} 00 00").data == bytes((done,))
    assert client(card).registry().applications[0].life_cycle == (state if done else 0x07)


def test_an_applet_locks_itself_and_cannot_undo_it() -> None:
    card = probe_card()
    assert send(card, "80 03 80 00 00").data == b"\x01"
    assert send(card, "80 03 07 00 00").data == b"\x00"
    assert client(card).registry().applications[0].life_cycle == 0x87
    assert select(card, PROBE).sw == 0x6A82


@pytest.mark.parametrize(("privileges", "done"), [(b"\x00", False), (b"\x10", True), (b"\x08", False)])
def test_locking_the_card_takes_a_privilege(privileges: bytes, done: bool) -> None:
    card = probe_card(privileges, card_state=CardState.SECURED)
    assert send(card, "80 04 00 00 00").data == bytes((done,))
    assert card.simulated.state is (CardState.CARD_LOCKED if done else CardState.SECURED)
    assert send(card, "80 01 00 00 01 55 00").data == b"\x55", "the application session goes on (GPCS 9.6.3)"
    assert select(card, PROBE).sw == (refused(0x6A81, "the card is locked") if done else 0x9000)


def test_a_card_that_is_not_secured_cannot_be_locked() -> None:
    card = probe_card(b"\x10")
    assert send(card, "80 04 00 00 00").data == b"\x00"
    assert card.simulated.state is CardState.OP_READY


@pytest.mark.parametrize(("privileges", "done"), [(b"\x00", False), (b"\x10", False), (b"\x08", True)])
def test_terminating_the_card_takes_a_privilege(privileges: bytes, done: bool) -> None:
    card = probe_card(privileges)
    assert send(card, "80 05 00 00 00").data == bytes((done,))
    assert card.simulated.state is (CardState.TERMINATED if done else CardState.OP_READY)
    card.reset()
    assert select(card, PROBE).sw == (refused(0x6A81, "the card is terminated") if done else 0x9000)


@pytest.mark.parametrize(
    ("atr", "historical", "expected"),
    [
        ("3BE000FF8131FE4514", "A1B2C3", "3BE300FF8131FE45A1B2C3C7"),
        ("3BE000FF8131FE4514", "", "3BE000FF8131FE4514"),
        ("3B021450", "A1", "3B01A1"),  # T=0 alone: no check byte
        ("3B80800101", "8073", "3B8280018073F0"),
    ],
)
def test_historical_bytes(atr: str, historical: str, expected: str) -> None:
    card = probe_card(b"\x04", atr=bytes.fromhex(atr))
    data = bytes.fromhex(historical)
    length = f"{len(data):02X} {historical}" if data else ""
    to_card = card.simulated  # a reader carries no Le over T=0, which the simulated card does not speak
    assert send(to_card, f"80 06 00 00 {length} 00").data == b"\x01"
    assert card.reset() == card.atr == bytes.fromhex(expected)


def test_historical_bytes_take_a_privilege_and_have_a_limit() -> None:
    card = probe_card()
    assert send(card, "80 06 00 00 01 A1 00").data == b"\x00"
    card = probe_card(b"\x04")
    assert send(card, "80 06 00 00 10" + "00" * 16 + "00").data == b"\x00"
    assert card.reset() == card.simulated.config.atr


def test_registry_entries() -> None:
    card = probe_card(b"\x10")
    assert send(card, "80 08 00 00 00").data == bytes.fromhex("07 100000")
    assert send(card, "80 08 00 00 07 F04A504B491001 00").data == bytes.fromhex("07 100000")
    assert Session.open(card).install(QUIET, module=QUIET) == 0x9000
    select(card, PROBE)
    assert send(card, "80 08 00 00 07 F04A504B491002 00").data == b"", "other entries take Global Registry"
    card = probe_card(bytes.fromhex("000400"))
    assert Session.open(card).install(QUIET, module=QUIET) == 0x9000
    select(card, PROBE)
    assert send(card, "80 08 00 00 07 F04A504B491002 00").data == bytes.fromhex("07 000000")
