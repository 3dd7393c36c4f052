"""SIGN: plain PKCS #1 v1.5 signatures, as existing readers and clients need them (C6)."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, utils
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

from cardlab.iso7816.status import SW
from jpki.client.constants import EF, MAX_RAW_LENGTH, SignForm, Slot
from tests.jpki.applet.cards import PINS, TEMPORARY, JpkiCard

Keys = dict[Slot, RSAPublicKey]
SLOTS = list(Slot)
MESSAGE = "電子申請".encode()
HASH = hashlib.sha256(MESSAGE).digest()
SHA512_INFO = bytes.fromhex("3051300D060960864801650304020305000440")


def sign(jpki: JpkiCard, slot: Slot, p1: int, data: bytes) -> int:
    return jpki.sw(0x80, 0x2A, p1, slot.key_reference, data, 256)


def recovered(key: RSAPublicKey, signature: bytes) -> bytes:
    """What is under the padding of a signature; raises when the padding is not type 1."""
    block = pow(int.from_bytes(signature, "big"), key.public_numbers().e, key.public_numbers().n).to_bytes(256, "big")
    filler, _, data = block[2:].partition(b"\0")
    assert block[:2] == b"\x00\x01"
    assert len(filler) >= 8
    assert set(filler) == {0xFF}
    return data


@pytest.mark.parametrize("slot", SLOTS)
def test_forms(jpki: JpkiCard, public_keys: Keys, slot: Slot) -> None:
    key = public_keys[slot]
    jpki.verify(slot)
    for form, data in ((SignForm.WRAP_HASH, HASH), (SignForm.HASH_AND_WRAP, MESSAGE)):
        key.verify(jpki.client.sign(slot, data, form), MESSAGE, padding.PKCS1v15(), SHA256())
    key.verify(jpki.client.sign_message(slot, MESSAGE), MESSAGE, padding.PKCS1v15(), SHA256())
    assert recovered(key, jpki.client.sign(slot, MESSAGE, SignForm.HASH)) == HASH
    assert recovered(key, jpki.client.sign(slot, MESSAGE)) == MESSAGE
    info = SHA512_INFO + hashlib.sha512(MESSAGE).digest()
    digest = hashlib.sha512(MESSAGE).digest()
    key.verify(jpki.client.sign(slot, info), digest, padding.PKCS1v15(), utils.Prehashed(SHA512()))


@pytest.mark.parametrize("length", [1, 2, 32, 51, 127, 128, 244, MAX_RAW_LENGTH])
def test_lengths_of_raw_data(jpki: JpkiCard, public_keys: Keys, length: int) -> None:
    jpki.verify(Slot.AUTHENTICATION)
    data = bytes(range(1, length + 1))
    signature = jpki.client.sign(Slot.AUTHENTICATION, data)
    assert len(signature) == 256
    assert recovered(public_keys[Slot.AUTHENTICATION], signature) == data


@pytest.mark.parametrize("form", [SignForm.HASH, SignForm.HASH_AND_WRAP])
@pytest.mark.parametrize("length", [1, 55, 56, 64, 119, 120, 255])
def test_lengths_of_data_hashed_on_the_card(jpki: JpkiCard, public_keys: Keys, form: SignForm, length: int) -> None:
    jpki.verify(Slot.AUTHENTICATION)
    data = bytes(range(length))
    found = recovered(public_keys[Slot.AUTHENTICATION], jpki.client.sign(Slot.AUTHENTICATION, data, form))
    assert found[-32:] == hashlib.sha256(data).digest()
    assert len(found) == (32 if form is SignForm.HASH else 51)


WRONG_LENGTHS = {
    SignForm.RAW: [0, 246, 255],
    SignForm.HASH: [0],
    SignForm.WRAP_HASH: [0, 1, 31, 33, 64, 255],
    SignForm.HASH_AND_WRAP: [0],
}


@pytest.mark.parametrize("form", list(SignForm))
def test_wrong_lengths(jpki: JpkiCard, form: SignForm) -> None:
    """The length is wrong whether or not the PIN is verified, and nothing is counted."""
    for verified in (False, True):
        if verified:
            jpki.verify(Slot.SIGNING)
        for length in WRONG_LENGTHS[form]:
            assert sign(jpki, Slot.SIGNING, form, bytes(length)) == SW.WRONG_LENGTH
    assert jpki.status().slots[Slot.SIGNING].signature_counter == 0


@pytest.mark.parametrize("slot", SLOTS)
def test_by_selected_file(jpki: JpkiCard, public_keys: Keys, slot: Slot) -> None:
    """The way OpenSC goes: select the PIN's file, VERIFY, select the key's file, SIGN."""
    jpki.client.select_file(slot.pin)
    assert jpki.sw(0x00, 0x20, 0x00, 0x80, PINS[slot]) == SW.OK
    jpki.client.select_file(slot.key)
    signature = jpki.send(0x80, 0x2A, 0x02, 0x80, HASH, 256).data
    public_keys[slot].verify(signature, MESSAGE, padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize("slot", SLOTS)
def test_each_key_needs_its_own_pin(jpki: JpkiCard, slot: Slot) -> None:
    """C1; the property tests try this in every state."""
    for form, data in ((SignForm.RAW, MESSAGE), (SignForm.WRAP_HASH, HASH)):
        assert sign(jpki, slot, form, data) == SW.SECURITY_STATUS_NOT_SATISFIED
    jpki.verify(Slot.AUTHENTICATION if slot is Slot.SIGNING else Slot.SIGNING)
    assert sign(jpki, slot, SignForm.WRAP_HASH, HASH) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert jpki.status().slots[slot].signature_counter == 0


@pytest.mark.parametrize("slot", SLOTS)
def test_without_a_key(blank: JpkiCard, slot: Slot) -> None:
    assert sign(blank, slot, SignForm.WRAP_HASH, HASH) == SW.SECURITY_STATUS_NOT_SATISFIED
    tsm = blank.tsm()
    tsm.set_pin(slot, TEMPORARY[slot])
    blank.client.verify(slot, TEMPORARY[slot])
    blank.client.change_pin(slot, PINS[slot])
    blank.verify(slot)
    assert sign(blank, slot, SignForm.WRAP_HASH, HASH) == SW.REFERENCED_DATA_NOT_FOUND
    assert blank.sw(0x80, 0x2E, 0x00, slot.key_reference, HASH, 256) == SW.REFERENCED_DATA_NOT_FOUND


def test_references_and_forms(jpki: JpkiCard) -> None:
    jpki.verify(Slot.SIGNING)
    jpki.verify(Slot.AUTHENTICATION)
    assert jpki.sw(0x80, 0x2A, 0x02, 0x80, HASH, 256) == SW.COMMAND_NOT_ALLOWED
    for file in set(EF) - {EF.SIGNING_KEY, EF.AUTHENTICATION_KEY}:
        jpki.client.select_file(file)
        assert jpki.sw(0x80, 0x2A, 0x02, 0x80, HASH, 256) == SW.INCOMPATIBLE_FILE
    for p2 in set(range(256)) - {0x80, 0x97, 0x9A}:
        assert jpki.sw(0x80, 0x2A, 0x02, p2, HASH, 256) == SW.REFERENCED_DATA_NOT_FOUND
    for p1 in range(4, 256):
        assert jpki.sw(0x80, 0x2A, p1, 0x9A, HASH, 256) == SW.INCORRECT_P1P2
    counters = {slot: status.signature_counter for slot, status in jpki.status().slots.items()}
    assert counters == dict.fromkeys(Slot, 0)


def test_one_verification_serves_many_signatures_and_each_is_counted(jpki: JpkiCard) -> None:
    jpki.verify(Slot.SIGNING)
    for number in range(1, 4):
        jpki.client.sign_hash(Slot.SIGNING, HASH)
        assert jpki.status().slots[Slot.SIGNING].signature_counter == number
    assert jpki.status().slots[Slot.AUTHENTICATION].signature_counter == 0


def test_plain_signature_never_passes_for_one_with_indicator(jpki: JpkiCard, public_keys: Keys) -> None:
    """C6: SIGN pads with PKCS #1 v1.5 whatever it is given, so its signatures never verify under RSASSA-PSS."""
    jpki.verify(Slot.AUTHENTICATION)
    attributes = jpki.client.sign_with_indicator(Slot.AUTHENTICATION, HASH).signed_attributes
    pss = padding.PSS(padding.MGF1(SHA256()), salt_length=padding.PSS.AUTO)
    for form in SignForm:
        data = hashlib.sha256(attributes).digest() if form is SignForm.WRAP_HASH else attributes
        signature = jpki.client.sign(Slot.AUTHENTICATION, data, form)
        with pytest.raises(InvalidSignature):
            public_keys[Slot.AUTHENTICATION].verify(signature, attributes, pss, SHA256())


@pytest.mark.parametrize("length", [1, 239, 240, MAX_RAW_LENGTH])
def test_raw_data_that_could_be_made_to_verify_as_pss(jpki: JpkiCard, public_keys: Keys, length: int) -> None:
    """C6: nearly a whole block, chosen freely, that ends as PSS does; nothing is signed and nothing counted."""
    data = b"\xaa" * (length - 1) + b"\xbc"
    key = public_keys[Slot.AUTHENTICATION]
    assert sign(jpki, Slot.AUTHENTICATION, SignForm.RAW, data) == SW.SECURITY_STATUS_NOT_SATISFIED
    jpki.verify(Slot.AUTHENTICATION)
    if length < 240:
        assert recovered(key, jpki.client.sign(Slot.AUTHENTICATION, data)) == data
        return
    assert sign(jpki, Slot.AUTHENTICATION, SignForm.RAW, data) == SW.WRONG_DATA
    assert jpki.status().slots[Slot.AUTHENTICATION].signature_counter == 0
    other = data[:-1] + b"\xbb"
    assert recovered(key, jpki.client.sign(Slot.AUTHENTICATION, other)) == other
    hashed = recovered(key, jpki.client.sign(Slot.AUTHENTICATION, data, SignForm.HASH))
    assert hashed == hashlib.sha256(data).digest()


ROOM = 261 - 7  # bytes of data in the APDU buffer behind an extended header (ISO/IEC 7816-4:2020, 5.2)


@pytest.mark.parametrize("length", [1, 32, 51, 239, MAX_RAW_LENGTH])
def test_extended_commands_are_short_ones_with_more_header(jpki: JpkiCard, public_keys: Keys, length: int) -> None:
    """What is signed is the data, wherever in the buffer they arrive."""
    jpki.verify(Slot.SIGNING)
    data = bytes(range(1, length + 1))
    for form in SignForm:
        if form is SignForm.WRAP_HASH and length != len(HASH):
            continue
        answer = jpki.send(0x80, 0x2A, form, 0x9A, data, 256, extended=True)
        assert answer.ok
        found = recovered(public_keys[Slot.SIGNING], answer.data)
        assert found.endswith(data if form in (SignForm.RAW, SignForm.WRAP_HASH) else hashlib.sha256(data).digest())


def test_extended_data_are_taken_as_far_as_the_buffer_goes(jpki: JpkiCard, public_keys: Keys) -> None:
    jpki.verify(Slot.SIGNING)
    data = bytes(ROOM)
    answer = jpki.send(0x80, 0x2A, SignForm.HASH, 0x9A, data, 256, extended=True)
    assert recovered(public_keys[Slot.SIGNING], answer.data) == hashlib.sha256(data).digest()
    for length in (ROOM + 1, 300, 1000, 0x7FFF, 0x8000, 0xFFFF):
        for form in (SignForm.HASH, SignForm.RAW):
            answer = jpki.send(0x80, 0x2A, form, 0x9A, bytes(length), 256, extended=True)
            assert answer.sw == SW.WRONG_LENGTH
    assert jpki.send(0x80, 0x2A, SignForm.RAW, 0x9A, bytes(246), 256, extended=True).sw == SW.WRONG_LENGTH
    like_pss = b"\xaa" * 244 + b"\xbc"
    assert jpki.send(0x80, 0x2A, SignForm.RAW, 0x9A, like_pss, 256, extended=True).sw == SW.WRONG_DATA
    assert jpki.status().slots[Slot.SIGNING].signature_counter == 1
