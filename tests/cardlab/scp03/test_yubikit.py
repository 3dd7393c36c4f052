"""Byte for byte against yubikit, an independent host side: handshake, MAC chaining, encryption, both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yubikit.core import BadResponseError
from yubikit.core.smartcard.scp import KeyRef, Scp03KeyParams, ScpKid, ScpState
from yubikit.core.smartcard.scp import StaticKeys as YubikitKeys

from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import Channel, InitializeUpdateResponse, Option, SecurityLevel, StaticKeys
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.transport import exchange
from tests.cardlab.scp03.card_end import CardEnd
from tests.cardlab.scp03.strategies import challenges

aes_128 = st.binary(min_size=16, max_size=16)  # all that yubikit knows
key_sets = st.builds(StaticKeys, aes_128, aes_128, aes_128)
plain_data = st.binary(min_size=1, max_size=239)  # yubikit encrypts an empty field too, Amendment D 6.2.6 does not


def yubikit_session(keys: StaticKeys, host: bytes, card: bytes) -> tuple[ScpState, bytes]:
    """yubikit's state after the handshake with a card that knows the keys, and the host cryptogram it computed."""
    answer = InitializeUpdateResponse(
        bytes(10), 1, Option(0x60), card, keys.session(host, card).card_cryptogram
    ).to_bytes()
    params = Scp03KeyParams(KeyRef(ScpKid.SCP03, 1), YubikitKeys(keys.enc, keys.mac, keys.dek))
    state, cryptogram = ScpState.scp03_init(lambda *_: answer, params, host_challenge=host)
    return state, cryptogram


def mac_input(command: CommandApdu) -> bytes:
    """What yubikit is given to authenticate: the command as it will be sent, up to the MAC."""
    return command.to_bytes()[: 5 + len(command.data) - 8]


@given(key_sets, challenges, challenges)
def test_session_keys_and_cryptograms(keys: StaticKeys, host: bytes, card: bytes) -> None:
    ours = keys.session(host, card)
    theirs = YubikitKeys(keys.enc, keys.mac, keys.dek).derive(host + card)
    assert (ours.enc, ours.mac, ours.rmac) == (theirs.key_senc, theirs.key_smac, theirs.key_srmac)
    _, cryptogram = yubikit_session(keys, host, card)  # raises unless it agrees with our card cryptogram
    assert cryptogram == ours.host_cryptogram


@given(key_sets, challenges, challenges)
def test_yubikit_refuses_our_cryptogram_under_another_key(keys: StaticKeys, host: bytes, card: bytes) -> None:
    other = bytes((keys.mac[0] ^ 1,)) + keys.mac[1:]
    params = Scp03KeyParams(KeyRef(ScpKid.SCP03, 1), YubikitKeys(keys.enc, other, keys.dek))
    answer = InitializeUpdateResponse(bytes(10), 1, Option(0x60), card, keys.session(host, card).card_cryptogram)
    with pytest.raises(BadResponseError):
        ScpState.scp03_init(lambda *_: answer.to_bytes(), params, host_challenge=host)


@given(st.data(), key_sets, challenges, challenges)
def test_both_directions_byte_for_byte(data: st.DataObject, keys: StaticKeys, host: bytes, card: bytes) -> None:
    """Level 33, the one that yubikit speaks."""
    state, cryptogram = yubikit_session(keys, host, card)
    ours, authenticate = Channel(keys.session(host, card)).wrap_command(CommandApdu(0x80, 0x82, 0x33, 0, cryptogram))
    assert authenticate.data[-8:] == state.mac(mac_input(authenticate))
    ours = ours.opened(SecurityLevel.FULL)
    for plain in data.draw(st.lists(plain_data, min_size=1, max_size=4)):
        ins, p1 = data.draw(st.integers(0, 255)), data.draw(st.integers(0, 255))
        ours, wrapped = ours.wrap_command(CommandApdu(0x80, ins, p1, 2, plain, 256))
        assert wrapped.data[:-8] == state.encrypt(plain)
        assert wrapped.data[-8:] == state.mac(mac_input(wrapped))
        response = data.draw(st.builds(ResponseApdu, st.binary(max_size=239), st.sampled_from((0x9000, 0x6310))))
        secured = ours.wrap_response(response)
        encrypted = state.unmac(secured.data, secured.sw)
        assert (state.decrypt(encrypted) if encrypted else b"") == response.data


@given(st.data(), key_sets)
def test_the_layer_sends_what_yubikit_sends(data: st.DataObject, keys: StaticKeys) -> None:
    """The whole layer, down to the bytes on the wire."""
    host, card = data.draw(challenges), data.draw(challenges)
    end = CardEnd(keys, options=Option(0x60), challenge=card)
    channel = SecureChannelLayer.open(end, keys, host_challenge=host)
    state, cryptogram = yubikit_session(keys, host, card)
    header = bytes.fromhex("8482330010") + cryptogram
    assert end.seen[-1] == header + state.mac(header)
    for plain in data.draw(st.lists(plain_data, min_size=1, max_size=3)):
        answer = exchange(channel, CommandApdu(0x80, 0xE2, 0x80, 0, plain))
        assert answer.data == plain
        encrypted = state.encrypt(plain)
        header = bytes((0x84, 0xE2, 0x80, 0, len(encrypted) + 8)) + encrypted
        assert end.seen[-1] == header + state.mac(header) + b"\0"  # Le, as there is an R-MAC to come
