"""GET DATA and STORE DATA to security domains (GPCS 11.3, 11.11, H)."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.constants import ISD_AID
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.iso7816 import tlv
from cardlab.pytest_plugin import LabCard
from tests.cardlab.card.cards import (
    PROBE,
    SSD,
    SSD_KEYS,
    Session,
    client,
    make_card,
    make_personalised_domain,
    select,
    send,
)
from tests.cardlab.card.refusals import refused

RENAMED = bytes.fromhex("A0000001510000FF")


def test_what_the_issuer_domain_tells() -> None:
    card = make_card(loaded=False)
    data = GlobalPlatformClient(card).card_data()
    assert (data.issuer_number, data.image_number) == (card.simulated.config.iin, card.simulated.config.cin)
    assert card.simulated.se_id == card.simulated.config.iin + (card.simulated.config.cin or b"")
    assert data.recognition is not None
    assert data.recognition.version == (2, 3, 1)
    assert [(found.scp, found.option) for found in data.recognition.protocols] == [(3, 0x70)]
    assert data.capabilities is not None
    assert data.capabilities.protocols[0].key_lengths == (16,)
    assert [(found.identifier, found.version) for found in data.keys or ()] == [(1, 0x30), (2, 0x30), (3, 0x30)]
    assert data.diversification == card.simulated.config.diversification
    assert data.sequence_counter == 0


@pytest.mark.parametrize("tag", ["0042", "0045", "0066", "0067", "00E0", "00CF", "00C1", "9F7F", "FF21"])
def test_with_and_without_the_tag(tag: str) -> None:
    """GPCS 11.3.3.1: a GlobalPlatform class byte brings the whole data object, an ISO class byte its value."""
    card = make_card()
    whole, value = send(card, f"80 CA {tag} 00"), send(card, f"00 CA {tag} 00")
    assert whole.ok and value.ok
    assert tlv.parse(whole.data) == [tlv.Tlv(int(tag, 16), value.data)]


def test_lengths_that_other_programs_rely_on() -> None:
    card = make_card()
    assert len(send(card, "00 CA 9F7F 00").data) == 42
    assert len(send(card, "00 CA 00CF 00").data) == 10
    assert send(card, "80 CA 00E0 00").data.hex() == "e012c00401308810c00402308810c00403308810"


def test_explicit_challenges_have_no_sequence_counter() -> None:
    assert send(make_card(scp_options=0x60), "80 CA 00C1 00").sw == refused(0x6A88, "no data object 00C1")


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        ("80 CA 00 00 00", refused(0x6A88, "no data object 0000")),
        ("80 CA 12 34 00", refused(0x6A88, "no data object 1234")),
        ("80 CA 5F 50 00", refused(0x6A88, "no data object 5F50")),
        ("80 CA 00 66 01 00 00", refused(0x6700, "GET DATA has no data here")),
        ("80 CB 00 66 00", 0x6D00),
        ("90 CA 00 66 00", refused(0x6E00, "class 90")),
        ("80 CA 9F 7F 2C", 0x6C2D),
        ("00 CA 9F 7F 29", 0x6C2A),
        ("00 CA 9F 7F 2A", 0x9000),
        ("80 CA 9F 7F", 0x9000),
        ("80 CA 9F 7F 00 00 00", 0x9000),
    ],
)
def test_the_form_of_get_data(command: str, sw: int) -> None:
    assert send(make_card(), command).sw == sw


def test_free_memory_is_told() -> None:
    card = make_card()
    resources = tlv.parse(send(card, "80 CA FF21 00").data)[0].children()
    assert [(item.tag, int.from_bytes(item.value, "big")) for item in resources] == [
        (0x81, 0),
        (0x82, card.simulated.free_memory),
        (0x83, card.simulated.config.platform.transient_reset),
    ]
    assert Session.open(card).install(PROBE) == 0x9000
    select(card)
    assert tlv.find(send(card, "80 CA FF21 00").data, 0xFF21, 0x82) == card.simulated.free_memory.to_bytes(4, "big")


def test_a_supplementary_domain_tells_its_own() -> None:
    card = make_card()
    make_personalised_domain(card)
    select(card, SSD)
    for tag in ("42", "45"):
        assert send(card, f"80 CA 00 {tag} 00").sw == refused(0x6A88, f"no data object 00{tag}")
    assert send(card, "80 CA 00 E0 00").data.hex() == "e012c00401318810c00402318810c00403318810"
    assert send(card, "80 CA 00 C1 00").data == bytes.fromhex("C103000000")
    assert Session.open(card, SSD, SSD_KEYS).store(bytes.fromhex("420411223344 4503ABCDEF 5F5003612E62")).ok
    assert send(card, "80 CA 00 42 00").sw == refused(0x6982, "the session asks for a C-MAC, the command has none"), (
        "inside the session only with a MAC"
    )
    select(card, SSD)
    assert send(card, "80 CA 00 42 00").data == bytes.fromhex("420411223344")
    assert send(card, "00 CA 5F 50 00").data == b"a.b"
    select(card)
    assert send(card, "00 CA 00 42 00").data == card.simulated.config.iin


@pytest.mark.parametrize("p1", [0x80, 0x90, 0x88, 0x81, 0x91, 0x96, 0xA8])
def test_the_ways_to_store(p1: int) -> None:
    card = make_card()
    data = bytes.fromhex("4202AABB")
    session = Session.open(card)
    assert session.store(b"\x00\x70\x04" + data if p1 & 0x08 else data, p1).sw == 0x9000
    assert session.get_data(0x0042).data == data
    assert card.simulated.se_id[:2] == bytes.fromhex("AABB")


def test_data_in_several_blocks_changes_with_the_last() -> None:
    session = Session.open(make_card())
    before = session.get_data(0x42).data
    assert session.store(bytes.fromhex("4204AA"), 0x10, 0).sw == 0x9000
    assert session.get_data(0x42).data == before, "other commands may come between"
    assert session.store(bytes.fromhex("BBCCDD45"), 0x10, 1).sw == 0x9000
    assert session.store(bytes.fromhex("021234"), 0x90, 2).sw == 0x9000
    assert session.get_data(0x42).data == bytes.fromhex("4204AABBCCDD")
    assert session.get_data(0x45).data == bytes.fromhex("45021234")


@pytest.mark.parametrize(
    ("data", "p1", "sw"),
    [
        ("", 0x90, refused(0x6A80, "nothing to store")),
        ("42", 0x90, refused(0x6A80, "the bytes end before a length")),
        ("4200", 0x90, refused(0x6A80, "data object 42 has 1 to 127 bytes")),
        ("42021122C10100", 0x90, refused(0x6A88, "data object C1 cannot be stored")),  # dynamic
        ("42021122FF2100", 0x90, refused(0x6A88, "data object FF21 cannot be stored")),
        ("42021122D30180", 0x90, refused(0x6A88, "data object D3 cannot be stored")),
        ("9F7F00", 0x90, refused(0x6A88, "data object 9F7F cannot be stored")),
        (
            "4202112266023000",
            0x90,
            refused(0x6A80, "card data holds card recognition data (73)"),
        ),  # card data without recognition data
        ("4202112267013F", 0x90, refused(0x6A80, "the bytes end inside a tag")),
        ("420211224F05F04A504B49104F", 0x90, refused(0x6A80, "are left")),
        ("420211224F04F04A504B", 0x90, refused(0x6A80, "an AID of 4 bytes")),
        ("420211224F07F04A504B491001", 0x90, refused(0x6A80, "the AID is taken")),  # the AID of an instance
        ("42021122", 0x98, refused(0x6A86, "P1 98 of STORE DATA is reserved")),
        ("42021122", 0xD0, refused(0x6A86, "P1 D0 of STORE DATA is reserved")),
        ("42021122", 0xF0, refused(0x6A80, "only data groupings with keys are encrypted for a security domain")),
        ("42021122", 0x88, refused(0x6A80, "a data grouping is cut short")),
        ("0071024202", 0x88, refused(0x6A88, "data groupings are 0070 (data objects), 00B9 and 8113 (keys)")),
        ("007004420211", 0x88, refused(0x6A80, "a data grouping is cut short")),
        ("0070FF0005420211", 0x88, refused(0x6A80, "a data grouping is cut short")),
        ("007000", 0x88, refused(0x6A80, "nothing to store")),
    ],
)
def test_what_cannot_be_stored_changes_nothing(data: str, p1: int, sw: int) -> None:
    session = Session.open(make_card())
    assert session.install(PROBE) == 0x9000
    before = session.get_data(0x42).data
    assert session.store(bytes.fromhex(data), p1).sw == sw
    assert session.get_data(0x42).data == before
    assert session.store(bytes.fromhex("42021122")).sw == 0x9000, "the next transfer starts anew"


def test_block_numbers() -> None:
    session = Session.open(make_card())
    assert session.store(bytes.fromhex("42021122"), 0x90, 1).sw == refused(0x6A86, "block 01, expected 00")
    assert session.store(bytes.fromhex("42021122"), 0x10, 0).sw == 0x9000
    assert session.store(b"", 0x90, 0).sw == refused(0x6A86, "block 00, expected 01")
    assert session.store(b"", 0x90, 1).sw == refused(0x6A86, "block 01, expected 00"), (
        "a refused block starts the count again"
    )
    assert session.store(bytes.fromhex("4202"), 0x10, 0).sw == 0x9000
    assert session.store(bytes.fromhex("0070"), 0x88, 1).sw == refused(
        0x6A80, "the blocks of one transfer are structured alike"
    ), "another structure"
    answers = [session.store(bytes(239), 0x10, number & 0xFF).sw for number in range(18)]
    assert answers == [0x9000] * 17 + [refused(0x6A84, "more than 4096 bytes of data")]


def test_a_transfer_ends_with_its_session() -> None:
    card = make_card()
    assert Session.open(card).store(bytes.fromhex("4202"), 0x10, 0).ok
    session = Session.open(card)
    assert session.store(bytes.fromhex("1122"), 0x90, 1).sw == refused(0x6A86, "block 01, expected 00")


def test_card_data_of_the_issuers_choice() -> None:
    card = make_card()
    session = Session.open(card)
    stored = tlv.encode(0x66, tlv.encode(0x73, tlv.encode(0x06, bytes.fromhex("2A864886FC6B01"))))
    assert session.store(stored + bytes.fromhex("67028300")).sw == 0x9000
    assert session.get_data(0x66).data == stored
    assert session.get_data(0x67).data == bytes.fromhex("67028300")


def renamed(card: LabCard) -> None:
    session = Session.open(card)
    assert session.make_domain() == 0x9000
    assert session.store(b"\x4f\x08" + RENAMED).sw == 0x9000


def test_another_aid_for_the_issuer_domain() -> None:
    card = make_card()
    renamed(card)
    assert select(card, ISD_AID).sw == 0x6A82
    assert tlv.find(select(card).data, 0x6F, 0x84) == RENAMED
    found = client(card, RENAMED).registry()
    assert found.issuer_domain is not None
    assert found.issuer_domain.aid == RENAMED
    assert {entry.domain for entry in (*found.applications, *found.load_files)} == {RENAMED}
    session = Session.open(card, RENAMED)
    assert session.store(b"\x4f\x08" + RENAMED).sw == 0x9000, "the one it has"
    assert session.delete(RENAMED) == refused(0x6985, "a selected security domain, and the issuer's, cannot be deleted")
    assert session.install(ISD_AID) == 0x9000, "the old one is free"


def test_a_supplementary_domain_keeps_its_aid() -> None:
    card = make_card()
    make_personalised_domain(card)
    assert Session.open(card, SSD, SSD_KEYS).store(b"\x4f\x08" + RENAMED).sw == refused(
        0x6A88, "data object 4F cannot be stored"
    )
