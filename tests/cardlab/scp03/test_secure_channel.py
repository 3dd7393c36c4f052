"""The host's layer: what it sends, what it believes, and when it stops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import SecureChannelError, TransportError
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import Option, SecurityLevel, StaticKeys
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.transport import exchange
from tests.cardlab.scp03.card_end import CardEnd
from tests.cardlab.scp03.strategies import RESPONSE_LEVELS, commands, key_sets, levels

KEYS = StaticKeys(b"E" * 16, b"M" * 16, b"D" * 16)
OTHER = StaticKeys(b"e" * 16, b"m" * 16, b"d" * 16)
STATUS = CommandApdu(0x80, 0xF2, 0x80, 0x02, b"O\0", 256)


def open_channel(card: CardEnd, level: SecurityLevel | None = None) -> SecureChannelLayer:
    return SecureChannelLayer.open(card, KEYS, level=level)


@given(st.data(), key_sets(), levels)
def test_commands_and_responses_pass_through(data: st.DataObject, keys: StaticKeys, level: SecurityLevel) -> None:
    card = CardEnd(keys)
    channel = SecureChannelLayer.open(card, keys, level=level, host_challenge=bytes(8))
    for command in data.draw(st.lists(commands(level).filter(_is_no_handshake), min_size=1, max_size=3)):
        assert exchange(channel, command) == ResponseApdu(command.data[:239], 0x9000)
        assert (card.plain[-1].header, card.plain[-1].data) == (command.header, command.data)


def _is_no_handshake(command: CommandApdu) -> bool:
    return command.ins not in (0xA4, 0x50)


@pytest.mark.parametrize(("options", "level"), [(0x00, 0x03), (0x10, 0x03), (0x20, 0x13), (0x60, 0x33), (0x70, 0x33)])
def test_the_strongest_level_is_the_default(options: int, level: int) -> None:
    channel = open_channel(CardEnd(KEYS, options=Option(options)))
    assert (channel.level, channel.is_open) == (level, True)
    assert (channel.max_data, channel.max_response) == (239, {0x03: 256, 0x13: 248, 0x33: 239}[level])


def test_the_handshake_is_two_commands_and_the_key_version_is_the_one_asked_for() -> None:
    card = CardEnd(KEYS)
    channel = SecureChannelLayer.open(card, KEYS, key_version=0x30, host_challenge=b"8 bytes!")
    assert card.seen[0] == bytes.fromhex("8050300008") + b"8 bytes!" + b"\0"
    assert card.seen[1][:5] == bytes.fromhex("8482330010")
    assert (len(card.seen), channel.response.key_version, channel.response.sequence) == (2, 0x30, 1)


def test_challenges_differ() -> None:
    card = CardEnd(KEYS)
    open_channel(card)
    open_channel(card)
    assert card.seen[0] != card.seen[2]


def test_wrong_keys_are_found_out_before_the_host_shows_anything() -> None:
    card = CardEnd(OTHER)
    with pytest.raises(SecureChannelError, match="cryptogram is wrong") as caught:
        open_channel(card)
    assert "do not simply try again" in caught.value.hint
    assert len(card.seen) == 1


def test_a_level_that_the_card_lacks_is_refused_before_the_host_shows_anything() -> None:
    card = CardEnd(KEYS, options=Option.NONE)
    with pytest.raises(SecureChannelError, match="33 was asked for"):
        open_channel(card, SecurityLevel.FULL)
    assert len(card.seen) == 1


def test_a_level_that_does_not_exist_is_not_even_tried() -> None:
    card = CardEnd(KEYS)
    with pytest.raises(ValueError, match="Table 7-3"):
        open_channel(card, SecurityLevel.R_MAC)
    assert not card.seen


@pytest.mark.parametrize("sw", [0x6A88, 0x6D00, 0x6E00, 0x6985, 0x6982])
def test_a_refused_initialize_update_says_why(sw: int) -> None:
    card = CardEnd(KEYS)
    card.alter_response = lambda _: sw.to_bytes(2, "big")
    with pytest.raises(SecureChannelError, match=f"INITIALIZE UPDATE.*{sw:04X}"):
        open_channel(card)


def test_a_refused_external_authenticate_advises_against_another_try() -> None:
    card = CardEnd(KEYS)
    card.alter_response = lambda raw: raw if len(raw) > 2 else b"\x63\x00"
    with pytest.raises(SecureChannelError, match=r"EXTERNAL AUTHENTICATE.*6300") as caught:
        open_channel(card)
    assert "do not simply try again" in caught.value.hint


def test_another_protocol_is_named() -> None:
    card = CardEnd(KEYS)
    card.alter_response = lambda raw: raw[:11] + b"\x02" + raw[12:]
    with pytest.raises(SecureChannelError, match="SCP02"):
        open_channel(card)


@given(st.data(), st.sampled_from(RESPONSE_LEVELS))
def test_a_flipped_bit_in_a_response_ends_the_session(data: st.DataObject, level: SecurityLevel) -> None:
    card = CardEnd(KEYS)
    channel = open_channel(card, level)

    def flip(raw: bytes) -> bytes:
        position = data.draw(st.integers(0, len(raw) * 8 - 1))
        altered = bytearray(raw)
        altered[position // 8] ^= 0x80 >> position % 8
        return bytes(altered)

    card.alter_response = flip
    with pytest.raises(SecureChannelError, match="does not verify"):
        exchange(channel, STATUS)
    _ends(channel, card)


@given(st.data(), levels)
def test_a_flipped_bit_in_a_command_never_reaches_the_application(data: st.DataObject, level: SecurityLevel) -> None:
    card = CardEnd(KEYS)
    channel = open_channel(card, level)

    def flip(raw: bytes) -> bytes:
        position = data.draw(st.integers(8, len(raw[:-1]) * 8 - 1).filter(lambda at: at // 8 != 4))
        altered = bytearray(raw)
        altered[position // 8] ^= 0x80 >> position % 8
        return raw if altered[1] in (0xA4, 0x50) else bytes(altered)

    card.alter_command = flip
    answer = exchange(channel, STATUS)
    if card.plain:  # the flip was left out
        return
    assert answer.sw == 0x6988
    _ends(channel, card)


def test_a_repeated_response_is_not_believed() -> None:
    card = CardEnd(KEYS)
    channel, answers = open_channel(card), list[bytes]()

    def first_again(raw: bytes) -> bytes:
        answers.append(raw)
        return answers[0]

    card.alter_response = first_again
    assert exchange(channel, STATUS).ok
    with pytest.raises(SecureChannelError, match="R-MAC is wrong"):
        exchange(channel, STATUS)
    _ends(channel, card)


@pytest.mark.parametrize("cut", [0, 1, 2, 9])
def test_a_response_cut_short_is_not_believed(cut: int) -> None:
    card = CardEnd(KEYS)
    channel = open_channel(card)
    card.alter_response = lambda raw: raw[-cut:] if cut else b""
    with pytest.raises(SecureChannelError, match="does not verify"):
        exchange(channel, STATUS)
    _ends(channel, card)


def test_an_error_of_the_application_leaves_the_session_open() -> None:
    card = CardEnd(KEYS, answer=lambda _: ResponseApdu(b"", 0x6A80))
    channel = open_channel(card)
    assert exchange(channel, STATUS) == ResponseApdu(b"", 0x6A80)
    card.answer = lambda _: ResponseApdu(b"after", 0x9000)
    assert exchange(channel, STATUS) == ResponseApdu(b"after", 0x9000)


def test_a_command_that_is_too_long_leaves_the_session_open() -> None:
    card = CardEnd(KEYS)
    channel = open_channel(card)
    with pytest.raises(ValueError, match=r"240 data bytes.*at most 239"):
        exchange(channel, CommandApdu(0x80, 0xE2, 0, 0, bytes(240)))
    assert exchange(channel, STATUS).ok


def test_selecting_ends_the_session_and_travels_in_clear() -> None:
    card = CardEnd(KEYS)
    channel, select = open_channel(card), CommandApdu(0x00, 0xA4, 0x04, 0, b"12345", 256)
    assert exchange(channel, select).ok
    assert card.seen[-1] == select.to_bytes()
    _ends(channel, card)


def test_selecting_a_file_goes_through_the_session() -> None:
    card = CardEnd(KEYS, answer=lambda _: ResponseApdu(b"", 0x9000))
    channel = open_channel(card)
    exchange(channel, CommandApdu(0x00, 0xA4, 0x02, 0x0C, b"\0\1"))
    assert card.seen[-1][0] == 0x04
    assert channel.is_open


def test_reset_ends_the_session() -> None:
    card = CardEnd(KEYS)
    channel = open_channel(card)
    assert channel.reset() == card.atr == channel.atr
    _ends(channel, card)


def test_a_lost_link_ends_the_session() -> None:
    card = CardEnd(KEYS)
    channel = open_channel(card)
    card.lost = True
    with pytest.raises(TransportError):
        exchange(channel, STATUS)
    card.lost = False
    _ends(channel, card)


def test_the_host_can_end_the_session_and_close_is_safe_twice() -> None:
    card = CardEnd(KEYS)
    channel = open_channel(card)
    channel.end()
    _ends(channel, card)
    with open_channel(card) as channel:
        channel.close()
    _ends(channel, card)


def test_keys_stay_out_of_errors() -> None:
    with pytest.raises(SecureChannelError) as caught:
        open_channel(CardEnd(OTHER))
    assert not any(
        key.hex() in f"{caught.value!r} {caught.value.hint}".lower() for key in (KEYS.enc, KEYS.mac, KEYS.dek)
    )


def _ends(channel: SecureChannelLayer, card: CardEnd) -> None:
    """Nothing is sent any more, in clear least of all."""
    count = len(card.seen)
    assert not channel.is_open
    with pytest.raises(SecureChannelError, match="has ended"):
        exchange(channel, STATUS)
    assert len(card.seen) == count
