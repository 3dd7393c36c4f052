"""GET STATUS (GPCS 11.4) in its scopes and forms."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.constants import INS_GET_STATUS, ISD_AID, SSD_PACKAGE_AID, Privilege
from cardlab.globalplatform.scp03 import SecurityLevel, max_response
from cardlab.iso7816 import tlv
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable, Module, Package
from tests.cardlab.card.bench import open_card
from tests.cardlab.card.cards import (
    OTHER_KEYS,
    OTHER_SSD,
    PACKAGE,
    PROBE,
    QUIET,
    SSD,
    SSD_KEYS,
    Session,
    client,
    make_card,
    make_personalised_domain,
    package,
)
from tests.cardlab.card.refusals import refused

ALL = bytes.fromhex("4F00")


def entries(session: Session, p1: int, data: bytes = ALL) -> list[bytes]:
    answer = session.send(INS_GET_STATUS, p1, 0x02, data)
    assert answer.sw in (0x9000, refused(0x6A88, "nothing matches"))
    return [item.value for item in tlv.parse(answer.data)]


def test_every_scope_byte_by_byte() -> None:
    session = Session.open(make_card())
    assert session.install(PROBE) == 0x9000
    assert session.send(INS_GET_STATUS, 0x80, 0x02, ALL).data == bytes.fromhex(
        "E3 13  4F 08 A000000151000000  9F70 01 01  C5 03 9CDE00".replace("9CDE00", "9CDE00")
    )
    assert session.send(INS_GET_STATUS, 0x40, 0x02, ALL).data == bytes.fromhex(
        "E3 24  4F 07 F04A504B491001  9F70 01 07  C5 03 000000  C4 06 F04A504B4910  CC 08 A000000151000000"
    )
    assert session.send(INS_GET_STATUS, 0x20, 0x02, b"\x4f\x01\xf0").data == bytes.fromhex(
        "E3 1A  4F 06 F04A504B4910  9F70 01 01  CE 02 0102  CC 08 A000000151000000"
    )
    assert session.send(INS_GET_STATUS, 0x10, 0x02, b"\x4f\x01\xf0").data == bytes.fromhex(
        "E3 2C  4F 06 F04A504B4910  9F70 01 01  CE 02 0102  84 07 F04A504B491001  84 07 F04A504B491002"
        "CC 08 A000000151000000"
    )


def test_the_older_form() -> None:
    session = Session.open(make_card())
    assert session.install(PROBE, privileges=b"\x10") == 0x9000
    assert session.send(INS_GET_STATUS, 0x80, 0x00, ALL).data == bytes.fromhex("08 A000000151000000 01 9C")
    assert session.send(INS_GET_STATUS, 0x40, 0x00, ALL).data == bytes.fromhex("07 F04A504B491001 07 10")
    assert session.send(INS_GET_STATUS, 0x20, 0x00, b"\x4f\x01\xf0").data == bytes.fromhex("06 F04A504B4910 01 00")
    assert session.send(INS_GET_STATUS, 0x10, 0x00, b"\x4f\x01\xf0").data == bytes.fromhex(
        "06 F04A504B4910 01 00 02 07 F04A504B491001 07 F04A504B491002"
    )


def test_searching_by_the_beginning_of_an_aid() -> None:
    session = Session.open(make_card())
    assert session.install(PROBE) == session.install(QUIET, module=QUIET) == 0x9000
    assert len(entries(session, 0x40)) == 2
    assert len(entries(session, 0x40, tlv.encode(0x4F, PROBE[:-1]))) == 2
    assert len(entries(session, 0x40, tlv.encode(0x4F, PROBE))) == 1
    assert entries(session, 0x40, tlv.encode(0x4F, PROBE + b"\x00")) == []
    assert entries(session, 0x40, tlv.encode(0x4F, b"\xa0")) == []
    assert len(entries(session, 0x20)) == 2


@pytest.mark.parametrize(
    ("p1", "p2", "data", "sw"),
    [
        (0x00, 0x02, "4F00", refused(0x6A86, "no such scope, or there is no next one")),
        (0xC0, 0x02, "4F00", refused(0x6A86, "no such scope, or there is no next one")),
        (0x30, 0x02, "4F00", refused(0x6A86, "no such scope, or there is no next one")),
        (0x8F, 0x02, "4F00", 0x9000),  # RFU bits are ignored
        (0x20, 0xFE, "4F00", 0x9000),
        (0x80, 0x03, "4F00", refused(0x6A86, "no such scope, or there is no next one")),  # no next of the issuer's
        (0x40, 0x03, "4F00", refused(0x6985, "nothing to go on with: ask for the first occurrence")),  # next of nothing
        (0x40, 0x02, "4F00", refused(0x6A88, "nothing matches")),
        (0x20, 0x02, "", refused(0x6A80, "the search criterion is an AID or the beginning of one (4F)")),
        (0x20, 0x02, "4F", refused(0x6A80, "the bytes end before a length")),
        (
            0x20,
            0x02,
            "4F11" + "00" * 17,
            refused(0x6A80, "the search criterion is an AID or the beginning of one (4F)"),
        ),
        (0x20, 0x02, "C900", refused(0x6A80, "the search criterion is an AID or the beginning of one (4F)")),
        (0x20, 0x02, "4F00C403010203", 0x9000),  # criteria that the card does not know are ignored
        (0x20, 0x02, "4F005C029F", refused(0x6A80, "are left")),
        (0x20, 0x02, "4F005C019F", refused(0x6A80, "the tag list ends inside a tag")),
        (0x80, 0x02, "", 0x9000),  # for the issuer's domain criteria are ignored
        (0x80, 0x02, "FFFFFF", 0x9000),
    ],
)
def test_forms_and_errors(p1: int, p2: int, data: str, sw: int) -> None:
    assert Session.open(make_card()).send(INS_GET_STATUS, p1, p2, bytes.fromhex(data)).sw == sw


def test_a_tag_list_chooses_what_is_told() -> None:
    session = Session.open(make_card())
    answer = entries(session, 0x20, bytes.fromhex("4F01F0 5C03 4F9F70"))
    assert answer == [bytes.fromhex("4F 06 F04A504B4910 9F70 01 01")]


@pytest.mark.parametrize(
    "level", [SecurityLevel.NONE, SecurityLevel.C_MAC, SecurityLevel.C_ENC_R_MAC, SecurityLevel.FULL]
)
def test_more_than_one_answer(level: SecurityLevel) -> None:
    card = make_card()
    session = Session.open(card, level=level)
    aids = [PROBE + bytes((number,)) for number in range(30)]
    assert {session.install(aid) for aid in aids} == {0x9000}
    found, p2 = [], 0x02
    while True:
        answer = session.send(INS_GET_STATUS, 0x40, p2, ALL)
        assert 0 < len(answer.data) <= max_response(level)
        found += [tlv.find(item.value, 0x4F) for item in tlv.parse(answer.data)]
        if answer.sw == 0x9000:
            break
        assert answer.sw == 0x6310
        p2 = 0x03
    assert found == aids
    assert session.send(INS_GET_STATUS, 0x40, 0x03, ALL).sw == refused(
        0x6985, "nothing to go on with: ask for the first occurrence"
    ), "there is no more"


def test_an_entry_that_fits_no_answer_comes_in_pieces() -> None:
    modules = tuple(Module(PROBE + bytes(8) + bytes((number,)), "cardtest.Quiet") for number in range(20))
    big = Executable(Package(PROBE, (1, 0), modules, package().classes))
    card = open_card(ClassLibrary([big]))
    client(card).load(PROBE, big.data_block)
    session = Session.open(card)
    first = session.send(INS_GET_STATUS, 0x10, 0x02, tlv.encode(0x4F, PROBE))
    assert (first.sw, len(first.data)) == (0x6310, 239)
    second = session.send(INS_GET_STATUS, 0x10, 0x03, tlv.encode(0x4F, PROBE))
    assert second.sw == 0x9000
    assert [item.value for item in tlv.parse(first.data + second.data)[0].children() if item.tag == 0x84] == [
        module.aid for module in modules
    ]


def test_next_belongs_to_the_question_before() -> None:
    session = Session.open(make_card())
    for number in range(30):
        assert session.install(PROBE + bytes((number,))) == 0x9000
    for other in ((0x10, 0x03, ALL), (0x40, 0x01, ALL), (0x40, 0x03, b"\x4f\x01\xf0")):
        assert session.send(INS_GET_STATUS, 0x40, 0x02, ALL).sw == 0x6310
        assert session.send(INS_GET_STATUS, *other).sw == refused(
            0x6985, "nothing to go on with: ask for the first occurrence"
        )
    assert session.send(INS_GET_STATUS, 0x40, 0x02, ALL).sw == 0x6310
    assert session.get_data(0x66).ok
    assert session.send(INS_GET_STATUS, 0x40, 0x03, ALL).sw == refused(
        0x6985, "nothing to go on with: ask for the first occurrence"
    )


def test_a_domain_sees_itself_and_what_is_below() -> None:
    card = make_card()
    make_personalised_domain(card)
    make_personalised_domain(card, OTHER_SSD, OTHER_KEYS)
    session = Session.open(card)
    assert session.install(PROBE) == session.install(QUIET, module=QUIET) == 0x9000
    assert session.extradite(OTHER_SSD, SSD) == session.extradite(PROBE, OTHER_SSD) == 0x9000
    assert session.extradite(PACKAGE, SSD) == 0x9000

    def seen(aid: bytes, keys: object, p1: int) -> list[bytes | None]:
        found = entries(Session.open(card, aid, keys), p1)  # type: ignore[arg-type]
        return [tlv.find(entry, 0x4F) for entry in found]

    assert seen(SSD, SSD_KEYS, 0x40) == [SSD, OTHER_SSD, PROBE]
    assert seen(SSD, SSD_KEYS, 0x20) == [PACKAGE]
    assert seen(SSD, SSD_KEYS, 0x80) == []
    assert seen(OTHER_SSD, OTHER_KEYS, 0x40) == [OTHER_SSD, PROBE]
    assert seen(OTHER_SSD, OTHER_KEYS, 0x20) == []


def test_global_registry_sees_everything() -> None:
    card = make_card()
    make_personalised_domain(card, privileges=Privilege.GLOBAL_REGISTRY)
    assert Session.open(card).install(PROBE) == 0x9000
    session = Session.open(card, SSD, SSD_KEYS)
    assert [tlv.find(entry, 0x4F) for entry in entries(session, 0x80)] == [ISD_AID]
    assert [tlv.find(entry, 0x4F) for entry in entries(session, 0x40)] == [SSD, PROBE]
    assert [tlv.find(entry, 0x4F) for entry in entries(session, 0x10)] == [SSD_PACKAGE_AID, PACKAGE]
