"""DELETE of applications, security domains and load files (GPCS 11.2, 9.5). Keys are in test_put_key.py."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.constants import INS_DELETE, ISD_AID, SSD_PACKAGE_AID, Privilege
from tests.cardlab.card.cards import (
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
    select,
    send,
)


def test_an_instance_goes_with_all_it_held() -> None:
    card = make_card()
    free = card.simulated.free_memory
    session = Session.open(card)
    assert session.install(PROBE) == 0x9000
    assert select(card, PROBE).ok
    assert send(card, "80 0B 00 00 04 01020304").ok
    session = Session.open(card)
    assert session.delete(PROBE) == 0x9000
    assert session.delete(PROBE) == 0x6A82
    assert card.simulated.free_memory == free
    assert select(card, PROBE).sw == 0x6A82
    session = Session.open(card)
    assert session.install(PROBE) == 0x9000
    assert select(card, PROBE).ok
    assert send(card, "80 0C 00 00 00").data == bytes(8)


def test_delete_answers_that_there_is_no_receipt() -> None:
    session = Session.open(make_card())
    assert session.install(PROBE) == 0x9000
    assert session.send(INS_DELETE, 0, 0, b"\x4f" + bytes((len(PROBE),)) + PROBE).data == b"\x00"


@pytest.mark.parametrize(
    ("data", "sw"),
    [
        ("", 0x6A80),
        ("4F", 0x6A80),
        ("4F00", 0x6A80),
        ("4F0401020304", 0x6A80),
        ("4F050102030405", 0x6A82),
        ("4F0501020304054F050102030405", 0x6A80),
        ("4F0501020304059E0100", 0x6A80),  # a token
        ("9E0100", 0x6A80),
        ("4F08A000000151000000", 0x6985),  # the issuer security domain
        ("4F07A0000001515350", 0x6985),  # the security domains' load file
    ],
)
def test_what_delete_refuses(data: str, sw: int) -> None:
    assert Session.open(make_card()).send(INS_DELETE, 0, 0, bytes.fromhex(data)).sw == sw


def test_rfu_bits_of_p1_and_p2_are_ignored() -> None:
    session = Session.open(make_card())
    assert session.install(PROBE) == 0x9000
    assert session.send(INS_DELETE, 0x7F, 0x7F, b"\x4f" + bytes((len(PROBE),)) + PROBE).sw == 0x9000


def test_a_load_file_with_applications() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(PROBE) == session.install(QUIET, module=QUIET) == 0x9000
    assert session.delete(PACKAGE) == 0x6985
    assert session.delete(PACKAGE, related=True) == 0x9000
    registry = client(card).registry()
    assert [found.aid for found in registry] == [ISD_AID, SSD_PACKAGE_AID]
    assert Session.open(card).install(PROBE) == 0x6A88, "a load file that was deleted is gone (GPCS 5.2.1.2)"


def test_a_load_file_without_applications() -> None:
    session = Session.open(make_card())
    assert session.delete(PACKAGE) == 0x9000
    assert session.delete(PACKAGE) == 0x6A82


def test_a_security_domain_must_be_empty() -> None:
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.install(PROBE) == session.extradite(PROBE, SSD) == 0x9000
    for related in (False, True):
        assert session.delete(SSD, related=related) == 0x6985
    assert session.delete(PROBE) == 0x9000
    assert session.extradite(PACKAGE, SSD) == 0x9000
    assert session.delete(SSD) == 0x6985
    assert session.extradite(PACKAGE, ISD_AID) == session.delete(SSD) == 0x9000
    assert session.make_domain() == 0x9000, "and can be made again"
    assert Session.open(card, SSD).channel.is_open, "with its parent's keys: its own went with it"


def test_a_domain_does_not_delete_itself() -> None:
    card = make_card()
    managing = Privilege.AUTHORIZED_MANAGEMENT | Privilege.GLOBAL_DELETE
    make_personalised_domain(card, privileges=managing)
    session = Session.open(card, SSD, SSD_KEYS)
    assert session.delete(SSD) == session.delete(ISD_AID) == 0x6985


def test_global_delete_reaches_everything() -> None:
    card = make_card()
    make_personalised_domain(card, privileges=Privilege.AUTHORIZED_MANAGEMENT | Privilege.GLOBAL_DELETE)
    session = Session.open(card)
    assert session.install(PROBE) == session.make_domain(OTHER_SSD) == 0x9000
    session = Session.open(card, SSD, SSD_KEYS)
    assert session.delete(PROBE) == session.delete(OTHER_SSD) == session.delete(PACKAGE) == 0x9000


def test_global_delete_alone_manages_nothing() -> None:
    card = make_card()
    make_personalised_domain(card, privileges=Privilege.GLOBAL_DELETE)
    assert Session.open(card).install(PROBE) == 0x9000
    assert Session.open(card, SSD, SSD_KEYS).delete(PROBE) == 0x6985
