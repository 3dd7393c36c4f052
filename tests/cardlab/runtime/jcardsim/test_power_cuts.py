"""The opportunities for a power cut that this runtime knows, one by one (docs/reference/runtime.md)."""

from __future__ import annotations

import pytest

from cardlab.errors import TransportError
from cardlab.iso7816.status import SW
from tests.cardlab.runtime.jcardsim.raw import RawJCardSim
from tests.conformance.cards import Limits, RuntimeCard
from tests.conformance.conftest import MakeCard
from tests.conformance.test_transactions import (
    BUFFER_FULL,
    CAPACITY,
    CUT_PROGRAM,
    RUN,
    TELL,
    TELL_COPIED,
    State,
    run,
    state,
)


@pytest.fixture
def card(make_card: MakeCard) -> RuntimeCard:
    card = make_card("Transactions")
    card.start("Transactions")
    return card


# Opportunities in it: begin, before commit, after commit, PIN counted, begin, before commit, after commit.
AFTER_CUT = [
    State(1, 1),
    State(1, 1),
    State(2, 2, chain=(2,)),
    State(2, 2, chain=(2,), tries=4),
    State(2, 2, chain=(2,), tries=4),
    State(2, 2, chain=(2,), tries=4),
    State(3, 3, chain=(2,), tries=4),
]


@pytest.mark.parametrize(("opportunity", "expected"), list(enumerate(AFTER_CUT, 1)))
def test_a_cut_leaves_what_was_done_before_it(card: RuntimeCard, opportunity: int, expected: State) -> None:
    """B7, among others: the counter went down before the comparison, and stays down."""
    card.runtime.cut_power_at(opportunity)
    with pytest.raises(TransportError, match="torn"):
        card.send(RUN, CUT_PROGRAM)
    with pytest.raises(TransportError):
        card.send(TELL)
    with pytest.raises(TransportError):
        card.select("Transactions")
    card.reset()
    assert card.send(TELL).sw == SW.APPLET_SELECT_FAILED
    card.select("Transactions")
    assert state(card) == expected


def test_without_an_opportunity_nothing_is_cut(card: RuntimeCard) -> None:
    card.runtime.cut_power_at(len(AFTER_CUT) + 1)
    assert card.send(RUN, CUT_PROGRAM).ok
    assert card.send(RUN, CUT_PROGRAM).ok, "the cut was for one command only"
    card.runtime.cut_power_at(1)
    card.runtime.cut_power_at(0)
    assert card.send(RUN, CUT_PROGRAM).ok


HALF = b"\x07" * 4 + b"\x01" * 4


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("c", [b"\x01" * 8, b"\x07" * 8]),  # arrayCopy(): before and after, never in between
        ("d", [HALF]),  # arrayCopyNonAtomic()
        ("e", [HALF]),  # arrayFillNonAtomic()
    ],
)
def test_what_changes_an_array_outside_transactions_may_be_torn(
    make_card: MakeCard, step: str, expected: list[bytes]
) -> None:
    """Java Card API 3.0.4, Util: one of the three is atomic."""
    for opportunity, content in enumerate(expected, 1):
        card = make_card("Transactions")
        card.start("Transactions")
        assert run(card, ("c", 1)) == SW.OK
        card.runtime.cut_power_at(opportunity)
        with pytest.raises(TransportError):
            run(card, (step, 7))
        card.reset()
        card.select("Transactions")
        assert card.ask(TELL_COPIED) == content
    card.runtime.cut_power_at(len(expected) + 1)
    assert run(card, (step, 7)) == SW.OK
    assert card.ask(TELL_COPIED) == b"\x07" * 8


@pytest.mark.parametrize("step", ["c", "d", "e"])
def test_inside_a_transaction_copying_is_no_opportunity_of_its_own(card: RuntimeCard, step: str) -> None:
    """Begin, before commit, after commit: a cut in between undoes the same."""
    card.runtime.cut_power_at(4)
    assert run(card, "B", (step, 7), "C") == SW.OK
    assert card.ask(TELL_COPIED) == b"\x07" * 8


@pytest.mark.parametrize(("opportunity", "expected"), [(1, 1), (2, 1), (3, 5)])
def test_code_that_runs_on_after_the_cut_has_no_effect(card: RuntimeCard, opportunity: int, expected: int) -> None:
    """The applet writes in a finally block: on a card there is nothing left to run it."""
    run(card, ("w", 1))
    card.runtime.cut_power_at(opportunity)
    with pytest.raises(TransportError):
        run(card, ("f", 5))
    card.reset()
    card.select("Transactions")
    assert state(card).written == expected


def test_commit_capacity(make_card: MakeCard, raw_jcardsim: RawJCardSim) -> None:
    """BUFFER_FULL comes with the commit here, and leaves the transaction open, so that it is rolled back.

    JCardSim says 32,767 and knows no limit.
    """
    raw = raw_jcardsim.card("Transactions").send(CAPACITY).data
    assert raw == bytes.fromhex("7FFF7FFF")

    card = make_card("Transactions", limits=Limits(commit=256))
    card.start("Transactions")
    assert card.ask(CAPACITY) == (256).to_bytes(2, "big") + (236).to_bytes(2, "big")
    assert run(card, "B", ("l", 32), "C") == SW.OK
    assert run(card, "B", ("w", 1), ("l", 33), "C") == BUFFER_FULL
    assert state(card) == State(large=1)
