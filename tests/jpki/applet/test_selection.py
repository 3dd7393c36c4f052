"""SELECT, what it keeps and what it ends, and commands that are meant for other cards."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.constants import ISD_AID
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.transport import exchange
from jpki.client.constants import EF, INSTANCE_AID, Profile, Slot
from jpki.client.installation import jpki_installation
from tests.jpki.applet.cards import JpkiCard

FCI = bytes.fromhex("6F0E840AD392F000260100000001A500")


def test_select_answers_the_fci(jpki: JpkiCard) -> None:
    assert jpki.send(0x00, 0xA4, 0x04, 0x00, INSTANCE_AID, 256).data == FCI
    assert jpki.client.select() == INSTANCE_AID


def test_select_answers_nothing_when_nothing_is_asked_for(jpki: JpkiCard) -> None:
    for le in (None, 256):
        response = jpki.send(0x00, 0xA4, 0x04, 0x0C, INSTANCE_AID, le)
        assert (response.data, response.sw) == (b"", SW.OK)


@pytest.mark.parametrize("p2", [0x00, 0x0C])
@pytest.mark.parametrize("slot", list(Slot))
def test_selecting_again_keeps_what_was_verified(jpki: JpkiCard, slot: Slot, p2: int) -> None:
    """Trap 2: a client may select the application again between VERIFY and SIGN."""
    jpki.verify(slot)
    assert jpki.sw(0x00, 0xA4, 0x04, p2, INSTANCE_AID) == SW.OK
    assert jpki.is_verified(slot)
    assert jpki.client.sign_hash(slot, bytes(32))


@pytest.mark.parametrize("slot", list(Slot))
def test_selecting_another_application_ends_it(jpki: JpkiCard, slot: Slot) -> None:
    jpki.verify(slot)
    jpki.select_other()
    assert not jpki.is_verified(slot)


@pytest.mark.parametrize("slot", list(Slot))
def test_selecting_by_part_of_the_name_ends_it(jpki: JpkiCard, slot: Slot) -> None:
    """Which applet a part of a name means can change, so it is not the same selection."""
    jpki.verify(slot)
    assert jpki.sw(0x00, 0xA4, 0x04, 0x00, INSTANCE_AID[:7]) == SW.OK
    assert not jpki.is_verified(slot)


def test_a_second_instance_is_another_application(jpki: JpkiCard) -> None:
    """D4: it shares the package and nothing else; going to it by "next occurrence" ends what was verified."""
    second = INSTANCE_AID[:-1] + b"\x02"
    jpki.issuer().install(jpki_installation(Profile.CARD.parameters, second))
    jpki.client.select()
    jpki.verify(Slot.SIGNING)
    answer = jpki.send(0x00, 0xA4, 0x04, 0x02, INSTANCE_AID[:-1], 256)
    assert tlv.find(answer.data, 0x6F, 0x84) == second
    assert jpki.client.token_information().label == "JPKIAPICCTOKEN2"
    assert jpki.status().slots[Slot.SIGNING].has_key is False
    jpki.client.select()
    assert not jpki.is_verified(Slot.SIGNING)
    jpki.verify(Slot.SIGNING)


@pytest.mark.parametrize("slot", list(Slot))
def test_a_failed_selection_of_another_application_changes_nothing(jpki: JpkiCard, slot: Slot) -> None:
    jpki.verify(slot)
    assert jpki.sw(0x00, 0xA4, 0x04, 0x00, bytes.fromhex("F000000001")) == SW.FILE_NOT_FOUND
    assert jpki.is_verified(slot)


@pytest.mark.parametrize("slot", list(Slot))
def test_reset_ends_it(jpki: JpkiCard, slot: Slot) -> None:
    jpki.verify(slot)
    jpki.reset()
    assert not jpki.is_verified(slot)


def test_selecting_again_ends_selected_file_challenge_attributes_and_channel(jpki: JpkiCard) -> None:
    jpki.verify(Slot.SIGNING)
    jpki.client.sign_with_indicator(Slot.SIGNING, bytes(32))
    jpki.client.select_file(EF.SIGNING_PASSWORD)
    channel = jpki.channel()
    jpki.client.select()
    assert jpki.sw(0x00, 0x20, 0x00, 0x80) == SW.COMMAND_NOT_ALLOWED
    assert jpki.sw(0x80, 0xCA, 0x01, 0xA0) == SW.CONDITIONS_NOT_SATISFIED
    status = CommandApdu(0x80, 0xF2, 0x00, 0x00, le=256)
    assert exchange(channel, status).sw == SW.SECURITY_STATUS_NOT_SATISFIED


PROBES = {
    "PIV": "00A4040009A00000030800001000",
    "OpenPGP": "00A4040006D27600012401",
    "PKCS #15": "00A404000CA000000063504B43532D3135",
    "OpenPGP data": "00CADF3000",
    "CardOS": "00CA018200",
    "PIV data": "00CB3FFF055C035FC10200",
    "PIV data, no body": "00CB3FFF00",
    "master file": "00A40000023F0000",
    "master file, no FCI": "00A4000C023F00",
    "path": "00A408000450154401",
    "path from DF": "00A409000450154401",
    "parent": "00A40300",
    "Java Card probing": "00F80000",
    "STARCOS": "00F6000000",
}


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES.keys())
def test_probes_for_other_cards_are_told_plainly_that_this_is_another(jpki: JpkiCard, probe: str) -> None:
    """Trap 5: anything but 6A82 or 6D00 makes a client's driver take the card for its own."""
    response = jpki.card.transmit(bytes.fromhex(probe))
    assert response in (b"\x6a\x82", b"\x6d\x00")
    assert jpki.client.token_information().label == "JPKIAPGPSETOKEN"


def test_select_file_refusals(jpki: JpkiCard) -> None:
    jpki.client.select_file(EF.SIGNING_PASSWORD)
    for p2 in (0x00, 0x04, 0x08, 0x0D, 0x8C):
        assert jpki.sw(0x00, 0xA4, 0x02, p2, b"\x00\x06") == SW.INCORRECT_P1P2
    for data in (b"", b"\x00", b"\x00\x06\x00"):
        assert jpki.sw(0x00, 0xA4, 0x02, 0x0C, data) == SW.WRONG_LENGTH
    known = {int(file) for file in EF}
    for identifier in (*range(0x40), 0x0106, 0x0606, 0x1B00, 0x3F00, 0x8006, 0xFFFF):
        if identifier not in known:
            assert jpki.sw(0x00, 0xA4, 0x02, 0x0C, identifier.to_bytes(2, "big")) == SW.FILE_NOT_FOUND
    assert jpki.sw(0x00, 0x20, 0x00, 0x80) == 0x63C5, "the file selected before is still selected"


@pytest.mark.parametrize("file", list(EF))
def test_every_file_can_be_selected(blank: JpkiCard, file: EF) -> None:
    assert blank.sw(0x00, 0xA4, 0x02, 0x0C, file.to_bytes(2, "big")) == SW.OK


def test_other_channels_are_refused(jpki: JpkiCard) -> None:
    for cla in (0x01, 0x02, 0x03):
        assert jpki.sw(cla, 0xB0, 0x86, 0x00, le=20) == SW.CHANNEL_NOT_SUPPORTED


def test_selecting_the_issuer_domain_leaves_the_applet_as_it_was(jpki: JpkiCard) -> None:
    before = jpki.status()
    exchange(jpki.card, CommandApdu(0x00, 0xA4, 0x04, 0x00, ISD_AID, 256))
    jpki.client.select()
    assert jpki.status() == before
