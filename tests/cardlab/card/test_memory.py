"""The quota of persistent memory (D4): what does not fit is refused with 6A84, and nothing is lost."""

from __future__ import annotations

import pytest

from cardlab.card.manager.state import DOMAIN_SIZE
from tests.cardlab.card.cards import PROBE, QUIET, SSD, Session, client, make_card, select, send
from tests.cardlab.card.refusals import refused

KILOBYTE = bytes.fromhex("C903000400")


def test_a_full_card_refuses_and_keeps_what_it_has() -> None:
    """D4."""
    card = make_card(persistent_memory=9 * 1024)
    session = Session.open(card)
    aids = [PROBE + bytes((number,)) for number in range(16)]
    answers = [session.install(aid, parameters=KILOBYTE) for aid in aids]
    fitting, full = sum(one == 0x9000 for one in answers), refused(0x6A84, "install() threw")
    assert answers == [0x9000] * fitting + [full] * (16 - fitting)
    assert 3 < fitting < 8
    assert [entry.aid for entry in client(card).registry().applications] == aids[:fitting]
    for aid in aids[:fitting]:
        assert select(card, aid).ok
        assert send(card, "80 0D 00 00 00").data == bytes.fromhex("0400")
    session = Session.open(card)
    assert session.delete(aids[0]) == 0x9000
    assert session.install(aids[0], parameters=KILOBYTE) == 0x9000, "what was deleted makes room"
    assert session.install(aids[-1], parameters=KILOBYTE) == refused(0x6A84, "install() threw")


def test_memory_is_given_back_to_the_byte() -> None:
    card = make_card()
    free = card.simulated.free_memory
    session = Session.open(card)
    for _ in range(3):
        assert session.install(PROBE, parameters=KILOBYTE) == session.install(QUIET, module=QUIET) == 0x9000
        assert session.make_domain() == 0x9000
        assert card.simulated.free_memory < free - 1024 - DOMAIN_SIZE
        assert session.delete(PROBE) == session.delete(QUIET) == session.delete(SSD) == 0x9000
        assert card.simulated.free_memory == free


def test_a_card_without_load_files_is_empty() -> None:
    card = make_card(persistent_memory=2000, loaded=False)
    assert card.simulated.free_memory == 2000


def test_a_security_domain_takes_memory() -> None:
    card = make_card(persistent_memory=2 * DOMAIN_SIZE + 10, loaded=False)
    session = Session.open(card)
    assert [session.make_domain(SSD + bytes((number,))) for number in range(3)] == [
        0x9000,
        0x9000,
        refused(0x6A84, "bytes are needed"),
    ]
    assert card.simulated.free_memory == 10


@pytest.mark.parametrize(
    ("quota", "sw"),
    [
        ("C8020200", refused(0x6A84, "the instance takes 1429 bytes, 512 are allowed")),
        ("C8020800", 0x9000),
        ("C80400000800", 0x9000),
    ],
)
def test_a_quota_for_one_instance(quota: str, sw: int) -> None:
    card = make_card()
    free = card.simulated.free_memory
    parameters = KILOBYTE + b"\xef" + bytes((len(quota) // 2,)) + bytes.fromhex(quota)
    assert Session.open(card).install(PROBE, parameters=parameters) == sw
    assert (card.simulated.free_memory == free) == (sw != 0x9000)
