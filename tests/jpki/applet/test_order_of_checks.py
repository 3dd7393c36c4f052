"""Commands with two things wrong, a pair for each step of the documented order of checks: the first one decides."""

from __future__ import annotations

import pytest

from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.interface import Media
from cardlab.transport import exchange
from jpki.client.constants import CERTIFICATE_CAPACITY, EF, DeviceMethod, Profile, Slot
from tests.jpki.applet.cards import PINS, TEMPORARY, JpkiCard
from tests.jpki.applet.conftest import MakeImage

SIGNING, AUTHENTICATION = Slot.SIGNING.key_reference, Slot.AUTHENTICATION.key_reference
PASSWORD = Slot.SIGNING.pin_reference
UNKNOWN = 0x55  # no reference, no method, no P1 of any command
LIKE_PSS = bytes(239) + b"\xbc"
NO_POINT = bytes(65)
HASH, PROOF = bytes(32), bytes(32 + 70)
Command = tuple[int, int, int, int, bytes]

IN_USE: dict[str, tuple[Command, int]] = {
    "GET CHALLENGE: P2, data": ((0x00, 0x84, 0x00, 0x01, b"x"), SW.INCORRECT_P1P2),
    "SELECT: P1, P2": ((0x00, 0xA4, 0x00, 0x00, b"\x00\x01"), SW.FILE_NOT_FOUND),
    "SELECT: P2, length": ((0x00, 0xA4, 0x02, 0x00, b"\x00"), SW.INCORRECT_P1P2),
    "SELECT: length, no such EF": ((0x00, 0xA4, 0x02, 0x0C, b"\x7f\x7f\x7f"), SW.WRONG_LENGTH),
    "READ BINARY: P1, no such EF": ((0x00, 0xB0, 0xFF, 0x00, b""), SW.INCORRECT_P1P2),
    "READ BINARY: no such EF, data": ((0x00, 0xB0, 0x9E, 0x00, b"x"), SW.FILE_NOT_FOUND),
    "READ BINARY: data, not verified": ((0x00, 0xB0, 0x80 | EF.SIGNING_CERTIFICATE.short, 0x00, b"x"), SW.WRONG_LENGTH),
    "VERIFY: P1, reference": ((0x00, 0x20, 0x01, UNKNOWN, b"1234"), SW.INCORRECT_P1P2),
    "VERIFY: reference, length": ((0x00, 0x20, 0x00, UNKNOWN, bytes(17)), SW.REFERENCED_DATA_NOT_FOUND),
    "CHANGE: P1, reference": ((0x00, 0x24, 0x00, UNKNOWN, b"123456"), SW.INCORRECT_P1P2),
    "CHANGE: reference, length": ((0x00, 0x24, 0x01, UNKNOWN, b"1"), SW.REFERENCED_DATA_NOT_FOUND),
    "CHANGE: length, not verified": ((0x00, 0x24, 0x01, PASSWORD, b"12345"), SW.WRONG_LENGTH),
    "CHANGE: not verified, characters": ((0x00, 0x24, 0x01, PASSWORD, b"abcdef"), SW.SECURITY_STATUS_NOT_SATISFIED),
    "SIGN: P1, reference": ((0x80, 0x2A, UNKNOWN, UNKNOWN, HASH), SW.INCORRECT_P1P2),
    "SIGN: reference, length": ((0x80, 0x2A, 0x02, UNKNOWN, b"x"), SW.REFERENCED_DATA_NOT_FOUND),
    "SIGN: length, not verified": ((0x80, 0x2A, 0x02, SIGNING, b"x"), SW.WRONG_LENGTH),
    "SIGN: not verified, data": ((0x80, 0x2A, 0x00, SIGNING, LIKE_PSS), SW.SECURITY_STATUS_NOT_SATISFIED),
    "INDICATOR: P1, reference": ((0x80, 0x2E, UNKNOWN, UNKNOWN, HASH), SW.INCORRECT_P1P2),
    "INDICATOR: reference, length": ((0x80, 0x2E, 0x10, UNKNOWN, b"x"), SW.REFERENCED_DATA_NOT_FOUND),
    "INDICATOR: P1 for this slot, length": ((0x80, 0x2E, 0x10, AUTHENTICATION, b"x"), SW.INCORRECT_P1P2),
    "INDICATOR: P1 for this slot, length of a proof": ((0x80, 0x2E, 0x03, SIGNING, b"x"), SW.INCORRECT_P1P2),
    "INDICATOR: length, not verified": ((0x80, 0x2E, 0x00, SIGNING, b"x"), SW.WRONG_LENGTH),
    "INDICATOR: no device key, no challenge": ((0x80, 0x2E, 0x03, AUTHENTICATION, PROOF), SW.REFERENCED_DATA_NOT_FOUND),
    "REGISTER: P2, length": ((0x80, 0xDA, 0x00, UNKNOWN, b"x"), SW.INCORRECT_P1P2),
    "REGISTER: length, not verified": ((0x80, 0xDA, 0x00, 0x03, b"x"), SW.WRONG_LENGTH),
    "REGISTER: not verified, no point": ((0x80, 0xDA, 0x00, 0x03, NO_POINT), SW.SECURITY_STATUS_NOT_SATISFIED),
    "REMOVE: P2, data": ((0x80, 0xE4, 0x00, UNKNOWN, b"x"), SW.INCORRECT_P1P2),
    "REMOVE: data, not verified": ((0x80, 0xE4, 0x00, 0x03, b"x"), SW.WRONG_LENGTH),
    "REMOVE: not verified, no device key": ((0x80, 0xE4, 0x00, 0x03, b""), SW.SECURITY_STATUS_NOT_SATISFIED),
    "GET DATA: P2, data": ((0x80, 0xCA, 0x01, 0xA2, b"x"), SW.INCORRECT_P1P2),
    "GET DATA: data, no attributes": ((0x80, 0xCA, 0x01, 0xA0, b"x"), SW.WRONG_LENGTH),
    "SET PIN: P1, reference": ((0x84, 0x2C, UNKNOWN, UNKNOWN, b"1234"), SW.INCORRECT_P1P2),
    "SET PIN: reference, no channel": ((0x84, 0x2C, 0x02, UNKNOWN, b"1234"), SW.REFERENCED_DATA_NOT_FOUND),
    "GENERATE: P1, no channel": ((0x84, 0x46, UNKNOWN, 0x00, b"\xb6\x00"), SW.INCORRECT_P1P2),
    "GENERATE: no channel, data": ((0x84, 0x46, 0x80, 0x00, b"x"), SW.SECURITY_STATUS_NOT_SATISFIED),
}

CONTACTLESS: dict[str, tuple[Command, int]] = {
    "CHANGE: length, contactless": ((0x00, 0x24, 0x01, PASSWORD, b"12345"), SW.WRONG_LENGTH),
    "CHANGE: contactless, not verified": ((0x00, 0x24, 0x01, PASSWORD, b"123456"), SW.CONDITIONS_NOT_SATISFIED),
    "REGISTER: length, contactless": ((0x80, 0xDA, 0x00, 0x03, b"x"), SW.WRONG_LENGTH),
    "REGISTER: contactless, not verified": ((0x80, 0xDA, 0x00, 0x03, NO_POINT), SW.CONDITIONS_NOT_SATISFIED),
    "REMOVE: data, contactless": ((0x80, 0xE4, 0x00, 0x03, b"x"), SW.WRONG_LENGTH),
    "REMOVE: contactless, not verified": ((0x80, 0xE4, 0x00, 0x03, b""), SW.CONDITIONS_NOT_SATISFIED),
    "SET PIN: reference, contactless": ((0x84, 0x2C, 0x02, UNKNOWN, b"1234"), SW.REFERENCED_DATA_NOT_FOUND),
    "SET PIN: contactless, no channel": ((0x84, 0x2C, 0x02, PASSWORD, b"123456"), SW.CONDITIONS_NOT_SATISFIED),
}

BLANK: dict[str, tuple[Command, int]] = {
    "VERIFY: length, no PIN": ((0x00, 0x20, 0x00, PASSWORD, bytes(17)), SW.WRONG_LENGTH),
    "SIGN: not verified, no key": ((0x80, 0x2A, 0x02, SIGNING, HASH), SW.SECURITY_STATUS_NOT_SATISFIED),
    "INDICATOR: not verified, no key": ((0x80, 0x2E, 0x00, SIGNING, HASH), SW.SECURITY_STATUS_NOT_SATISFIED),
    "INDICATOR: length of a proof, no PIN": ((0x80, 0x2E, 0x03, AUTHENTICATION, bytes(39)), SW.WRONG_LENGTH),
    "INDICATOR: no PIN, no key": ((0x80, 0x2E, 0x03, AUTHENTICATION, PROOF), SW.REFERENCE_DATA_NOT_USABLE),
}


def sw(jpki: JpkiCard, command: Command) -> int:
    """Without Le where there are data: only the order of checks decides then."""
    return jpki.sw(*command, None if command[-1] else 256)


@pytest.mark.parametrize(("command", "first"), IN_USE.values(), ids=IN_USE)
def test_on_a_card_in_use(jpki: JpkiCard, command: Command, first: int) -> None:
    assert sw(jpki, command) == first


@pytest.mark.needs("interfaces")
@pytest.mark.parametrize(("command", "first"), CONTACTLESS.values(), ids=CONTACTLESS)
def test_over_contactless(jpki: JpkiCard, command: Command, first: int) -> None:
    jpki.reset(Media.CONTACTLESS_TYPE_A)
    assert sw(jpki, command) == first


@pytest.mark.parametrize(("command", "first"), BLANK.values(), ids=BLANK)
def test_on_a_card_without_keys_and_pins(blank: JpkiCard, command: Command, first: int) -> None:
    assert sw(blank, command) == first


def test_on_a_plastic_card(plastic: JpkiCard) -> None:
    """Its profile comes behind the length, and before what only a phone has."""
    assert sw(plastic, (0x80, 0x2E, 0x03, AUTHENTICATION, bytes(39))) == SW.WRONG_LENGTH
    assert sw(plastic, (0x80, 0x2E, 0x03, AUTHENTICATION, PROOF)) == SW.CONDITIONS_NOT_SATISFIED
    assert sw(plastic, (0x80, 0xDA, 0x00, DeviceMethod.BIOMETRIC, NO_POINT)) == SW.CONDITIONS_NOT_SATISFIED


def test_on_a_plastic_card_without_pins(make_image: MakeImage) -> None:
    with make_image(Profile.CARD, False).open() as plastic:
        assert sw(plastic, (0x80, 0x2E, 0x03, AUTHENTICATION, PROOF)) == SW.CONDITIONS_NOT_SATISFIED


def test_a_reference_comes_before_data_for_which_there_is_no_room(jpki: JpkiCard) -> None:
    answer = jpki.send(0x80, 0x2A, 0x01, UNKNOWN, bytes(300), extended=True)
    assert answer.sw == SW.REFERENCED_DATA_NOT_FOUND


def test_p1_for_another_slot_comes_before_an_extended_length(jpki: JpkiCard) -> None:
    assert jpki.send(0x80, 0x2E, 0x03, SIGNING, PROOF, extended=True).sw == SW.INCORRECT_P1P2


@pytest.mark.parametrize(("ins", "p1"), [(0x20, 0x00), (0x24, 0x01)], ids=["VERIFY", "CHANGE"])
def test_a_reference_comes_before_an_extended_length(jpki: JpkiCard, ins: int, p1: int) -> None:
    assert jpki.send(0x00, ins, p1, UNKNOWN, b"123456", extended=True).sw == SW.REFERENCED_DATA_NOT_FOUND


def test_a_missing_key_comes_before_the_data(blank: JpkiCard) -> None:
    blank.activate_pin(Slot.SIGNING, PINS[Slot.SIGNING], TEMPORARY[Slot.SIGNING])
    blank.client.verify(Slot.SIGNING, PINS[Slot.SIGNING])
    assert sw(blank, (0x80, 0x2A, 0x00, SIGNING, LIKE_PSS)) == SW.REFERENCED_DATA_NOT_FOUND


def test_a_certificates_key_comes_before_its_length(blank: JpkiCard) -> None:
    first = EF.SIGNING_CERTIFICATE.to_bytes(2, "big") + (CERTIFICATE_CAPACITY + 1).to_bytes(2, "big") + b"0"
    assert exchange(blank.channel(), CommandApdu(0x80, 0xE2, 0x80, 0x00, first)).sw == SW.CONDITIONS_NOT_SATISFIED


def test_an_offset_comes_behind_the_pin(jpki: JpkiCard) -> None:
    jpki.client.select_file(EF.SIGNING_CERTIFICATE)
    assert sw(jpki, (0x00, 0xB0, 0x7F, 0xFF, b"")) == SW.SECURITY_STATUS_NOT_SATISFIED
