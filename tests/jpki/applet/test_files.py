"""READ BINARY: contents, access, offsets, lengths (A3; docs/reference/applet.md, traps 3 and 4)."""

from __future__ import annotations

import pytest

from cardlab.card.config import CardConfig
from cardlab.card.profiles import card_profile
from cardlab.errors import CardError
from cardlab.iso7816.status import SW
from cardlab.pytest_plugin import CardSource
from jpki.client.constants import EF, Slot
from jpki.client.files import TokenInformation, parse_presence
from jpki.package import jpki_library
from tests.jpki.applet.cards import CA_CERTIFICATES, CERTIFICATES, JpkiCard

TRANSPARENT = (
    EF.SIGNING_CERTIFICATE,
    EF.SIGNING_CA_CERTIFICATE,
    EF.TOKEN_INFORMATION,
    EF.PRESENCE,
    EF.AUTHENTICATION_CERTIFICATE,
    EF.AUTHENTICATION_CA_CERTIFICATE,
)
KEYS_AND_PINS = tuple(file for file in EF if file not in TRANSPARENT)
FREE = (EF.SIGNING_CA_CERTIFICATE, EF.TOKEN_INFORMATION, EF.PRESENCE, EF.AUTHENTICATION_CA_CERTIFICATE)

TOKEN_NUMBERS = bytes.fromhex(
    "0000040D000000010000000000000001000000000000001000000006FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
)


def read(jpki: JpkiCard, file: EF, offset: int = 0, le: int | None = 256) -> tuple[int, bytes]:
    """READ BINARY by SFI."""
    response = jpki.send(0x00, 0xB0, 0x80 | file.short, offset, le=le)
    return response.sw, response.data


@pytest.mark.parametrize("length", [20, 32, 160, 256])
def test_token_information_is_the_record_clients_expect(jpki: JpkiCard, length: int) -> None:
    expected = b"JPKIAPGPSETOKEN".ljust(96) + TOKEN_NUMBERS + b"0301" + b"9" * 16
    assert len(expected) == 160
    assert read(jpki, EF.TOKEN_INFORMATION, le=length) == (SW.OK, expected[:length])


@pytest.mark.needs("many")
def test_token_information_is_parsed(jpki: JpkiCard, plastic: JpkiCard) -> None:
    assert jpki.client.token_information() == TokenInformation(
        label="JPKIAPGPSETOKEN",
        manufacturer="",
        model="",
        serial_number="",
        flags=0x40D,
        max_pin_length=16,
        min_pin_length=6,
        hardware_version="03",
        firmware_version="01",
    )
    assert plastic.client.token_information().label == "JPKIAPICCTOKEN2"


@pytest.mark.needs("many")
def test_presence_follows_the_certificates(jpki: JpkiCard, blank: JpkiCard) -> None:
    assert read(blank, EF.PRESENCE) == (SW.OK, bytes(3))
    assert read(jpki, EF.PRESENCE) == (SW.OK, b"\x8f\x8f\x00")
    jpki.tsm().delete_slot(Slot.SIGNING)
    assert read(jpki, EF.PRESENCE) == (SW.OK, b"\x00\x8f\x00")
    assert jpki.client.slots_with_certificate() == {Slot.AUTHENTICATION}


@pytest.mark.parametrize("raw", [b"", b"\x8f\x8f", b"\x8f\x01\x00", bytes(4)])
def test_presence_that_cannot_be_is_refused(raw: bytes) -> None:
    with pytest.raises(CardError, match="EF 0008"):
        parse_presence(raw)


def test_token_information_of_another_length_is_refused() -> None:
    with pytest.raises(CardError, match="160"):
        TokenInformation.from_bytes(bytes(159))


@pytest.mark.parametrize("file", TRANSPARENT)
def test_access(jpki: JpkiCard, file: EF) -> None:
    """The signing certificate needs the password, a phone's authentication certificate its PIN, the rest nothing."""
    owner = {EF.SIGNING_CERTIFICATE: Slot.SIGNING, EF.AUTHENTICATION_CERTIFICATE: Slot.AUTHENTICATION}.get(file)
    allowed_before = file in FREE
    assert (owner is None) == allowed_before
    assert read(jpki, file)[0] == (SW.OK if allowed_before else SW.SECURITY_STATUS_NOT_SATISFIED)
    for slot in Slot:
        jpki.reset()
        jpki.verify(slot)
        expected = SW.OK if allowed_before or slot is owner else SW.SECURITY_STATUS_NOT_SATISFIED
        assert read(jpki, file)[0] == expected


def test_a_plastic_card_gives_its_authentication_certificate_freely(plastic: JpkiCard) -> None:
    assert plastic.client.certificate(Slot.AUTHENTICATION) == CERTIFICATES[Slot.AUTHENTICATION]
    assert read(plastic, EF.SIGNING_CERTIFICATE)[0] == SW.SECURITY_STATUS_NOT_SATISFIED


@pytest.mark.parametrize("slot", list(Slot))
def test_certificates_are_read_whole(jpki: JpkiCard, slot: Slot) -> None:
    """A3."""
    assert jpki.client.ca_certificate(slot) == CA_CERTIFICATES[slot]
    jpki.verify(slot)
    assert jpki.client.certificate(slot) == CERTIFICATES[slot]


def test_le_of_zero_gives_256_bytes_and_a_short_read_ends_with_9000(jpki: JpkiCard) -> None:
    """Traps 3 and 4: never 61xx, 6Cxx or 6282."""
    certificate = CA_CERTIFICATES[Slot.SIGNING]
    assert jpki.card.transmit(bytes.fromhex("00B0820000")) == certificate[:256] + b"\x90\x00"
    jpki.client.select_file(EF.SIGNING_CA_CERTIFICATE)
    rest = len(certificate) - 10
    assert jpki.send(0x00, 0xB0, rest >> 8, rest & 0xFF, le=256).data == certificate[-10:]
    assert jpki.send(0x00, 0xB0, rest >> 8, rest & 0xFF, le=11) == jpki.send(0x00, 0xB0, rest >> 8, rest & 0xFF, le=10)


@pytest.mark.parametrize("le", [1, 2, 255, 256])
def test_le_is_how_many_bytes_come_at_most(jpki: JpkiCard, le: int) -> None:
    assert read(jpki, EF.SIGNING_CA_CERTIFICATE, le=le) == (SW.OK, CA_CERTIFICATES[Slot.SIGNING][:le])


def test_without_le_as_much_comes_as_can(jpki: JpkiCard) -> None:
    """As on cards that are sold; clients of theirs leave Le out."""
    assert read(jpki, EF.SIGNING_CA_CERTIFICATE, le=None) == (SW.OK, CA_CERTIFICATES[Slot.SIGNING][:256])


@pytest.mark.needs("inside")
def test_a_card_that_takes_an_absent_le_by_the_letter_gives_nothing(card_source: CardSource) -> None:
    config = CardConfig.of_profile(card_profile("default").having(["absent_le=drop"]))
    with card_source.open(jpki_library(), seed="absent Le", config=config) as card:
        jpki = JpkiCard(card)
        jpki.load()
        jpki.install()
        assert read(jpki, EF.TOKEN_INFORMATION, le=None) == (SW.OK, b"")
        assert read(jpki, EF.TOKEN_INFORMATION, le=1) == (SW.OK, b"J")


@pytest.mark.parametrize("offset", [0, 1, 127, 255, 256, 1023, 1027])
def test_offsets(jpki: JpkiCard, offset: int) -> None:
    jpki.client.select_file(EF.SIGNING_CA_CERTIFICATE)
    expected = CA_CERTIFICATES[Slot.SIGNING][offset : offset + 256]
    assert jpki.send(0x00, 0xB0, offset >> 8, offset & 0xFF, le=256).data == expected


@pytest.mark.parametrize("offset", [1028, 1029, 0x7FFF])
def test_offsets_at_or_past_the_end(jpki: JpkiCard, offset: int) -> None:
    jpki.client.select_file(EF.SIGNING_CA_CERTIFICATE)
    assert jpki.sw(0x00, 0xB0, offset >> 8, offset & 0xFF, le=256) == SW.WRONG_P1P2


@pytest.mark.parametrize("offset", [5, 255])
def test_offset_by_sfi_past_the_end(jpki: JpkiCard, offset: int) -> None:
    assert read(jpki, EF.AUTHENTICATION_CA_CERTIFICATE, offset)[0] == SW.WRONG_P1P2


def test_reading_by_sfi_selects_when_it_succeeds_and_only_then(jpki: JpkiCard) -> None:
    assert read(jpki, EF.PRESENCE)[0] == SW.OK
    assert jpki.send(0x00, 0xB0, 0x00, 0x00, le=256).data == b"\x8f\x8f\x00"
    for failing in (EF.SIGNING_CERTIFICATE, EF.SIGNING_PASSWORD):
        read(jpki, failing)
        assert jpki.send(0x00, 0xB0, 0x00, 0x00, le=256).data == b"\x8f\x8f\x00"


@pytest.mark.parametrize("file", [file for file in TRANSPARENT if file not in (EF.TOKEN_INFORMATION, EF.PRESENCE)])
def test_empty_files(blank: JpkiCard, file: EF) -> None:
    sw = SW.WRONG_P1P2 if file in FREE else SW.SECURITY_STATUS_NOT_SATISFIED
    assert read(blank, file) == (sw, b"")
    if file in FREE:
        assert blank.client.read_file(file) == b""


def test_reading_without_a_selected_file(jpki: JpkiCard) -> None:
    assert jpki.sw(0x00, 0xB0, 0x00, 0x00, le=256) == SW.COMMAND_NOT_ALLOWED


@pytest.mark.parametrize("file", KEYS_AND_PINS)
def test_keys_and_pins_cannot_be_read(jpki: JpkiCard, file: EF) -> None:
    jpki.verify(Slot.SIGNING)
    jpki.verify(Slot.AUTHENTICATION)
    assert read(jpki, file) == (SW.INCOMPATIBLE_FILE, b"")
    jpki.client.select_file(file)
    assert jpki.sw(0x00, 0xB0, 0x00, 0x00, le=256) == SW.INCOMPATIBLE_FILE


def test_unknown_short_identifiers(jpki: JpkiCard) -> None:
    known = {file.short for file in EF}
    for identifier in range(0x20):
        if identifier not in known:
            assert jpki.sw(0x00, 0xB0, 0x80 | identifier, 0, le=1) == SW.FILE_NOT_FOUND
    for p1 in (0xA6, 0xC6, 0xE6):
        assert jpki.sw(0x00, 0xB0, p1, 0, le=1) == SW.INCORRECT_P1P2


def test_the_last_parameters_are_those_of_a_short_identifier_too(jpki: JpkiCard) -> None:
    """As an offset they would be -1."""
    jpki.client.token_information()
    assert jpki.sw(0x00, 0xB0, 0xFF, 0xFF, le=1) == SW.INCORRECT_P1P2


def test_an_offset_behind_the_end_selects_nothing(jpki: JpkiCard) -> None:
    assert jpki.sw(0x00, 0xB0, 0x80 | EF.TOKEN_INFORMATION.short, 160, le=1) == SW.WRONG_P1P2
    assert jpki.sw(0x00, 0xB0, 0x00, 0x00, le=1) == SW.COMMAND_NOT_ALLOWED


def test_read_binary_takes_no_data(jpki: JpkiCard) -> None:
    assert jpki.sw(0x00, 0xB0, 0x86, 0x00, b"\x00", 20) == SW.WRONG_LENGTH
    assert jpki.sw(0x00, 0xB0, 0x80 | EF.SIGNING_KEY.short, 0x00, b"\x00", 20) == SW.INCOMPATIBLE_FILE


def test_extended_le(jpki: JpkiCard) -> None:
    certificate = CA_CERTIFICATES[Slot.SIGNING]
    for le, expected in ((300, certificate[:300]), (2000, certificate), (65536, certificate), (10, certificate[:10])):
        response = jpki.send(0x00, 0xB0, 0x82, 0x00, le=le, extended=True)
        assert (response.sw, response.data) == (SW.OK, expected)


def test_data_in_an_extended_command_are_refused(jpki: JpkiCard) -> None:
    response = jpki.send(0x00, 0x20, 0x00, 0x9B, b"PASSWORD1", extended=True)
    assert response.sw == SW.WRONG_LENGTH
    assert jpki.client.tries_left(Slot.SIGNING) == 5
