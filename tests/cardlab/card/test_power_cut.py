"""The power fails while the card installs, deletes or serves: what it knows and what it runs never part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from cardlab.errors import TransportError
from cardlab.globalplatform.constants import ISD_AID, SSD_PACKAGE_AID
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.feature import Feature
from cardlab.runtime.torn import TornCell
from tests.cardlab.card.bench import restore_card
from tests.cardlab.card.cards import PACKAGE, PROBE, QUIET, Session, client, executable, make_card, select, send
from tests.cardlab.card.loads import announce, load, load_file, pieces


def aids(card: LabCard) -> list[bytes]:
    return [entry.aid for entry in client(card).registry()]


def is_whole(card: LabCard) -> bool:
    """What the registry has can be selected, and can be deleted and installed again."""
    for entry in client(card).registry().applications:
        assert select(card, entry.aid).ok
    session = Session.open(card)
    for aid in (PROBE, QUIET):
        assert session.delete(aid) in (0x9000, 0x6A82)
        assert session.install(aid, module=aid) == 0x9000
    return True


def whole_cards(made: LabCard, folder: Path) -> Iterator[tuple[int, LabCard]]:
    """A copy of a card for each moment at which its power can be cut, from 1."""
    made.simulated.save(folder / "whole.json")
    for opportunity in count(1):
        yield opportunity, restore_card(folder / "whole.json")


def test_during_install(tmp_path: Path) -> None:
    """At each of its moments, until it has no more of them: nothing is installed, and nothing is lost."""
    for opportunity, card in whole_cards(make_card(), tmp_path):
        free = card.simulated.free_memory
        session = Session.open(card)
        card.cut_power_at(opportunity)
        try:
            assert session.install(PROBE) == 0x9000
            installed = True
        except TransportError:
            installed = False
            with pytest.raises(TransportError):
                send(card, "80 CA 00 66 00")
        card.reset()
        assert (PROBE in aids(card)) == installed
        assert (card.simulated.free_memory == free) == (not installed)
        assert is_whole(card)
        if installed:
            assert opportunity > 1
            return


@pytest.mark.parametrize("related", [False, True])
def test_during_delete(related: bool, tmp_path: Path) -> None:
    """At each of its moments: it is done, or was not begun."""
    made = make_card()
    session = Session.open(made)
    assert session.install(PROBE, privileges=b"\x04") == session.install(QUIET, module=QUIET) == 0x9000
    for opportunity, card in whole_cards(made, tmp_path):
        session = Session.open(card)
        card.cut_power_at(opportunity)
        try:
            assert session.delete(PACKAGE if related else PROBE, related=related) == 0x9000
            expected = [ISD_AID, SSD_PACKAGE_AID] if related else [ISD_AID, QUIET, SSD_PACKAGE_AID, PACKAGE]
            card.cut_power_at(0)
            assert sorted(aids(card)) == sorted(expected)
            assert opportunity > 1
            return
        except TransportError:
            card.reset()
        issuer = client(card).registry().issuer_domain
        assert issuer is not None
        assert (PROBE in aids(card)) != bool(issuer.privileges & 0x040000), "Card Reset is where it belongs"
        assert QUIET in aids(card), "what was not begun is not done"
        assert is_whole(card)


def test_during_a_command_of_the_applet(tmp_path: Path) -> None:
    """At each of its moments: all of what it notes in a transaction, or nothing."""
    made, seen = make_card(), []
    assert Session.open(made).install(PROBE) == 0x9000
    for opportunity, card in whole_cards(made, tmp_path):
        assert select(card, PROBE).ok
        assert send(card, "80 0B 00 00 04 00000000").ok
        card.cut_power_at(opportunity)
        try:
            assert send(card, "80 0B 00 00 04 01020304").ok
            break
        except TransportError:
            card.simulated.save(tmp_path / "card.json")
        for survivor in (restore_card(tmp_path / "card.json"), card):
            survivor.reset()
            assert select(survivor, PROBE).ok
            seen.append(send(survivor, "80 0C 00 00 00").data)
    assert seen == sorted(seen)
    assert set(seen) == {bytes(8), bytes((1, 2, 3, 4, 0, 0, 0, 0))}


# -- the last write decides -------------------------------------------------------------------------------------------


def cards_cut(prepare: Callable[[LabCard], Callable[[], object]], *, loaded: bool = True) -> Iterator[LabCard]:
    """Cards that lost power right after each write of a command of the card manager, each reset."""
    for write in count(1):
        card = make_card(loaded=loaded)
        if Feature.WRITE_TEARS not in card.simulated.backend.capabilities:
            pytest.skip("this runtime does not cut the power after a write")
        command = prepare(card)
        card.cut_power_at(write, TornCell.NEW)
        try:
            command()
        except TransportError:
            card.reset()
            yield card
            continue
        assert write > 1
        return


def test_an_installation_that_nobody_answered_is_done_or_not() -> None:
    """The registry says what the runtime has: an instance that is there can be selected, and deleted."""

    def prepare(card: LabCard) -> Callable[[], object]:
        session = Session.open(card)
        return lambda: session.install(PROBE, privileges=b"\x04")

    there = []
    for card in cards_cut(prepare):
        there.append(PROBE in aids(card))
        issuer = client(card).registry().issuer_domain
        assert issuer is not None
        assert there[-1] != bool(issuer.privileges & 0x040000), "Card Reset is where it belongs"
        assert is_whole(card)
    assert there == [False] * (len(there) - 1) + [True]


def test_loading_that_nobody_answered_is_done_or_not() -> None:
    def prepare(card: LabCard) -> Callable[[], object]:
        session = Session.open(card)
        block = executable().data_block
        assert announce(session) == 0x9000
        *first, last = pieces(load_file(block))
        for number, piece in enumerate(first):
            assert session.send(0xE8, 0, number, piece).ok
        return lambda: session.send(0xE8, 0x80, len(first), last)

    there = []
    for card in cards_cut(prepare, loaded=False):
        there.append(PACKAGE in aids(card))
        session, free = Session.open(card), card.simulated.free_memory
        assert session.delete(PACKAGE) == (0x9000 if there[-1] else 0x6A82)
        assert load(session, executable().data_block) == 0x9000
        assert (card.simulated.free_memory == free) is there[-1], "what is there takes as much as what was answered"
        assert session.install(PROBE) == 0x9000
        assert select(card, PROBE).ok
    assert there == [False] * (len(there) - 1) + [True]


def test_deletion_of_a_package_that_nobody_answered_is_done_or_not() -> None:
    def prepare(card: LabCard) -> Callable[[], object]:
        session = Session.open(card)
        return lambda: session.delete(PACKAGE)

    there = []
    for card in cards_cut(prepare):
        there.append(PACKAGE in aids(card))
        session = Session.open(card)
        if not there[-1]:
            assert load(session, executable().data_block) == 0x9000
        assert session.install(PROBE) == 0x9000
        assert select(card, PROBE).ok
    assert set(there) == {False}, "its first write decides"
