"""DELETE of applications, security domains and load files (GPCS 11.2, 9.5). Keys are in test_put_key.py."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.constants import INS_DELETE, ISD_AID, SSD_PACKAGE_AID, Privilege
from cardlab.pytest_plugin import LabCard
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
from tests.cardlab.card.refusals import refused


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
        ("", refused(0x6A80, "DELETE takes an AID (4F), or a key's identifier (D0) and version (D2)")),
        ("4F", refused(0x6A80, "the bytes end before a length")),
        ("4F00", refused(0x6A80, "an AID of 0 bytes")),
        ("4F0401020304", refused(0x6A80, "an AID of 4 bytes")),
        ("4F050102030405", 0x6A82),
        ("4F0501020304054F050102030405", refused(0x6A80, "tag 4F comes twice")),
        ("4F0501020304059E0100", refused(0x6A80, "tag 9E is not known here")),  # a token
        ("9E0100", refused(0x6A80, "tag 9E is not known here")),
        (
            "4F08A000000151000000",
            refused(0x6985, "a selected security domain, and the issuer's, cannot be deleted"),
        ),  # the issuer security domain
        (
            "4F07A0000001515350",
            refused(0x6985, "the security domains' load file belongs to the card"),
        ),  # the security domains' load file
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
    assert session.delete(PACKAGE) == refused(0x6985, "it has applications: delete them too (P2 = 80) or first")
    assert session.delete(PACKAGE, related=True) == 0x9000
    registry = client(card).registry()
    assert [found.aid for found in registry] == [ISD_AID, SSD_PACKAGE_AID]
    assert Session.open(card).install(PROBE) == refused(0x6A88, "no such load file or module"), (
        "a load file that was deleted is gone (GPCS 5.2.1.2)"
    )


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
        assert session.delete(SSD, related=related) == refused(
            0x6985, "something is associated with the security domain"
        )
    assert session.delete(PROBE) == 0x9000
    assert session.extradite(PACKAGE, SSD) == 0x9000
    assert session.delete(SSD) == refused(0x6985, "something is associated with the security domain")
    assert session.extradite(PACKAGE, ISD_AID) == session.delete(SSD) == 0x9000
    assert session.make_domain() == 0x9000, "and can be made again"
    assert Session.open(card, SSD).channel.is_open, "with its parent's keys: its own went with it"


def test_a_domain_does_not_delete_itself() -> None:
    card = make_card()
    managing = Privilege.AUTHORIZED_MANAGEMENT | Privilege.GLOBAL_DELETE
    make_personalised_domain(card, privileges=managing)
    session = Session.open(card, SSD, SSD_KEYS)
    assert (
        session.delete(SSD)
        == session.delete(ISD_AID)
        == refused(0x6985, "a selected security domain, and the issuer's, cannot be deleted")
    )


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
    assert Session.open(card, SSD, SSD_KEYS).delete(PROBE) == refused(
        0x6985, "the security domain has no Authorized Management privilege"
    )


# -- what belongs to another domain -----------------------------------------------------------------------------------

NOT_ITS_OWN = refused(0x6985, "not associated with this security domain")


def managing_domain() -> LabCard:
    """A card with the load file, and a domain that may manage its own content."""
    card = make_card()
    make_personalised_domain(card, privileges=Privilege.AUTHORIZED_MANAGEMENT)
    return card


def aids(card: LabCard) -> list[bytes]:
    return [found.aid for found in client(card).registry()]


@pytest.mark.parametrize("related", [False, True])
def test_another_domains_load_file_stays(related: bool) -> None:
    """GPCS 9.5.2: without Global Delete a domain deletes what is its own."""
    card = managing_domain()
    before = aids(card)
    assert Session.open(card, SSD, SSD_KEYS).delete(PACKAGE, related=related) == NOT_ITS_OWN
    assert aids(card) == before
    assert Session.open(card).install(PROBE) == 0x9000


def test_another_domains_instances_stay_with_their_load_file() -> None:
    """GPCS 9.5.3: the load file is the domain's own, one of two instances is not; neither goes."""
    card = managing_domain()
    session = Session.open(card)
    assert session.install(PROBE) == session.extradite(PACKAGE, SSD) == session.install(QUIET, module=QUIET) == 0x9000
    before = aids(card)
    managing = Session.open(card, SSD, SSD_KEYS)
    assert managing.delete(PACKAGE, related=True) == NOT_ITS_OWN
    assert aids(card) == before
    assert select(card, PROBE).ok and select(card, QUIET).ok
    assert Session.open(card).extradite(PROBE, SSD) == 0x9000
    assert Session.open(card, SSD, SSD_KEYS).delete(PACKAGE, related=True) == 0x9000


def test_another_domains_application_and_domain_stay() -> None:
    card = managing_domain()
    session = Session.open(card)
    assert session.install(PROBE) == session.make_domain(OTHER_SSD) == 0x9000
    before = aids(card)
    managing = Session.open(card, SSD, SSD_KEYS)
    assert managing.delete(PROBE) == managing.delete(OTHER_SSD) == NOT_ITS_OWN
    assert aids(card) == before
