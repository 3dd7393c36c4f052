"""INSTALL in its forms (GPCS 11.5, 9.3, 9.4)."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.constants import (
    INS_INSTALL,
    INS_LOAD,
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
from tests.cardlab.card.refusals import refused

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
    assert session.send(INS_INSTALL, InstallFor.MAKE_SELECTABLE, 0, field).sw == refused(
        0x6985, "the application is selectable already, or locked"
    ), "it is already"
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
        ({"load_file": bytes(5)}, refused(0x6A88, "no such load file or module")),
        ({"module": bytes(5)}, refused(0x6A88, "no such load file or module")),
        ({"load_file": SSD_PACKAGE_AID}, refused(0x6A88, "no such load file or module")),
        ({"instance": PACKAGE}, refused(0x6985, "the instance's AID is taken")),
        ({"instance": ISD_AID}, refused(0x6985, "the instance's AID is taken")),
        ({"instance": b""}, refused(0x6A80, "an AID of 0 bytes")),
        ({"instance": bytes(4)}, refused(0x6A80, "an AID of 4 bytes")),
        ({"instance": bytes(17)}, refused(0x6A80, "an AID of 17 bytes")),
        ({"load_file": b""}, refused(0x6A80, "an AID of 0 bytes")),
        ({"module": bytes(3)}, refused(0x6A80, "an AID of 3 bytes")),
        ({"privileges": b""}, refused(0x6A80, "privileges are 1 or 3 bytes long, not 0")),
        ({"privileges": bytes(2)}, refused(0x6A80, "privileges are 1 or 3 bytes long, not 2")),
        ({"privileges": bytes(4)}, refused(0x6A80, "privileges are 1 or 3 bytes long, not 4")),
        ({"privileges": b"\x80"}, refused(0x6A80, "possible are 1C0400")),  # an applet is no security domain
        ({"privileges": b"\x02"}, refused(0x6A80, "possible are 1C0400")),  # CVM Management
        (
            {"privileges": bytes.fromhex("000200")},
            refused(0x6A80, "possible are 1C0400"),
        ),  # Final Application stays with the issuer
        ({"privileges": bytes.fromhex("000080")}, refused(0x6A80, "possible are 1C0400")),
        ({"privileges": bytes.fromhex("00000F")}, 0x9000),  # RFU bits are ignored
        (
            {"privileges": b"\x04", "p1": InstallFor.INSTALL},
            refused(0x6A80, "Card Reset is for an application that is made selectable too"),
        ),  # GPCS 11.5.2.3.2
        ({"parameters": b""}, refused(0x6A80, "install parameters without C9")),
        ({"parameters": bytes.fromhex("C9")}, refused(0x6A80, "the bytes end before a length")),
        ({"parameters": bytes.fromhex("EF00")}, refused(0x6A80, "install parameters without C9")),
        ({"parameters": bytes.fromhex("C900C900")}, refused(0x6A80, "tag C9 comes twice")),
        ({"parameters": bytes.fromhex("C9008000")}, refused(0x6A80, "tag 80 is not known here")),
        ({"parameters": bytes.fromhex("C900EF0380017F")}, refused(0x6A80, "tag 80 is not known here")),
        ({"parameters": bytes.fromhex("C900EF03C80101")}, refused(0x6A80, "an amount of memory has 2 or 4 bytes")),
        ({"parameters": bytes.fromhex("C900EF04C8027FFF")}, 0x9000),
        ({"parameters": bytes.fromhex("C900EF08C7027FFFD7020000EA00B600")}, 0x9000),
        ({"parameters": bytes.fromhex("C90101")}, refused(0x6A80, "install() threw")),  # install() throws 6A80
        ({"p1": InstallFor.LOAD | InstallFor.INSTALL}, refused(0x6A86, "INSTALL has no form 06 here")),
        ({"p1": 0x00}, refused(0x6A86, "INSTALL has no form 00 here")),
        ({"p1": 0x01}, refused(0x6A86, "INSTALL has no form 01 here")),
        ({"p1": 0x7F}, refused(0x6A86, "INSTALL has no form 7F here")),
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
    assert session.send(INS_INSTALL, 0x0C, 0, field).sw == refused(
        0x6A80, "a token, but no security domain here has the privilege to verify one"
    )
    for p2 in (0x01, 0x03, 0x80):
        assert session.send(INS_INSTALL, 0x0C, p2, field[:-5]).sw == refused(
            0x6A86, "P2 of INSTALL is 00: no combined processes"
        )
    assert session.send(INS_INSTALL, 0x0C, 0, field[:-6] + b"\x00\x00").sw == refused(
        0x6A80, "1 bytes after the last field"
    ), "bytes behind the token"


@pytest.mark.parametrize(
    ("privileges", "sw"),
    [
        (Privilege.SECURITY_DOMAIN, 0x9000),
        (Privilege.SECURITY_DOMAIN | MANAGING, 0x9000),
        (Privilege.NONE, refused(0x6A80, "a security domain needs the privilege of that name")),
        (Privilege.TRUSTED_PATH, refused(0x6A80, "a security domain needs the privilege of that name")),
        (Privilege.DELEGATED_MANAGEMENT, refused(0x6A80, "possible are 9CDC00")),
        (Privilege.DAP_VERIFICATION, refused(0x6A80, "possible are 9CDC00")),
        (Privilege.MANDATED_DAP_VERIFICATION, refused(0x6A80, "possible are 9CDC00")),
        (Privilege.SECURITY_DOMAIN | Privilege.TOKEN_VERIFICATION, refused(0x6A80, "possible are 9CDC00")),
        (Privilege.SECURITY_DOMAIN | Privilege.RECEIPT_GENERATION, refused(0x6A80, "possible are 9CDC00")),
        (Privilege.SECURITY_DOMAIN | Privilege.FINAL_APPLICATION, refused(0x6A80, "possible are 9CDC00")),
        (Privilege.SECURITY_DOMAIN | Privilege.GLOBAL_SERVICE, refused(0x6A80, "possible are 9CDC00")),
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
        ("C90481020215", refused(0x6A80, "the secure channel protocol is 0360 or 0370")),
        ("C90481020270", refused(0x6A80, "the secure channel protocol is 0360 or 0370")),  # SCP02, i as of SCP03
        ("C90481020310", refused(0x6A80, "the secure channel protocol is 0360 or 0370")),
        ("C903810103", refused(0x6A80, "the secure channel protocol is 0360 or 0370")),
        ("C9038801FF", refused(0x6A80, "tag 88 is not known here")),
        ("C90145", refused(0x6A80, "the bytes end before a length")),
        ("C900EF04C8020100", refused(0x6A84, "a security domain takes 1024 bytes, the quota is less")),
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
        (bytes(5), SSD, refused(0x6A88, "no application 0000000000")),
        (INSTANCE, bytes(5), refused(0x6A88, "no security domain 0000000000")),
        (INSTANCE, PROBE, refused(0x6A88, "no security domain F04A504B491001")),
        (SSD, INSTANCE, refused(0x6A88, "no security domain F04A504B493001")),  # no security domain
        (ISD_AID, SSD, refused(0x6985, "not associated with this security domain")),
        (SSD, SSD, refused(0x6985, "a security domain cannot be associated with itself")),
        (
            INSTANCE,
            OTHER_SSD,
            refused(0x6985, "the security domain is not in the state PERSONALIZED"),
        ),  # not personalised
        (INSTANCE, b"", refused(0x6A80, "an AID of 0 bytes")),
        (b"", SSD, refused(0x6A80, "an AID of 0 bytes")),
    ):
        assert session.extradite(what, where) == sw, (what.hex(), where.hex())
    for fields in ((SSD, b"x", INSTANCE, b"", b"", b""), (SSD, b"", INSTANCE, b"x", b"", b"")):
        assert session.send(INS_INSTALL, InstallFor.EXTRADITION, 0, lv(*fields)).sw == refused(
            0x6A80, "a field that must be empty is not"
        )
    assert session.send(0xF0, 0x40, 0x80, SSD).sw == 0x9000
    assert session.extradite(INSTANCE, SSD) == refused(
        0x6985, "the security domain is not in the state PERSONALIZED"
    ), "locked"
    assert entry(card, INSTANCE).domain == ISD_AID


def test_domains_form_no_circle() -> None:
    card = make_card()
    make_personalised_domain(card)
    make_personalised_domain(card, OTHER_SSD, OTHER_KEYS)
    session = Session.open(card)
    assert session.extradite(OTHER_SSD, SSD) == 0x9000
    assert session.extradite(SSD, OTHER_SSD) == refused(0x6985, "a security domain cannot be associated with itself")
    assert entry(card, SSD).domain == ISD_AID


# -- management by supplementary domains ----------------------------------------------------------------------------


UNMANAGED = refused(0x6985, "the security domain has no Authorized Management privilege")
CONTENT = bytes.fromhex("F04A504B4999")
FORMS = {
    "load": (InstallFor.LOAD, lv(CONTENT, b"", b"", b"", b"")),
    "install": (InstallFor.INSTALL, lv(PACKAGE, PROBE, CONTENT, b"\x00", EMPTY_PARAMETERS, b"")),
    "install and make selectable": (
        InstallFor.INSTALL_AND_MAKE_SELECTABLE,
        lv(PACKAGE, PROBE, CONTENT, b"\x00", EMPTY_PARAMETERS, b""),
    ),
    "make selectable": (InstallFor.MAKE_SELECTABLE, lv(b"", b"", INSTANCE, b"\x00", b"", b"")),
    "extradition": (InstallFor.EXTRADITION, lv(SSD, b"", INSTANCE, b"", b"", b"")),
    "registry update": (InstallFor.REGISTRY_UPDATE, lv(b"", b"", INSTANCE, b"\x00", b"", b"")),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_domain_without_the_privilege_manages_nothing(form: str) -> None:
    """GPCS 9.1.3.2: load file and instance are its own, so nothing else is in the way."""
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.extradite(PACKAGE, SSD) == session.install(INSTANCE, p1=InstallFor.INSTALL) == 0x9000
    session = Session.open(card, SSD, SSD_KEYS)
    purpose, field = FORMS[form]
    assert session.send(INS_INSTALL, purpose, 0, field).sw == UNMANAGED
    assert session.delete(INSTANCE) == session.delete(PACKAGE, related=True) == UNMANAGED
    assert session.send(INS_LOAD, 0x80, 0, b"\xc4\x00").sw == UNMANAGED
    assert entry(card, INSTANCE).life_cycle == 0x03


def test_personalization_takes_the_trusted_path() -> None:
    """GPCS 6.6.3, 7.3.2."""
    card = make_card()
    make_personalised_domain(card, privileges=Privilege.AUTHORIZED_MANAGEMENT)
    session = Session.open(card)
    assert session.extradite(PACKAGE, SSD) == session.install(INSTANCE) == 0x9000
    without = Session.open(card, SSD, SSD_KEYS)
    assert without.personalise(INSTANCE) == refused(0x6985, "no Trusted Path privilege")


def test_a_domain_with_the_privilege_manages_what_is_its_own() -> None:
    card = make_card()
    make_personalised_domain(card, privileges=MANAGING)
    session = Session.open(card)
    assert session.install(PROBE) == 0x9000
    managing = Session.open(card, SSD, SSD_KEYS)
    assert managing.install(INSTANCE) == refused(0x6985, "not associated with this security domain"), (
        "the load file is the issuer's"
    )
    assert managing.delete(PROBE) == refused(0x6985, "not associated with this security domain")
    assert Session.open(card).extradite(PACKAGE, SSD) == 0x9000
    managing = Session.open(card, SSD, SSD_KEYS)
    assert managing.install(INSTANCE) == 0x9000
    assert entry(card, INSTANCE).domain == SSD
    managing = Session.open(card, SSD, SSD_KEYS)
    assert managing.delete(INSTANCE) == 0x9000
    assert managing.delete(PROBE) == refused(0x6985, "not associated with this security domain")
    assert managing.extradite(PACKAGE, ISD_AID) == 0x9000
    assert managing.extradite(PACKAGE, SSD) == refused(0x6985, "not associated with this security domain"), "given away"


def test_a_domain_that_is_not_personalised_manages_nothing() -> None:
    card = make_card()
    assert Session.open(card).make_domain(SSD, MANAGING) == 0x9000
    assert Session.open(card, SSD).install(INSTANCE) == refused(
        0x6985, "the security domain is not in the state PERSONALIZED"
    )


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
        ((bytes(5),), refused(0x6A88, "no application 0000000000")),
        ((b"",), refused(0x6A80, "an AID of 0 bytes")),
        ((ISD_AID, b"\x80"), refused(0x6985, "not associated with this security domain")),
        ((INSTANCE, b"\x80"), refused(0x6A80, "possible are 1C0400")),
        ((SSD, b"\x00"), refused(0x6A80, "a security domain stays one")),
        ((SSD, b"\xa0"), refused(0x6A80, "possible are 9CDC00")),
        ((INSTANCE, bytes(2)), refused(0x6A80, "privileges are 1 or 3 bytes long, not 2")),
        ((INSTANCE, b"\x10", bytes(5)), refused(0x6A88, "no security domain 0000000000")),
        ((INSTANCE, b"\x10", INSTANCE), refused(0x6A88, "no security domain F04A504B493001")),
        ((INSTANCE, b"\x10", b"", bytes.fromhex("EF03D9017F")), refused(0x6A80, "tag D9 is not known here")),
        ((INSTANCE, b"\x10", b"", bytes.fromhex("C900")), refused(0x6A80, "tag C9 is not known here")),
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
    assert session.install(PROBE, privileges=b"\x04") == refused(0x6985, "another application is the default one")
    assert session.install(PROBE) == 0x9000
    assert update(session, PROBE, b"\x04") == refused(0x6985, "another application is the default one")
    assert update(session, PROBE, b"\x00") == 0x9000
    assert entry(card, INSTANCE).privileges & Privilege.CARD_RESET, "who does not have it does not give it back"
    session = Session.open(card)
    make_default = lv(b"", b"", PROBE, bytes.fromhex("040000"), b"", b"")
    assert session.send(INS_INSTALL, InstallFor.MAKE_SELECTABLE, 0, make_default).sw == refused(
        0x6985, "another application is the default one"
    )
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


# -- what is not the domain's, not personalised or locked -------------------------------------------------------------

UNPERSONALISED = refused(0x6985, "the security domain is not in the state PERSONALIZED")
NOT_ITS_OWN = refused(0x6985, "not associated with this security domain")


def load_for(session: Session, domain: bytes) -> object:
    return session.send(INS_INSTALL, InstallFor.LOAD, 0, lv(CONTENT, domain, b"", b"", b"")).sw


def test_whom_a_load_file_may_be_for() -> None:
    """GPCS 9.3.5: a domain that is personalised, and the one that loads or below it."""
    card = make_card()
    make_personalised_domain(card, privileges=MANAGING)
    assert Session.open(card).make_domain(OTHER_SSD) == 0x9000
    assert load_for(Session.open(card), OTHER_SSD) == UNPERSONALISED
    client(card, OTHER_SSD).put_keys(OTHER_KEYS, 0x31)
    assert load_for(Session.open(card), OTHER_SSD) == 0x9000
    assert load_for(Session.open(card, SSD, SSD_KEYS), OTHER_SSD) == NOT_ITS_OWN
    assert load_for(Session.open(card, SSD, SSD_KEYS), ISD_AID) == NOT_ITS_OWN
    assert load_for(Session.open(card, SSD, SSD_KEYS), SSD) == 0x9000


def test_a_locked_domains_load_file_makes_no_instances() -> None:
    """GPCS 5.3.2.4: neither for its issuer."""
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.extradite(PACKAGE, SSD) == session.send(0xF0, 0x40, 0x80, SSD).sw == 0x9000
    assert session.install(INSTANCE) == UNPERSONALISED
    assert session.send(0xF0, 0x40, 0x00, SSD).sw == session.install(INSTANCE) == 0x9000


def make_selectable(session: Session, parameters: bytes = b"", privileges: bytes = b"\x00") -> object:
    field = lv(b"", b"", INSTANCE, privileges, parameters, b"")
    return session.send(INS_INSTALL, InstallFor.MAKE_SELECTABLE, 0, field).sw


def test_what_make_selectable_refuses() -> None:
    card = make_card()
    make_personalised_domain(card, privileges=MANAGING)
    session = Session.open(card)
    assert session.install(INSTANCE, p1=InstallFor.INSTALL) == 0x9000
    assert make_selectable(session, bytes.fromhex("EF03D9017F")) == refused(0x6A80, "tag D9 is not known here")
    assert make_selectable(Session.open(card, SSD, SSD_KEYS)) == NOT_ITS_OWN
    session = Session.open(card)
    assert session.send(0xF0, 0x40, 0x80, INSTANCE).sw == 0x9000
    for privileges in (b"\x00", b"\x04"):
        assert make_selectable(session, privileges=privileges) == refused(0x6985, "selectable already, or locked")
    assert session.send(0xF0, 0x40, 0x00, INSTANCE).sw == make_selectable(session) == 0x9000


@pytest.mark.parametrize("form", FORMS)
def test_nothing_follows_the_last_field(form: str) -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(INSTANCE, p1=InstallFor.INSTALL) == 0x9000
    purpose, field = FORMS[form]
    assert session.send(INS_INSTALL, purpose, 0, field + b"\x00").sw == refused(0x6A80, "1 bytes after the last field")


def test_nothing_follows_the_fields_of_personalization() -> None:
    session = Session.open(make_card())
    assert session.install(INSTANCE) == 0x9000
    field = lv(b"", b"", INSTANCE, b"", b"", b"")
    answer = session.send(INS_INSTALL, InstallFor.PERSONALIZATION, 0, field + b"\x00")
    assert answer.sw == refused(0x6A80, "1 bytes after the last field")
    assert session.send(INS_INSTALL, InstallFor.PERSONALIZATION, 0, field).sw == 0x9000
