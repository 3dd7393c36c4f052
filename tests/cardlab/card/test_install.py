"""INSTALL in its forms (GPCS 11.5, 9.3, 9.4)."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.constants import (
    INS_INSTALL,
    ISD_AID,
    SSD_MODULE_AID,
    SSD_PACKAGE_AID,
    InstallFor,
    Privilege,
)
from cardlab.globalplatform.host.registry import RegistryEntry
from cardlab.pytest_plugin import LabCard
from tests.cardlab.card.cards import (
    EMPTY_PARAMETERS,
    OTHER_KEYS,
    OTHER_SSD,
    PACKAGE,
    PROBE,
    QUIET,
    SSD,
    SSD_KEYS,
    Session,
    client,
    lv,
    make_card,
    make_personalised_domain,
    select,
    send,
)

INSTANCE = bytes.fromhex("F04A504B493001")
MANAGING = Privilege.TRUSTED_PATH | Privilege.AUTHORIZED_MANAGEMENT


def entry(card: LabCard, aid: bytes) -> RegistryEntry:
    found = client(card).registry().find(aid)
    assert found is not None
    return found


def test_an_instance_in_one_command() -> None:
    card = make_card()
    assert Session.open(card).install(INSTANCE) == 0x9000
    found = entry(card, INSTANCE)
    assert (found.life_cycle, found.privileges) == (0x07, Privilege.NONE)
    assert (found.load_file, found.domain) == (PACKAGE, ISD_AID)
    assert select(card, INSTANCE).sw == 0x9000


def test_install_answers_that_there_is_no_receipt() -> None:
    field = lv(PACKAGE, PROBE, INSTANCE, b"\x00", EMPTY_PARAMETERS, b"")
    assert Session.open(make_card()).send(INS_INSTALL, 0x0C, 0, field).data == b"\x00"


def test_a_token_field_may_be_left_out() -> None:
    field = lv(PACKAGE, PROBE, INSTANCE, b"\x00", EMPTY_PARAMETERS)
    assert Session.open(make_card()).send(INS_INSTALL, 0x0C, 0, field).sw == 0x9000


def test_installed_first_and_selectable_later() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(INSTANCE, p1=InstallFor.INSTALL) == 0x9000
    assert entry(card, INSTANCE).life_cycle == 0x03
    assert select(card, INSTANCE).sw == 0x6A82
    session = Session.open(card)
    field = lv(b"", b"", INSTANCE, b"\x00", b"", b"")
    assert session.send(INS_INSTALL, InstallFor.MAKE_SELECTABLE, 0, field).sw == 0x9000
    assert session.send(INS_INSTALL, InstallFor.MAKE_SELECTABLE, 0, field).sw == 0x6985, "it is already"
    assert entry(card, INSTANCE).life_cycle == 0x07
    assert select(card, INSTANCE).sw == 0x9000


def test_the_applet_gets_what_the_parameters_hold() -> None:
    card = make_card()
    assert Session.open(card).install(INSTANCE, parameters=bytes.fromhex("C903000123")) == 0x9000
    assert select(card, INSTANCE).ok
    assert send(card, "80 0D 00 00 00").data == bytes.fromhex("0123")


@pytest.mark.parametrize(
    ("arguments", "sw"),
    [
        ({"load_file": bytes(5)}, 0x6A88),
        ({"module": bytes(5)}, 0x6A88),
        ({"load_file": SSD_PACKAGE_AID}, 0x6A88),
        ({"instance": PACKAGE}, 0x6985),
        ({"instance": ISD_AID}, 0x6985),
        ({"instance": b""}, 0x6A80),
        ({"instance": bytes(4)}, 0x6A80),
        ({"instance": bytes(17)}, 0x6A80),
        ({"load_file": b""}, 0x6A80),
        ({"module": bytes(3)}, 0x6A80),
        ({"privileges": b""}, 0x6A80),
        ({"privileges": bytes(2)}, 0x6A80),
        ({"privileges": bytes(4)}, 0x6A80),
        ({"privileges": b"\x80"}, 0x6A80),  # an applet is no security domain
        ({"privileges": b"\x02"}, 0x6A80),  # CVM Management
        ({"privileges": bytes.fromhex("000200")}, 0x6A80),  # Final Application stays with the issuer
        ({"privileges": bytes.fromhex("000080")}, 0x6A80),
        ({"privileges": bytes.fromhex("00000F")}, 0x9000),  # RFU bits are ignored
        ({"privileges": b"\x04", "p1": InstallFor.INSTALL}, 0x6A80),  # GPCS 11.5.2.3.2
        ({"parameters": b""}, 0x6A80),
        ({"parameters": bytes.fromhex("C9")}, 0x6A80),
        ({"parameters": bytes.fromhex("EF00")}, 0x6A80),
        ({"parameters": bytes.fromhex("C900C900")}, 0x6A80),
        ({"parameters": bytes.fromhex("C9008000")}, 0x6A80),
        ({"parameters": bytes.fromhex("C900EF0380017F")}, 0x6A80),
        ({"parameters": bytes.fromhex("C900EF03C80101")}, 0x6A80),
        ({"parameters": bytes.fromhex("C900EF04C8027FFF")}, 0x9000),
        ({"parameters": bytes.fromhex("C900EF08C7027FFFD7020000EA00B600")}, 0x9000),
        ({"parameters": bytes.fromhex("C90101")}, 0x6A80),  # install() throws 6A80
        ({"p1": InstallFor.LOAD | InstallFor.INSTALL}, 0x6A86),
        ({"p1": 0x00}, 0x6A86),
        ({"p1": 0x01}, 0x6A86),
        ({"p1": 0x7F}, 0x6A86),
    ],
)
def test_what_install_refuses(arguments: dict[str, bytes], sw: int) -> None:
    card = make_card()
    session = Session.open(card)
    free = card.simulated.free_memory
    assert session.install(**{"instance": INSTANCE, **arguments}) == sw  # type: ignore[arg-type]
    assert (client(card).registry().find(INSTANCE) is not None) == (sw == 0x9000)
    if sw != 0x9000:
        assert card.simulated.free_memory == free
        assert Session.open(card).install(INSTANCE) == 0x9000, "nothing is left of the attempt"


def test_tokens_and_combined_processes_are_refused() -> None:
    session = Session.open(make_card())
    field = lv(PACKAGE, PROBE, INSTANCE, b"\x00", EMPTY_PARAMETERS, b"token")
    assert session.send(INS_INSTALL, 0x0C, 0, field).sw == 0x6A80
    for p2 in (0x01, 0x03, 0x80):
        assert session.send(INS_INSTALL, 0x0C, p2, field[:-5]).sw == 0x6A86
    assert session.send(INS_INSTALL, 0x0C, 0, field[:-6] + b"\x00\x00").sw == 0x6A80, "bytes behind the token"


@pytest.mark.parametrize(
    ("privileges", "sw"),
    [
        (Privilege.SECURITY_DOMAIN, 0x9000),
        (Privilege.SECURITY_DOMAIN | MANAGING, 0x9000),
        (Privilege.NONE, 0x6A80),
        (Privilege.TRUSTED_PATH, 0x6A80),
        (Privilege.DELEGATED_MANAGEMENT, 0x6A80),
        (Privilege.DAP_VERIFICATION, 0x6A80),
        (Privilege.MANDATED_DAP_VERIFICATION, 0x6A80),
        (Privilege.SECURITY_DOMAIN | Privilege.TOKEN_VERIFICATION, 0x6A80),
        (Privilege.SECURITY_DOMAIN | Privilege.RECEIPT_GENERATION, 0x6A80),
        (Privilege.SECURITY_DOMAIN | Privilege.FINAL_APPLICATION, 0x6A80),
        (Privilege.SECURITY_DOMAIN | Privilege.GLOBAL_SERVICE, 0x6A80),
    ],
)
def test_privileges_of_a_security_domain(privileges: Privilege, sw: int) -> None:
    card = make_card()
    status = Session.open(card).install(
        SSD, module=SSD_MODULE_AID, load_file=SSD_PACKAGE_AID, privileges=privileges.to_bytes3()
    )
    assert status == sw
    if sw == 0x9000:
        assert entry(card, SSD).privileges == privileges


def test_one_byte_of_privileges_gives_a_domain_the_trusted_path() -> None:
    card = make_card()
    assert (
        Session.open(card).install(SSD, module=SSD_MODULE_AID, load_file=SSD_PACKAGE_AID, privileges=b"\x80") == 0x9000
    )
    assert entry(card, SSD).privileges == Privilege.SECURITY_DOMAIN | Privilege.TRUSTED_PATH


@pytest.mark.parametrize(
    ("parameters", "sw"),
    [
        ("C900", 0x9000),
        ("C90481020360", 0x9000),
        ("C9048102036082022020"[:12], 0x9000),
        ("C90C810203708202202087022020", 0x9000),
        ("C903830120", 0x9000),
        ("C90F810203708202202083012087022020", 0x9000),
        ("C90481020215", 0x6A80),
        ("C90481020310", 0x6A80),
        ("C903810103", 0x6A80),
        ("C9038801FF", 0x6A80),
        ("C90145", 0x6A80),
        ("C900EF04C8020100", 0x6A84),
    ],
)
def test_parameters_of_a_security_domain(parameters: str, sw: int) -> None:
    card = make_card()
    status = Session.open(card).install(
        SSD,
        module=SSD_MODULE_AID,
        load_file=SSD_PACKAGE_AID,
        privileges=b"\x80",
        parameters=bytes.fromhex(parameters),
    )
    assert status == sw
    if "0360" in parameters and sw == 0x9000:
        make = client(card, SSD)
        make.put_keys(SSD_KEYS, 0x31)
        answer = Session.open(card, SSD, SSD_KEYS).channel.response
        assert (answer.options, answer.sequence) == (0x60, None)


# -- extradition ----------------------------------------------------------------------------------------------------


def test_extradition_there_and_back() -> None:
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.install(INSTANCE) == session.extradite(INSTANCE, SSD) == 0x9000
    assert entry(card, INSTANCE).domain == SSD
    assert Session.open(card).extradite(INSTANCE, ISD_AID) == 0x9000, "the issuer's domain is above the other"
    assert entry(card, INSTANCE).domain == ISD_AID


def test_a_load_file_can_be_extradited_and_what_is_made_of_it_follows() -> None:
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.extradite(PACKAGE, SSD) == session.install(INSTANCE) == 0x9000
    assert entry(card, PACKAGE).domain == entry(card, INSTANCE).domain == SSD


def test_what_extradition_refuses() -> None:
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.install(INSTANCE) == session.make_domain(OTHER_SSD) == 0x9000
    for what, where, sw in (
        (bytes(5), SSD, 0x6A88),
        (INSTANCE, bytes(5), 0x6A88),
        (INSTANCE, PROBE, 0x6A88),
        (SSD, INSTANCE, 0x6A88),  # no security domain
        (ISD_AID, SSD, 0x6985),
        (SSD, SSD, 0x6985),
        (INSTANCE, OTHER_SSD, 0x6985),  # not personalised
        (INSTANCE, b"", 0x6A80),
        (b"", SSD, 0x6A80),
    ):
        assert session.extradite(what, where) == sw, (what.hex(), where.hex())
    for fields in ((SSD, b"x", INSTANCE, b"", b"", b""), (SSD, b"", INSTANCE, b"x", b"", b"")):
        assert session.send(INS_INSTALL, InstallFor.EXTRADITION, 0, lv(*fields)).sw == 0x6A80
    assert session.send(0xF0, 0x40, 0x80, SSD).sw == 0x9000
    assert session.extradite(INSTANCE, SSD) == 0x6985, "locked"
    assert entry(card, INSTANCE).domain == ISD_AID


def test_domains_form_no_circle() -> None:
    card = make_card()
    make_personalised_domain(card)
    make_personalised_domain(card, OTHER_SSD, OTHER_KEYS)
    session = Session.open(card)
    assert session.extradite(OTHER_SSD, SSD) == 0x9000
    assert session.extradite(SSD, OTHER_SSD) == 0x6985
    assert entry(card, SSD).domain == ISD_AID


# -- management by supplementary domains ----------------------------------------------------------------------------


def test_a_domain_without_the_privilege_manages_nothing() -> None:
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.install(INSTANCE) == session.extradite(INSTANCE, SSD) == 0x9000
    session = Session.open(card, SSD, SSD_KEYS)
    assert session.install(QUIET, module=QUIET) == 0x6985
    assert session.delete(INSTANCE) == 0x6985
    assert session.extradite(INSTANCE, ISD_AID) == 0x6985
    assert session.send(INS_INSTALL, InstallFor.LOAD, 0, lv(bytes(5), b"", b"", b"", b"")).sw == 0x6985


def test_a_domain_with_the_privilege_manages_what_is_its_own() -> None:
    card = make_card()
    make_personalised_domain(card, privileges=MANAGING)
    session = Session.open(card)
    assert session.install(PROBE) == 0x9000
    managing = Session.open(card, SSD, SSD_KEYS)
    assert managing.install(INSTANCE) == 0x6985, "the load file is the issuer's"
    assert managing.delete(PROBE) == 0x6985
    assert Session.open(card).extradite(PACKAGE, SSD) == 0x9000
    managing = Session.open(card, SSD, SSD_KEYS)
    assert managing.install(INSTANCE) == 0x9000
    assert entry(card, INSTANCE).domain == SSD
    managing = Session.open(card, SSD, SSD_KEYS)
    assert managing.delete(INSTANCE) == 0x9000
    assert managing.delete(PROBE) == 0x6985
    assert managing.extradite(PACKAGE, ISD_AID) == 0x9000
    assert managing.extradite(PACKAGE, SSD) == 0x6985, "given away"


def test_a_domain_that_is_not_personalised_manages_nothing() -> None:
    card = make_card()
    assert Session.open(card).make_domain(SSD, MANAGING) == 0x9000
    assert Session.open(card, SSD).install(INSTANCE) == 0x6985


# -- registry update and the default application ----------------------------------------------------------------------


def update(session: Session, aid: bytes, privileges: bytes = b"", domain: bytes = b"", parameters: bytes = b"") -> int:
    field = lv(domain, b"", aid, privileges, parameters, b"")
    return session.send(INS_INSTALL, InstallFor.REGISTRY_UPDATE, 0, field).sw


def test_registry_update() -> None:
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.install(INSTANCE) == 0x9000
    assert update(session, INSTANCE, bytes.fromhex("180000")) == 0x9000
    assert entry(card, INSTANCE).privileges == Privilege.CARD_LOCK | Privilege.CARD_TERMINATE
    session = Session.open(card)
    assert update(session, INSTANCE, domain=SSD) == 0x9000
    assert entry(card, INSTANCE).privileges == Privilege.CARD_LOCK | Privilege.CARD_TERMINATE
    assert entry(card, INSTANCE).domain == SSD
    session = Session.open(card)
    assert update(session, INSTANCE, b"\x00", ISD_AID) == 0x9000
    assert (entry(card, INSTANCE).privileges, entry(card, INSTANCE).domain) == (Privilege.NONE, ISD_AID)


def test_what_registry_update_refuses_changes_nothing() -> None:
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.install(INSTANCE) == 0x9000
    for arguments, sw in (
        ((bytes(5),), 0x6A88),
        ((b"",), 0x6A80),
        ((ISD_AID, b"\x80"), 0x6985),
        ((INSTANCE, b"\x80"), 0x6A80),
        ((SSD, b"\x00"), 0x6A80),
        ((SSD, b"\xa0"), 0x6A80),
        ((INSTANCE, bytes(2)), 0x6A80),
        ((INSTANCE, b"\x10", bytes(5)), 0x6A88),
        ((INSTANCE, b"\x10", INSTANCE), 0x6A88),
        ((INSTANCE, b"\x10", b"", bytes.fromhex("EF03D9017F")), 0x6A80),
        ((INSTANCE, b"\x10", b"", bytes.fromhex("C900")), 0x6A80),
    ):
        assert update(session, *arguments) == sw, arguments
    assert (entry(card, INSTANCE).privileges, entry(card, INSTANCE).domain) == (Privilege.NONE, ISD_AID)
    assert entry(card, SSD).privileges == Privilege.SECURITY_DOMAIN | Privilege.TRUSTED_PATH


def test_one_default_application_at_a_time() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(INSTANCE, privileges=b"\x04") == 0x9000
    assert not entry(card, ISD_AID).privileges & Privilege.CARD_RESET
    session = Session.open(card)
    assert session.install(PROBE, privileges=b"\x04") == 0x6985
    assert session.install(PROBE) == 0x9000
    assert update(session, PROBE, b"\x04") == 0x6985
    make_default = lv(b"", b"", PROBE, bytes.fromhex("040000"), b"", b"")
    assert session.send(INS_INSTALL, InstallFor.MAKE_SELECTABLE, 0, make_default).sw == 0x6985
    assert update(session, INSTANCE, b"\x04") == 0x9000, "it has it already"
    assert update(session, INSTANCE, b"\x00") == 0x9000
    assert entry(card, ISD_AID).privileges & Privilege.CARD_RESET
    session = Session.open(card)
    assert session.send(INS_INSTALL, InstallFor.MAKE_SELECTABLE, 0, make_default).sw == 0x9000
    assert entry(card, PROBE).privileges == Privilege.CARD_RESET
    session = Session.open(card)
    assert session.delete(PROBE) == 0x9000
    assert entry(card, ISD_AID).privileges & Privilege.CARD_RESET


def test_make_selectable_ignores_other_privileges() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(INSTANCE, p1=InstallFor.INSTALL) == 0x9000
    field = lv(b"", b"", INSTANCE, bytes.fromhex("FBFFFF"), bytes.fromhex("EF03CF0180"), b"")
    assert session.send(INS_INSTALL, InstallFor.MAKE_SELECTABLE, 0, field).sw == 0x9000
    assert entry(card, INSTANCE).privileges == Privilege.NONE
