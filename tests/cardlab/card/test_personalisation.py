"""INSTALL [for personalization] and STORE DATA to an application (GPCS 7.3.2, 11.11)."""

from __future__ import annotations

import pytest

from cardlab.card.config import DEFAULT_KEYS
from cardlab.globalplatform.constants import ISD_AID, Privilege
from cardlab.globalplatform.scp03 import encrypt_sensitive
from tests.cardlab.card.cards import (
    PROBE,
    QUIET,
    SSD,
    SSD_KEYS,
    Session,
    make_card,
    make_personalised_domain,
    select,
    send,
)
from tests.cardlab.card.refusals import refused


def stored(session: Session) -> bytes:
    select(session.card, PROBE)
    return send(session.card, "80 09 00 00 00").data


def test_data_reaches_the_applet_block_by_block() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(PROBE) == session.personalise(PROBE) == 0x9000
    assert session.store(b"first", 0x01, 0).data == bytes((5, 0x80 | 0x33)), "it sees its domain's security level"
    assert session.get_data(0x42).ok, "other commands may come between"
    assert session.store(b"second!", 0x81, 1).data == bytes((7, 0xB3))
    assert session.store(b"third", 0x80, 0).sw == refused(0x6A80, "are left"), "back to the domain itself"
    assert stored(session) == b"second!"


def test_without_response_data_in_case_3() -> None:
    """GPCS 11.11.3.1: response data that the host did not expect are an error of P1."""
    session = Session.open(make_card())
    assert session.install(PROBE) == session.personalise(PROBE) == 0x9000
    answer = session.store(b"quiet", 0x80, 0)
    assert (answer.sw, answer.data) == (0x9000, b"")
    assert session.personalise(PROBE) == 0x9000
    assert session.store(b"\xff" * 8, 0x82, 0).sw == refused(
        0x6A86, "the application has response data, P1 says that none is expected"
    ), "the probe answers all the same when bit 2 is set"


def test_the_applet_decrypts_with_its_domains_key() -> None:
    session = Session.open(make_card())
    assert session.install(PROBE, parameters=bytes.fromhex("C90102")) == session.personalise(PROBE) == 0x9000
    assert session.store(encrypt_sensitive(DEFAULT_KEYS.dek, b"sixteen bytes !!"), 0xE0, 0).ok
    assert stored(session) == b"sixteen bytes !!"


def test_what_the_applet_throws_is_the_answer_and_the_count_starts_again() -> None:
    session = Session.open(make_card())
    assert session.install(PROBE) == session.personalise(PROBE) == 0x9000
    assert session.store(b"one", 0x00, 0).ok
    assert session.store(b"", 0x00, 1).sw == refused(0x6A80, "the application refuses the data")
    assert session.store(b"two", 0x00, 2).sw == refused(0x6A86, "block 02, expected 00")
    assert session.store(b"again", 0x80, 0).ok
    assert stored(session) == b"again"


@pytest.mark.parametrize("ending", ["last", "select", "session"])
def test_what_ends_a_personalisation(ending: str) -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(PROBE) == session.personalise(PROBE) == 0x9000
    assert session.store(b"data", 0x80 if ending == "last" else 0x00, 0).ok
    if ending == "select":
        select(card, PROBE)
    if ending != "last":
        session = Session.open(card)
    assert session.store(bytes.fromhex("42021122"), 0x80, 0).ok
    assert session.get_data(0x42).data == bytes.fromhex("42021122")
    assert stored(session) == b"data"


def test_who_can_be_personalised() -> None:
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.install(PROBE) == session.install(QUIET, module=QUIET) == 0x9000
    assert session.install(QUIET + b"\x01", module=QUIET, p1=0x04) == 0x9000
    assert session.extradite(PROBE, SSD) == 0x9000
    assert session.personalise(bytes(5)) == refused(0x6A88, "no application 0000000000")
    assert session.personalise(b"") == refused(0x6A80, "an AID of 0 bytes")
    assert session.personalise(PROBE) == refused(0x6985, "not a selectable application of this security domain"), (
        "another domain's"
    )
    assert session.personalise(QUIET + b"\x01") == refused(
        0x6985, "not a selectable application of this security domain"
    ), "not selectable yet"
    assert session.personalise(ISD_AID) == refused(0x6985, "not a selectable application of this security domain")
    assert session.personalise(QUIET) == 0x9000
    assert session.store(b"data", 0x80, 0).sw == refused(0x6985, "the applet takes no personalization data"), (
        "no interface for it"
    )
    session = Session.open(card, SSD, SSD_KEYS)
    assert session.personalise(PROBE) == 0x9000
    assert session.store(b"by its own domain", 0x80, 0).ok
    assert stored(session) == b"by its own domain"


def test_the_trusted_path_is_a_privilege() -> None:
    card = make_card()
    make_personalised_domain(card, privileges=Privilege.NONE)
    session = Session.open(card)
    assert session.install(PROBE) == session.extradite(PROBE, SSD) == 0x9000
    assert Session.open(card, SSD, SSD_KEYS).personalise(PROBE) == refused(
        0x6985, "the security domain has no Trusted Path privilege"
    )


def test_a_domain_can_be_personalised_by_the_one_above() -> None:
    session = Session.open(make_card())
    assert session.make_domain() == 0x9000
    assert session.personalise(SSD) == 0x9000
    assert session.store(bytes.fromhex("42021122"), 0x90, 0).ok
    select(session.card, SSD)
    assert send(session.card, "80 CA 00 42 00").data == bytes.fromhex("42021122")
