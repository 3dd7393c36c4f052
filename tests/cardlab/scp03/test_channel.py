"""Properties of both ends of a session, as pure functions."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from cardlab.globalplatform.scp03 import (
    MAC_LENGTH,
    Channel,
    InitializeUpdateResponse,
    Option,
    ProtectionError,
    SecurityLevel,
    StaticKeys,
    decode_aes_key,
    encode_aes_key,
    encrypt_sensitive,
    is_secured,
    key_check_value,
    max_data,
    pad,
    plain_class,
    secured_class,
    unpad,
)
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from tests.cardlab.scp03.strategies import LEVELS, RESPONSE_LEVELS, channels, commands, key_sets, levels, responses

KEYS = StaticKeys(bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48)))


@given(st.data(), levels)
def test_what_one_end_wraps_the_other_unwraps(data: st.DataObject, level: SecurityLevel) -> None:
    host = card = data.draw(channels(level))
    for command in data.draw(st.lists(commands(level), min_size=1, max_size=4)):
        host, wrapped = host.wrap_command(command)
        assert len(wrapped.data) <= 255
        assert is_secured(wrapped.cla)
        assert CommandApdu.from_bytes(wrapped.to_bytes()) == wrapped
        card, plain = card.unwrap_command(wrapped)
        assert (plain.header, plain.data) == (command.header, command.data)
        assert host == card
        response = data.draw(responses(level))
        secured = card.wrap_response(response)
        assert len(secured.data) <= 256
        assert host.unwrap_response(secured) == response


@given(st.data(), levels)
def test_nothing_readable_is_left_in_an_encrypted_command(data: st.DataObject, level: SecurityLevel) -> None:
    secret = b"a secret of more than one block"
    _, wrapped = data.draw(channels(level)).wrap_command(CommandApdu(0x80, 0xE2, 0, 0, secret))
    assert (secret in wrapped.data) == (not level & SecurityLevel.C_DECRYPTION)


@given(st.data(), levels)
def test_any_flipped_bit_in_a_command_is_refused(data: st.DataObject, level: SecurityLevel) -> None:
    channel = data.draw(channels(level))
    _, wrapped = channel.wrap_command(data.draw(commands(level)))
    covered = wrapped.header + bytes((len(wrapped.data),)) + wrapped.data  # Le is not (Amendment D 6.2.4)
    position = data.draw(st.integers(0, len(covered) * 8 - 1))
    altered = bytearray(covered)
    altered[position // 8] ^= 0x80 >> position % 8
    if (altered[0] ^ covered[0]) & 0x03:
        return  # the MAC does not cover the channel number (Amendment D 6.2.4)
    body = bytes(altered[5:])
    data_field = body[: altered[4]] if position // 8 == 4 else body
    command = CommandApdu(altered[0], altered[1], altered[2], altered[3], data_field)
    if position // 8 == 4 and altered[4] > len(body):
        return  # such a command does not even parse
    with pytest.raises(ProtectionError):
        channel.unwrap_command(command)


@given(st.data(), levels)
def test_repeated_and_reordered_commands_are_refused(data: st.DataObject, level: SecurityLevel) -> None:
    host = card = data.draw(channels(level))
    host, first = host.wrap_command(data.draw(commands(level)))
    host, second = host.wrap_command(data.draw(commands(level)))
    with pytest.raises(ProtectionError):
        card.unwrap_command(second)
    card, _ = card.unwrap_command(first)
    with pytest.raises(ProtectionError):
        card.unwrap_command(first)
    card, _ = card.unwrap_command(second)
    assert card == host


@given(st.data(), st.sampled_from(RESPONSE_LEVELS))
def test_any_flipped_bit_in_a_response_is_refused(data: st.DataObject, level: SecurityLevel) -> None:
    channel = data.draw(channels(level))
    channel, _ = channel.wrap_command(data.draw(commands(level)))
    raw = channel.wrap_response(data.draw(responses(level))).to_bytes()
    position = data.draw(st.integers(0, len(raw) * 8 - 1))
    altered = bytearray(raw)
    altered[position // 8] ^= 0x80 >> position % 8
    with pytest.raises(ProtectionError):
        channel.unwrap_response(ResponseApdu.from_bytes(bytes(altered)))


@given(st.data(), st.sampled_from(RESPONSE_LEVELS))
def test_a_response_belongs_to_its_command(data: st.DataObject, level: SecurityLevel) -> None:
    channel = data.draw(channels(level))
    first, _ = channel.wrap_command(data.draw(commands(level)))
    second, _ = first.wrap_command(data.draw(commands(level)))
    with pytest.raises(ProtectionError):
        second.unwrap_response(first.wrap_response(data.draw(responses(level))))


@given(st.data(), st.sampled_from(RESPONSE_LEVELS), st.integers(0x6400, 0x6FFF))
def test_an_error_is_its_status_word_alone(data: st.DataObject, level: SecurityLevel, sw: int) -> None:
    channel = data.draw(channels(level))
    assert channel.wrap_response(ResponseApdu(b"data", sw)) == ResponseApdu(b"", sw)
    assert channel.unwrap_response(ResponseApdu(b"", sw)) == ResponseApdu(b"", sw)
    with pytest.raises(ProtectionError, match="nothing protects"):
        channel.unwrap_response(ResponseApdu(b"data", sw))


@given(st.data(), levels, st.binary(max_size=255), st.binary(max_size=256))
def test_rubbish_raises_nothing_but_protection_error(
    data: st.DataObject, level: SecurityLevel, command: bytes, response: bytes
) -> None:
    channel = data.draw(channels(level))
    with pytest.raises(ProtectionError):
        channel.unwrap_command(CommandApdu(0x84, 0, 0, 0, command))
    if level & SecurityLevel.R_MAC:
        with pytest.raises(ProtectionError):
            channel.unwrap_response(ResponseApdu(response, 0x9000))


@pytest.mark.parametrize("length", [0, MAC_LENGTH - 1])
def test_what_is_too_short_for_a_mac_is_called_that(length: int) -> None:
    channel = Channel(KEYS.session(bytes(8), bytes(8))).opened(SecurityLevel.C_MAC | SecurityLevel.R_MAC)
    with pytest.raises(ProtectionError, match="too short for a C-MAC"):
        channel.unwrap_command(CommandApdu(0x84, 0xF2, 0x80, 0x02, bytes(length)))
    with pytest.raises(ProtectionError, match="too short for an R-MAC"):
        channel.unwrap_response(ResponseApdu(bytes(length), 0x9000))


def test_a_plain_command_is_refused_in_a_session_with_c_mac() -> None:
    channel = Channel(KEYS.session(bytes(8), bytes(8))).opened(SecurityLevel.C_MAC)
    with pytest.raises(ProtectionError, match="has none"):
        channel.unwrap_command(CommandApdu(0x80, 0xF2, 0x80, 0x02))


def test_without_secure_messaging_commands_stay_as_they_are() -> None:
    channel = Channel(KEYS.session(bytes(8), bytes(8))).opened(SecurityLevel.NONE)
    command = CommandApdu(0x80, 0xF2, 0x80, 0x02, b"O\0", 256)
    assert channel.wrap_command(command) == (channel, command)
    assert channel.unwrap_command(command)[1].data == command.data
    assert channel.unwrap_response(channel.wrap_response(ResponseApdu(b"x", 0x9000))) == ResponseApdu(b"x", 0x9000)


@given(st.data(), levels)
def test_the_longest_command_fits_and_one_byte_more_does_not(data: st.DataObject, level: SecurityLevel) -> None:
    channel, longest = data.draw(channels(level)), bytes(max_data(level))
    _, wrapped = channel.wrap_command(CommandApdu(0x80, 0xE2, 0, 0, longest))
    assert 255 - 16 < len(wrapped.data) <= 255
    with pytest.raises(ValueError, match=rf"at most {max_data(level)}"):
        channel.wrap_command(CommandApdu(0x80, 0xE2, 0, 0, longest + b"x"))


def test_encryption_goes_on_counting_when_a_command_has_no_data() -> None:
    channel = Channel(KEYS.session(bytes(8), bytes(8))).opened(SecurityLevel.C_ENC)
    after, wrapped = channel.wrap_command(CommandApdu(0x80, 0xCA, 0, 0x66, le=256))
    assert (after.counter, len(wrapped.data), wrapped.le) == (1, 8, 256)


def test_an_empty_field_that_another_host_encrypted_is_empty() -> None:
    """Some hosts encrypt even an absent data field, as one block of padding."""
    channel = Channel(KEYS.session(bytes(8), bytes(8))).opened(SecurityLevel.C_ENC)
    lone, wrapped = (
        Channel(channel.keys)
        .opened(SecurityLevel.C_MAC)
        .wrap_command(CommandApdu(0x80, 0xCA, 0, 0x66, _padding_block(channel)))
    )
    after, plain = channel.unwrap_command(wrapped)
    assert (plain.data, after.chaining) == (b"", lone.chaining)


def _padding_block(channel: Channel) -> bytes:
    icv = Cipher(algorithms.AES(channel.keys.enc), modes.ECB()).encryptor().update(bytes(15) + b"\1")  # noqa: S305
    return Cipher(algorithms.AES(channel.keys.enc), modes.CBC(icv)).encryptor().update(b"\x80" + bytes(15))


@given(st.binary(max_size=300))
def test_padding(data: bytes) -> None:
    padded = pad(data)
    assert len(padded) % 16 == 0
    assert 1 <= len(padded) - len(data) <= 16
    assert unpad(padded) == data


@pytest.mark.parametrize("data", [b"", bytes(16), b"no padding here!", b"\x80" + bytes(14) + b"\1"])
def test_missing_padding_is_noticed(data: bytes) -> None:
    with pytest.raises(ProtectionError, match="padding"):
        unpad(data)


@given(key_sets(), key_sets(), st.binary(max_size=40))
def test_key_fields_come_back(dek: StaticKeys, new: StaticKeys, rest: bytes) -> None:
    assert decode_aes_key(dek.dek, encode_aes_key(dek.dek, new.enc) + rest) == (new.enc, rest)


@given(st.data(), key_sets())
def test_damaged_key_fields_are_refused(data: st.DataObject, keys: StaticKeys) -> None:
    """A check value of three bytes lets one in 2^24 changes pass; padding of 24-byte keys is not looked at."""
    field = bytearray(encode_aes_key(keys.dek, keys.enc))
    if len(keys.enc) == 24:
        field = bytearray(encode_aes_key(keys.dek, keys.enc + keys.enc[:8]))
    position = data.draw(st.integers(0, len(field) * 8 - 1))
    field[position // 8] ^= 0x80 >> position % 8
    with pytest.raises(ProtectionError):
        decode_aes_key(keys.dek, bytes(field))


def key_field(size: int, blocks: int = 1, *, count: int = 3, missing: int = 0) -> bytes:
    """A key data field for a key of zeros, right in everything that the arguments do not say."""
    encrypted, value = encrypt_sensitive(bytes(16), bytes(16 * blocks)), key_check_value(bytes(16))
    field = bytes((0x88, len(encrypted) + 1, size)) + encrypted + bytes((count,)) + value
    return field[: len(field) - missing]


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(key_field(20, 2), id="no AES key has 20 bytes"),
        pytest.param(key_field(16, 2), id="two blocks for a key of one"),
        pytest.param(key_field(16, missing=1), id="check value cut off"),
        pytest.param(key_field(16, count=4), id="check value of four bytes"),
    ],
)
def test_each_length_in_a_key_field_counts(field: bytes) -> None:
    """Without one of them a key would be accepted, or refused for something else."""
    with pytest.raises(ProtectionError, match="do not add up"):
        decode_aes_key(bytes(16), field)
    assert decode_aes_key(bytes(16), key_field(16)) == (bytes(16), b"")


def test_wherever_a_key_field_ends_too_early_it_is_refused() -> None:
    field = key_field(16)
    for length in range(len(field)):
        with pytest.raises(ProtectionError):
            decode_aes_key(bytes(16), field[:length])


@given(st.binary(max_size=60))
def test_rubbish_is_no_key_field(raw: bytes) -> None:
    with pytest.raises(ProtectionError):
        decode_aes_key(bytes(16), raw)


@pytest.mark.parametrize("lengths", [(16, 16, 24), (15, 15, 15), (0, 0, 0), (64, 64, 64)])
def test_key_sets_of_other_lengths_do_not_exist(lengths: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="must all have"):
        StaticKeys(*(bytes(length) for length in lengths))


def test_keys_are_not_printed() -> None:
    keys = StaticKeys(b"E" * 16, b"M" * 16, b"D" * 16)
    session = keys.session(bytes(8), bytes(8))
    printed = repr(keys) + repr(session) + repr(Channel(session))
    assert not any(repr(secret)[2:-1] in printed for secret in (keys.enc, keys.mac, keys.dek, session.enc, session.mac))


def test_sensitive_data_is_whole_blocks() -> None:
    with pytest.raises(ValueError, match="whole blocks"):
        encrypt_sensitive(bytes(16), b"12345")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "0 bytes"),
        (bytes(11) + b"\x02" + bytes(20), "SCP02"),
        (bytes(11) + b"\x03\x71" + bytes(19), "S16"),
        (bytes(11) + b"\x03\x70" + bytes(16), "has 32"),
        (bytes(11) + b"\x03\x60" + bytes(19), "has 29"),
    ],
)
def test_other_answers_to_initialize_update_are_refused(raw: bytes, message: str) -> None:
    with pytest.raises(ProtectionError, match=message):
        InitializeUpdateResponse.from_bytes(raw)


@given(st.binary(max_size=40))
def test_initialize_update_answers_parse_or_are_refused(raw: bytes) -> None:
    try:
        response = InitializeUpdateResponse.from_bytes(raw)
    except ProtectionError:
        return
    assert response.to_bytes() == raw


@pytest.mark.parametrize(
    ("options", "level"), [(0x00, 0x03), (0x10, 0x03), (0x20, 0x13), (0x30, 0x13), (0x60, 0x33), (0x70, 0x33)]
)
def test_what_a_card_offers(options: int, level: int) -> None:
    """Amendment D Tables 5-1 and 7-3."""
    assert Option(options).best_level == level


@pytest.mark.parametrize("level", [0x02, 0x10, 0x12, 0x21, 0x23, 0x30, 0x31, 0x83])
def test_levels_that_do_not_exist(level: int) -> None:
    with pytest.raises(ValueError, match="Table 7-3"):
        Channel(KEYS.session(bytes(8), bytes(8))).opened(SecurityLevel(level))


@pytest.mark.parametrize("level", LEVELS)
def test_every_single_bit_of_a_command_counts(level: SecurityLevel) -> None:
    """All of them, one after the other; only the channel number is not covered (Amendment D 6.2.4)."""
    channel = Channel(KEYS.session(bytes(8), bytes(8))).opened(level)
    _, wrapped = channel.wrap_command(CommandApdu(0x80, 0xE2, 0x80, 0x00, b"some data"))
    covered = wrapped.header + wrapped.data
    for position in range(len(covered) * 8):
        altered = bytearray(covered)
        altered[position // 8] ^= 0x80 >> position % 8
        command = CommandApdu(altered[0], altered[1], altered[2], altered[3], bytes(altered[4:]))
        if position in (6, 7):
            assert channel.unwrap_command(command)[1].data == b"some data"
            continue
        with pytest.raises(ProtectionError):
            channel.unwrap_command(command)


@pytest.mark.parametrize(
    ("cla", "secured"),
    [
        (0x80, False),
        (0x84, True),
        (0x04, True),
        (0x08, False),
        (0x8C, False),
        (0xC0, False),
        (0xE0, True),
        (0x60, True),
    ],
)
def test_which_classes_say_secure_messaging(cla: int, secured: bool) -> None:
    """GPCS Tables 11-11 and 11-12."""
    assert is_secured(cla) == secured
    if secured:
        assert secured_class(plain_class(cla)) == cla
        assert not is_secured(plain_class(cla))


def test_encrypted_data_that_is_no_whole_block_is_refused_even_with_a_right_mac() -> None:
    channel = Channel(KEYS.session(bytes(8), bytes(8))).opened(SecurityLevel.C_ENC)
    _, wrapped = Channel(channel.keys).opened(SecurityLevel.C_MAC).wrap_command(CommandApdu(0x80, 0xE2, 0, 0, b"abc"))
    with pytest.raises(ProtectionError, match="whole blocks"):
        channel.unwrap_command(wrapped)


def test_the_levels_of_the_standard_have_their_numbers() -> None:
    """Amendment D Table 7-3: P1 of EXTERNAL AUTHENTICATE."""
    named = (
        SecurityLevel.NONE,
        SecurityLevel.C_MAC,
        SecurityLevel.C_ENC,
        SecurityLevel.C_ENC_R_MAC,
        SecurityLevel.FULL,
    )
    assert [int(one) for one in named] == [0x00, 0x01, 0x03, 0x13, 0x33]
    assert [one for one in range(256) if SecurityLevel(one).is_allowed] == [0x00, 0x01, 0x03, 0x11, 0x13, 0x33]
