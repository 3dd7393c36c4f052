"""SET STATUS, and what each state of card, domain and application allows (GPCS 5, 9.6, 11.10)."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.constants import (
    INS_DELETE,
    INS_INSTALL,
    INS_PUT_KEY,
    INS_SET_STATUS,
    INS_STORE_DATA,
    ISD_AID,
    CardState,
    Privilege,
)
from cardlab.pytest_plugin import LabCard
from tests.cardlab.card.cards import (
    OTHER_KEYS,
    OTHER_SSD,
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

ORDER = [CardState.OP_READY, CardState.INITIALIZED, CardState.SECURED, CardState.CARD_LOCKED]
ALLOWED = {
    (CardState.OP_READY, CardState.INITIALIZED),
    (CardState.INITIALIZED, CardState.SECURED),
    (CardState.SECURED, CardState.CARD_LOCKED),
    (CardState.CARD_LOCKED, CardState.SECURED),
}


def card_in(state: CardState) -> LabCard:
    return make_card(card_state=state, loaded=state is not CardState.CARD_LOCKED)


def life_cycle(card: LabCard, aid: bytes) -> int:
    found = client(card).registry().find(aid)
    assert found is not None
    return found.life_cycle


@pytest.mark.parametrize("before", ORDER)
@pytest.mark.parametrize("after", list(CardState))
def test_the_ways_between_card_states(before: CardState, after: CardState) -> None:
    card = card_in(before)
    sw = Session.open(card).send(INS_SET_STATUS, 0x80, after).sw
    possible = (before, after) in ALLOWED or after is CardState.TERMINATED
    assert sw == (0x9000 if possible else refused(0x6985, "no way from"))
    assert card.simulated.state is (after if possible else before)


@pytest.mark.parametrize("state", [0x00, 0x03, 0x80, 0x81, 0x87, 0xFE])
def test_other_states_do_not_exist(state: int) -> None:
    assert Session.open(make_card()).send(INS_SET_STATUS, 0x80, state).sw == refused(
        0x6A86, "is no life cycle state of a card"
    )


def test_the_issuer_domains_state_is_the_cards() -> None:
    card = make_card()
    for state in (CardState.INITIALIZED, CardState.SECURED, CardState.CARD_LOCKED):
        assert Session.open(card).send(INS_SET_STATUS, 0x80, state, ISD_AID).sw == 0x9000
        assert life_cycle(card, ISD_AID) == state


def test_a_locked_card() -> None:
    card = card_in(CardState.SECURED)
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.install(PROBE) == session.install(QUIET, module=QUIET, privileges=b"\x04") == 0x9000
    assert session.send(INS_SET_STATUS, 0x80, 0x7F).sw == 0x9000
    for aid in (PROBE, SSD):
        assert select(card, aid).sw == refused(0x6A81, "the card is locked")
    answer = select(card)
    assert (answer.sw, bool(answer.data)) == (0x6283, True)
    assert select(card, bytes(5)).sw == 0x6A82
    session = Session.open(card)
    for ins in (INS_INSTALL, INS_DELETE, INS_PUT_KEY, INS_STORE_DATA):
        assert session.send(ins, 0, 0, b"\x4f\x00").sw == refused(0x6985, "not in card state CARD_LOCKED")
    assert session.get_data(0x66).ok
    assert session.send(0xF2, 0x40, 0x02, b"\x4f\x00").ok
    assert session.send(INS_SET_STATUS, 0x40, 0x80, PROBE).sw == 0x9000, "locking is still possible"
    card.reset()
    assert send(card, "80 CA 00 66 00").ok, "not the default application"
    assert Session.open(card).send(INS_SET_STATUS, 0x80, 0x0F).sw == 0x9000
    card.reset()
    assert send(card, "80 CA 00 66 00").sw == 0x6D00
    assert select(card, SSD).ok


def test_a_terminated_card() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(PROBE, privileges=b"\x04") == 0x9000
    assert session.send(INS_SET_STATUS, 0x80, 0xFF).sw == 0x9000
    assert session.send(0xF2, 0x80, 0x02, b"\x4f\x00").sw == refused(0x6985, "not in card state TERMINATED"), (
        "at once, in the open session too"
    )
    for _ in range(2):
        card.reset()
        assert send(card, "80 CA 00 66 00").ok
    assert send(card, "80 CA 9F 7F 00").ok
    for command in ("00 A4 04 00 00", "00 A4 04 00 07 F04A504B491001 00"):
        assert send(card, command).sw == refused(0x6A81, "the card is terminated")
    for command in ("80 50 00 00 08 0001020304050607 00", "84 82 01 00 10" + "00" * 16, "80 F0 80 0F 00"):
        reason = "not in card state TERMINATED" if command.startswith("80 F0") else "the card is terminated"
        assert send(card, command).sw == refused(0x6985, reason)


# -- applications and security domains --------------------------------------------------------------------------------


def test_locking_and_unlocking_an_application() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(PROBE) == 0x9000
    assert session.send(INS_SET_STATUS, 0x40, 0x00, PROBE).sw == refused(
        0x6985, "it is in that state already, or is not to be set so from outside"
    ), "not locked"
    assert session.send(INS_SET_STATUS, 0x40, 0x0F, PROBE).sw == refused(
        0x6985, "it is in that state already, or is not to be set so from outside"
    ), "states of its own it sets itself"
    assert session.send(INS_SET_STATUS, 0x40, 0x80, PROBE).sw == 0x9000
    assert session.send(INS_SET_STATUS, 0x40, 0xFF, PROBE).sw == refused(
        0x6985, "it is in that state already, or is not to be set so from outside"
    ), "locked already"
    assert life_cycle(card, PROBE) == 0x87
    assert select(card, PROBE).sw == 0x6A82
    assert Session.open(card).send(INS_SET_STATUS, 0x5F, 0x07, PROBE).sw == 0x9000, "only bit 8 counts, P1 has RFU bits"
    assert life_cycle(card, PROBE) == 0x07
    assert select(card, PROBE).ok


def test_unlocking_gives_the_state_before_back() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(PROBE) == session.install(QUIET, module=QUIET, p1=0x04) == 0x9000
    assert select(card, PROBE).ok
    assert send(card, "80 03 3F 00 00").data == b"\x01"
    for aid, state in ((PROBE, 0x3F), (QUIET, 0x03)):
        session = Session.open(card)
        assert session.send(INS_SET_STATUS, 0x40, 0x80, aid).sw == 0x9000
        assert life_cycle(card, aid) == state | 0x80
        assert Session.open(card).send(INS_SET_STATUS, 0x40, 0x00, aid).sw == 0x9000
        assert life_cycle(card, aid) == state


@pytest.mark.parametrize(
    ("p1", "p2", "aid", "sw"),
    [
        (0x40, 0x80, "F04A504B499999", refused(0x6A88, "no application F04A504B499999")),
        (0x60, 0x80, "F04A504B491001", refused(0x6A88, "no security domain F04A504B491001")),  # no security domain
        (0x40, 0x80, "", refused(0x6A80, "an AID of 0 bytes")),
        (0x40, 0x80, "00" * 17, refused(0x6A80, "an AID of 17 bytes")),
        (0x40, 0x80, "A000000151000000", refused(0x6985, "the issuer security domain has the card's state")),
        (0x60, 0x80, "A000000151000000", refused(0x6985, "the issuer security domain has the card's state")),
        (0x00, 0x80, "F04A504B491001", refused(0x6A86, "no status type 00")),
        (0x20, 0x80, "F04A504B491001", refused(0x6A86, "no status type 20")),
        (0xC0, 0x80, "F04A504B491001", refused(0x6A86, "no status type C0")),
    ],
)
def test_what_set_status_refuses(p1: int, p2: int, aid: str, sw: int) -> None:
    session = Session.open(make_card())
    assert session.install(PROBE) == 0x9000
    assert session.send(INS_SET_STATUS, p1, p2, bytes.fromhex(aid)).sw == sw


def test_a_family() -> None:
    card = make_card()
    make_personalised_domain(card)
    make_personalised_domain(card, OTHER_SSD, OTHER_KEYS)
    session = Session.open(card)
    assert session.install(PROBE) == session.install(QUIET, module=QUIET) == 0x9000
    assert session.extradite(OTHER_SSD, SSD) == session.extradite(PROBE, OTHER_SSD) == 0x9000
    assert session.send(INS_SET_STATUS, 0x40, 0x80, PROBE).sw == 0x9000
    for _ in range(2):  # those that are locked stay so, without an error
        assert session.send(INS_SET_STATUS, 0x60, 0x80, SSD).sw == 0x9000
        states = {found.aid: found.life_cycle for found in client(card).registry().applications}
        assert states == {SSD: 0x8F, OTHER_SSD: 0x8F, PROBE: 0x87, QUIET: 0x07}
        session = Session.open(card)
    assert session.send(INS_SET_STATUS, 0x60, 0x00, SSD).sw == 0x9000
    states = {found.aid: found.life_cycle for found in client(card).registry().applications}
    assert states == {SSD: 0x0F, OTHER_SSD: 0x0F, PROBE: 0x07, QUIET: 0x07}


def test_a_domain_and_its_own_state() -> None:
    card = make_card()
    assert Session.open(card).make_domain() == 0x9000
    session = Session.open(card, SSD)
    assert session.send(INS_SET_STATUS, 0x40, 0x07, SSD).sw == refused(
        0x6985, "it is in that state already, or is not to be set so from outside"
    )
    assert session.send(INS_SET_STATUS, 0x40, 0x0F, SSD).sw == 0x9000
    assert session.send(INS_SET_STATUS, 0x40, 0x0F, SSD).sw == refused(
        0x6985, "it is in that state already, or is not to be set so from outside"
    )
    assert life_cycle(card, SSD) == 0x0F
    session = Session.open(card, SSD)
    assert session.send(INS_SET_STATUS, 0x60, 0x00, SSD).sw == refused(
        0x6985, "a security domain does not unlock itself"
    )
    assert session.send(INS_SET_STATUS, 0x40, 0x80, SSD).sw == 0x9000
    assert session.send(INS_SET_STATUS, 0x40, 0x00, SSD).sw == refused(
        0x6985, "the security domain has locked itself"
    ), "it does not unlock itself"
    assert session.send(0xF2, 0x40, 0x02, b"\x4f\x00").sw == refused(0x6985, "the security domain has locked itself"), (
        "and serves nothing (GPCS 5.3.2.4)"
    )
    assert select(card, SSD).sw == 0x6A82
    assert Session.open(card).send(INS_SET_STATUS, 0x40, 0x00, SSD).sw == 0x9000
    assert select(card, SSD).ok


def test_another_domain_is_not_personalised_from_outside() -> None:
    session = Session.open(make_card())
    assert session.make_domain() == 0x9000
    assert session.send(INS_SET_STATUS, 0x40, 0x0F, SSD).sw == refused(
        0x6985, "it is in that state already, or is not to be set so from outside"
    )


def test_who_may_lock() -> None:
    card = make_card()
    make_personalised_domain(card)
    make_personalised_domain(card, OTHER_SSD, OTHER_KEYS, Privilege.GLOBAL_LOCK | Privilege.CARD_LOCK)
    session = Session.open(card)
    assert session.install(PROBE) == session.install(QUIET, module=QUIET) == 0x9000
    assert session.extradite(PROBE, SSD) == 0x9000
    owner = Session.open(card, SSD, SSD_KEYS)
    assert owner.send(INS_SET_STATUS, 0x40, 0x80, PROBE).sw == 0x9000
    assert owner.send(INS_SET_STATUS, 0x40, 0x80, QUIET).sw == refused(
        0x6985, "the security domain may not lock or unlock this"
    )
    assert owner.send(INS_SET_STATUS, 0x40, 0x80, OTHER_SSD).sw == refused(
        0x6985, "the security domain may not lock or unlock this"
    )
    everywhere = Session.open(card, OTHER_SSD, OTHER_KEYS)
    assert everywhere.send(INS_SET_STATUS, 0x40, 0x00, PROBE).sw == 0x9000
    assert everywhere.send(INS_SET_STATUS, 0x40, 0x80, QUIET).sw == 0x9000
    assert everywhere.send(INS_SET_STATUS, 0x40, 0x80, ISD_AID).sw == refused(
        0x6985, "the issuer security domain has the card's state"
    )


def test_who_may_move_the_card() -> None:
    card = make_card()
    make_personalised_domain(card, privileges=Privilege.CARD_LOCK)
    make_personalised_domain(card, OTHER_SSD, OTHER_KEYS, Privilege.CARD_TERMINATE)
    assert Session.open(card, SSD, SSD_KEYS).send(INS_SET_STATUS, 0x80, 0x07).sw == refused(
        0x6985, "INITIALIZED is not this application's to set"
    )
    session = Session.open(card)
    assert session.send(INS_SET_STATUS, 0x80, 0x07).sw == session.send(INS_SET_STATUS, 0x80, 0x0F).sw == 0x9000
    session = Session.open(card, SSD, SSD_KEYS)
    assert session.send(INS_SET_STATUS, 0x80, 0xFF).sw == refused(0x6985, "TERMINATED is not this application's to set")
    assert session.send(INS_SET_STATUS, 0x80, 0x7F).sw == 0x9000
    assert session.send(INS_SET_STATUS, 0x80, 0x0F).sw == 0x9000, "as long as its session lasts"
    session = Session.open(card, OTHER_SSD, OTHER_KEYS)
    assert session.send(INS_SET_STATUS, 0x80, 0x7F).sw == refused(
        0x6985, "CARD_LOCKED is not this application's to set"
    )
    assert session.send(INS_SET_STATUS, 0x80, 0xFF).sw == 0x9000
    assert card.simulated.state is CardState.TERMINATED
