"""The commands that open a secure channel, and what ends one (Amendment D 6 and 7, GPCS 10.2.3).

The cryptography is compared with vectors and with another program's host in tests/cardlab/scp03.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cardlab.card.config import DEFAULT_KEYS
from cardlab.globalplatform.constants import ISD_AID
from cardlab.globalplatform.scp03 import (
    Channel,
    InitializeUpdateResponse,
    Option,
    ProtectionError,
    SecurityLevel,
    StaticKeys,
)
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.pytest_plugin import LabCard
from tests.cardlab.card.cards import (
    PROBE,
    SSD,
    Session,
    exchange,
    make_card,
    select,
    send,
)
from tests.cardlab.card.refusals import refused

CHALLENGE = bytes(range(8))
LEVELS = [SecurityLevel(value) for value in (0x00, 0x01, 0x03, 0x11, 0x13, 0x33)]
GET_STATUS = CommandApdu(0x80, 0xF2, 0x80, 0x02, bytes.fromhex("4F00"), le=256)


def initialize(card: LabCard, keys: StaticKeys = DEFAULT_KEYS) -> tuple[InitializeUpdateResponse, Channel]:
    answer = exchange(card, CommandApdu(0x80, 0x50, 0, 0, CHALLENGE, le=256))
    assert answer.ok
    parsed = InitializeUpdateResponse.from_bytes(answer.data)
    return parsed, Channel(keys.session(CHALLENGE, parsed.card_challenge))


def authenticate(card: LabCard, level: SecurityLevel) -> tuple[ResponseApdu, Channel]:
    _, channel = initialize(card)
    channel, command = channel.wrap_command(CommandApdu(0x84, 0x82, level, 0, channel.keys.host_cryptogram))
    return exchange(card, command), channel.opened(level)


@pytest.mark.parametrize("options", [0x60, 0x70])
def test_initialize_update(options: int) -> None:
    card = make_card(scp_options=options, loaded=False)
    first, channel = initialize(card)
    second, _ = initialize(card)
    assert first.key_version == 0x30
    assert first.options == options
    assert first.diversification == card.simulated.config.diversification
    assert first.card_cryptogram == channel.keys.card_cryptogram
    assert first.card_challenge != second.card_challenge
    if options & Option.PSEUDO_RANDOM_CHALLENGE:
        assert (first.sequence, second.sequence) == (1, 2)
        assert first.card_challenge == DEFAULT_KEYS.card_challenge(1, ISD_AID)
    else:
        assert first.sequence is None


def test_the_sequence_counter_survives_everything() -> None:
    card = make_card(loaded=False)
    initialize(card)
    card.reset()
    card.simulated.power_off()
    card.reset()
    assert initialize(card)[0].sequence == 2
    assert send(card, "80 CA 00 C1 00").data == bytes.fromhex("C103000002")


def test_a_sequence_counter_at_its_end() -> None:
    card = make_card()
    issuer = card.simulated._card.registry.issuer
    held = issuer.keys.versions[0]
    issuer.keys = replace(issuer.keys, versions=(replace(held, sequence=0xFFFFFE),))
    assert initialize(card)[0].sequence == 0xFFFFFF
    assert send(card, "80 50 00 00 08 0001020304050607 00").sw == refused(
        0x6985, "the sequence counter is at its end: replace the keys"
    )


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        ("80 50 00 00 08 0001020304050607 00", 0x9000),
        ("80 50 30 00 08 0001020304050607", 0x9000),
        ("80 50 31 00 08 0001020304050607 00", refused(0x6A88, "no key set of version 31")),
        ("80 50 FF 00 08 0001020304050607 00", refused(0x6A88, "no key set of version FF")),
        ("80 50 00 01 08 0001020304050607 00", refused(0x6A86, "P2 of INITIALIZE UPDATE is 00")),
        ("80 50 00 00 07 00010203040506 00", refused(0x6700, "the host challenge has 8 bytes")),
        ("80 50 00 00 10 000102030405060708090A0B0C0D0E0F 00", refused(0x6700, "the host challenge has 8 bytes")),
        ("80 50 00 00", refused(0x6700, "the host challenge has 8 bytes")),
        (
            "84 50 00 00 08 0001020304050607 00",
            refused(0x6E00, "INITIALIZE UPDATE has class 80, EXTERNAL AUTHENTICATE 84"),
        ),
        (
            "00 50 00 00 08 0001020304050607 00",
            refused(0x6E00, "INITIALIZE UPDATE has class 80, EXTERNAL AUTHENTICATE 84"),
        ),
        ("90 50 00 00 08 0001020304050607 00", refused(0x6E00, "class 90")),
    ],
)
def test_the_form_of_initialize_update(command: str, sw: int) -> None:
    assert send(make_card(), command).sw == sw


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_of_the_table_opens(level: SecurityLevel) -> None:
    card = make_card()
    answer, channel = authenticate(card, level)
    assert answer == ResponseApdu(b"", 0x9000)
    channel, command = channel.wrap_command(GET_STATUS)
    assert channel.unwrap_response(exchange(card, command)).sw == 0x9000
    channel, command = channel.wrap_command(CommandApdu(0x80, 0xCA, 0x00, 0xD3, le=256))
    assert channel.unwrap_response(exchange(card, command)).data == bytes((0xD3, 1, 0x80 | level))


@pytest.mark.parametrize("p1", [0x02, 0x10, 0x20, 0x23, 0x30, 0x31, 0x80, 0xFF])
def test_no_other_level_opens(p1: int) -> None:
    card = make_card()
    _, channel = initialize(card)
    _, command = channel.wrap_command(CommandApdu(0x84, 0x82, p1, 0, channel.keys.host_cryptogram))
    assert exchange(card, command).sw == refused(0x6A86, "no such security level")


def test_external_authenticate_needs_a_challenge_of_its_own() -> None:
    card = make_card()
    command = CommandApdu(0x84, 0x82, 0x01, 0, bytes(16))
    assert exchange(card, command).sw == refused(0x6985, "EXTERNAL AUTHENTICATE follows INITIALIZE UPDATE")
    _, channel = initialize(card)
    _, right = channel.wrap_command(CommandApdu(0x84, 0x82, 0x01, 0, channel.keys.host_cryptogram))
    assert exchange(card, CommandApdu(0x80, 0xCA, 0x00, 0x66, le=256)).ok
    assert exchange(card, right).sw == refused(0x6985, "EXTERNAL AUTHENTICATE follows INITIALIZE UPDATE"), (
        "another command came between"
    )
    _, channel = initialize(card)
    _, right = channel.wrap_command(CommandApdu(0x84, 0x82, 0x01, 0, channel.keys.host_cryptogram))
    assert exchange(card, right).ok
    assert exchange(card, right).sw == refused(0x6985, "EXTERNAL AUTHENTICATE follows INITIALIZE UPDATE"), (
        "the session is open already"
    )


@pytest.mark.parametrize(("byte", "sw"), [(0, 0x6300), (7, 0x6300), (8, 0x6988), (15, 0x6988)])
def test_a_wrong_bit_in_external_authenticate(byte: int, sw: int) -> None:
    card = make_card()
    _, channel = initialize(card)
    _, command = channel.wrap_command(CommandApdu(0x84, 0x82, 0x01, 0, channel.keys.host_cryptogram))
    bad = bytearray(command.data)
    bad[byte] ^= 0x40
    assert exchange(card, command.with_data(bytes(bad))).sw == sw
    assert exchange(card, command).sw == refused(0x6985, "EXTERNAL AUTHENTICATE follows INITIALIZE UPDATE"), (
        "the challenge is used up"
    )


def test_external_authenticate_with_the_wrong_length_or_class() -> None:
    card = make_card()
    initialize(card)
    assert send(card, f"84 82 01 00 0F {bytes(15).hex()}").sw == refused(
        0x6700, "host cryptogram and MAC have 16 bytes"
    )
    assert send(card, f"80 82 01 00 10 {bytes(16).hex()}").sw == refused(
        0x6E00, "INITIALIZE UPDATE has class 80, EXTERNAL AUTHENTICATE 84"
    )
    assert send(card, f"84 82 01 01 10 {bytes(16).hex()}").sw == refused(0x6A86, "no such security level")


@pytest.mark.parametrize("level", [level for level in LEVELS if level])
def test_every_bit_of_a_secured_command_counts(level: SecurityLevel) -> None:
    for bit in (*range(8, 32), *range(40, 40 + 8 * 8, 7)):  # INS, P1, P2, then data and MAC
        card = make_card()
        _, channel = authenticate(card, level)
        channel, command = channel.wrap_command(GET_STATUS)
        raw = bytearray(command.to_bytes())
        raw[bit // 8] ^= 1 << bit % 8
        answer = ResponseApdu.from_bytes(card.transmit(bytes(raw)))
        assert answer == ResponseApdu(b"", 0x6988), f"bit {bit}"
        _, again = channel.wrap_command(GET_STATUS)
        assert exchange(card, again).sw == refused(0x6982, "secure messaging without a session"), "the session is over"


def test_replay_and_reordering_end_the_session() -> None:
    for replayed in (True, False):
        card = make_card()
        _, channel = authenticate(card, SecurityLevel.C_MAC)
        channel, first = channel.wrap_command(GET_STATUS)
        channel, second = channel.wrap_command(GET_STATUS)
        if replayed:
            assert exchange(card, first).ok
            assert exchange(card, first).sw == 0x6988
        else:
            assert exchange(card, second).sw == 0x6988
        assert exchange(card, second if replayed else first).sw == refused(0x6982, "secure messaging without a session")


def test_a_command_without_its_mac_ends_the_session() -> None:
    card = make_card()
    _, channel = authenticate(card, SecurityLevel.C_MAC)
    assert send(card, "80 CA 00 66 00").sw == refused(0x6982, "the session asks for a C-MAC, the command has none")
    _, command = channel.wrap_command(GET_STATUS)
    assert exchange(card, command).sw == refused(0x6982, "secure messaging without a session")
    assert send(card, "80 CA 00 66 00").sw == 0x9000, "without a session nothing asks for a MAC"


def test_secure_messaging_that_the_session_does_not_have() -> None:
    card = make_card()
    assert authenticate(card, SecurityLevel.NONE)[0].ok
    assert send(card, "84 F2 80 02 0A 4F00 0000000000000000 00").sw == refused(
        0x6882, "the session has no secure messaging"
    )
    assert exchange(card, GET_STATUS).ok, "the session goes on"


@pytest.mark.parametrize("how", ["select", "reset", "power", "applet", "initialize"])
def test_what_ends_a_session(how: str) -> None:
    card = make_card()
    assert Session.open(card).install() == 0x9000
    select(card)
    _, channel = authenticate(card, SecurityLevel.C_MAC)
    match how:
        case "select":
            select(card, ISD_AID)
        case "reset":
            card.reset()
        case "power":
            card.simulated.power_off()
            card.reset()
        case "applet":
            select(card, PROBE)
            select(card)
        case _:
            initialize(card)
    _, command = channel.wrap_command(GET_STATUS)
    assert exchange(card, command).sw == refused(0x6982, "secure messaging without a session")


@pytest.mark.parametrize("ins", [0xD8, 0xE2, 0xE4, 0xE6, 0xE8, 0xF0, 0xF2])
def test_commands_that_need_a_channel(ins: int) -> None:
    card = make_card()
    assert send(card, f"80 {ins:02X} 80 02 02 4F00 00").sw == refused(0x6982, "a secure channel must be open")
    assert send(card, f"84 {ins:02X} 00 02 0A 4F000000000000000000 00").sw == refused(
        0x6982, "secure messaging without a session"
    )
    initialize(card)
    assert send(card, f"80 {ins:02X} 80 02 02 4F00 00").sw == refused(0x6982, "a secure channel must be open"), (
        "a challenge is no authentication"
    )


def test_a_secured_card_asks_for_a_mac() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.send(0xF0, 0x80, 0x07).sw == session.send(0xF0, 0x80, 0x0F).sw == 0x9000
    select(card)
    assert authenticate(card, SecurityLevel.NONE)[0].ok
    assert exchange(card, GET_STATUS).sw == refused(0x6982, "a secure channel must be open")
    select(card)
    _, channel = authenticate(card, SecurityLevel.C_MAC)
    assert exchange(card, channel.wrap_command(GET_STATUS)[1]).ok


@pytest.mark.parametrize("level", LEVELS)
def test_unknown_instructions_and_classes_inside_a_channel(level: SecurityLevel) -> None:
    session = Session.open(make_card(), level=level)
    assert session.send(0x00).sw == 0x6D00
    assert session.send(0xFF).sw == 0x6D00
    assert session.send(0xF2, 0x80, 0x02, bytes.fromhex("4F00")).ok, "a refusal does not end the session"


def test_errors_come_without_mac_and_answers_with_one() -> None:
    card = make_card()
    _, channel = authenticate(card, SecurityLevel.C_ENC_R_MAC)
    channel, command = channel.wrap_command(CommandApdu(0x80, 0xF2, 0x40, 0x02, bytes.fromhex("4F00"), le=256))
    nothing = exchange(card, command)
    assert nothing.sw == refused(0x6A88, "nothing matches")
    assert nothing.data == b""
    channel, command = channel.wrap_command(GET_STATUS)
    answer = exchange(card, command)
    with pytest.raises(ProtectionError):
        channel.unwrap_response(ResponseApdu(bytes((answer.data[0] ^ 1,)) + answer.data[1:], answer.sw))


def test_a_domain_without_keys_uses_those_of_its_parent() -> None:
    card = make_card()
    assert Session.open(card).make_domain() == 0x9000
    select(card, SSD)
    parsed, _ = initialize(card)
    assert parsed.sequence is not None
    assert parsed.card_challenge == DEFAULT_KEYS.card_challenge(parsed.sequence, SSD)
    assert Session.open(card, SSD).send(0xF2, 0x40, 0x02, bytes.fromhex("4F00")).ok


def test_a_refused_initialize_update_ends_the_session_before_it() -> None:
    """GPCS 10.2.3; Amendment D 7.1.1: a session is over with the next INITIALIZE UPDATE, whatever becomes of that."""
    card = make_card()
    _, channel = authenticate(card, SecurityLevel.C_MAC)
    assert send(card, "80 50 55 00 08 0001020304050607 00").sw == refused(0x6A88, "no key set of version 55")
    _, command = channel.wrap_command(GET_STATUS)
    assert exchange(card, command).sw == refused(0x6982, "secure messaging without a session")
    assert exchange(card, GET_STATUS).sw == refused(0x6982, "a secure channel must be open")


def test_secure_messaging_without_a_session_reads_nothing() -> None:
    """Not even what everybody may read: the MAC is not looked at, so it must not seem to count."""
    card = make_card()
    assert send(card, "80 CA 00 66 00").ok
    assert send(card, "84 CA 00 66 08 0102030405060708 00").sw == refused(0x6982, "secure messaging without a session")
    initialize(card)
    assert send(card, "84 CA 00 66 08 0102030405060708 00").sw == refused(0x6982, "secure messaging without a session")


def test_nothing_is_decrypted_before_its_mac_was_verified() -> None:
    """Amendment D 6.2.4, 6.2.6: else the padding of what was altered would be an oracle."""
    card = make_card()
    length = 0
    for place in range(1000):
        select(card)
        _, channel = authenticate(card, SecurityLevel.C_DECRYPTION | SecurityLevel.C_MAC)
        _, command = channel.wrap_command(GET_STATUS)
        length = len(command.data)
        if place == length:
            break
        altered = bytearray(command.data)
        altered[place] ^= 0x80
        assert exchange(card, command.with_data(bytes(altered))).sw == refused(0x6988, "the C-MAC is wrong"), place
    assert length == 24, "a block and a MAC"


@pytest.mark.parametrize("cla", ["90", "88", "A0"])
def test_a_class_that_no_security_domain_knows(cla: str) -> None:
    assert send(make_card(), f"{cla} CA 00 66 00").sw == refused(0x6E00, f"class {cla}")


@pytest.mark.parametrize("ins", ["D8", "E2", "E4", "E6", "E8", "F0", "F2"])
def test_globalplatform_commands_have_their_class(ins: str) -> None:
    """GPCS Table 11-11: GET DATA alone has an interindustry class too."""
    card = make_card()
    assert authenticate(card, SecurityLevel.NONE)[0].ok
    assert send(card, f"00 {ins} 00 02 02 4F00 00").sw == refused(0x6E00, "has class 80 or 84")
