"""What the API writes past a transaction stays, whatever becomes of it (Java Card API 3.0.5, Util)."""

from __future__ import annotations

from itertools import count

import pytest

from cardlab.errors import TransportError
from cardlab.iso7816.status import SW
from cardlab.runtime.feature import Feature
from tests.conformance.cards import Limits, RuntimeCard
from tests.conformance.conftest import MakeCard
from tests.conformance.test_transactions import TELL_COPIED, THROW, cut, program, run

NEEDS = frozenset((Feature.APPLETS, Feature.TRANSACTIONS, Feature.NON_ATOMIC, Feature.WRITE_TEARS))
NEW = b"\x07" * 8
COPY, FILL = "d", "e"


@pytest.fixture
def card(make_card: MakeCard) -> RuntimeCard:
    card = make_card("Transactions")
    card.start("Transactions")
    return card


@pytest.mark.parametrize("step", [COPY, FILL])
@pytest.mark.parametrize("ending", [("A",), (), (THROW,), ("C",)])
def test_it_stays_when_the_transaction_is_rolled_back(card: RuntimeCard, step: str, ending: tuple[str, ...]) -> None:
    run(card, "B", (step, 7), *ending)
    assert card.ask(TELL_COPIED) == NEW


@pytest.mark.parametrize("step", [COPY, FILL])
def test_a_power_cut_leaves_a_beginning_of_it(card: RuntimeCard, step: str) -> None:
    """Every cell is written by itself, in the transaction and outside."""
    for steps in ((("B", (step, 7), "C")), ((step, 7),)):
        seen = []
        for opportunity in count(1):
            assert run(card, (FILL, 0)) == SW.OK
            if not cut(card, opportunity, program(*steps)):
                break
            card.reset()
            card.select("Transactions")
            seen.append(card.ask(TELL_COPIED))
        beginnings = [NEW[:done].ljust(8, b"\x00") for done in range(8)]
        assert [one for one in beginnings if one in seen] == beginnings
        assert seen == sorted(seen)
        assert card.ask(TELL_COPIED) == NEW


@pytest.mark.parametrize("step", [COPY, FILL])
def test_it_takes_no_place_in_the_commit_buffer(make_card: MakeCard, step: str) -> None:
    """As often as one likes."""
    card = make_card("Transactions", limits=Limits(commit=128))
    card.start("Transactions")
    assert run(card, "B", *[(step, value) for value in range(60)], "C") == SW.OK


def test_objects_that_are_deleted_on_request_are_torn_as_well(make_card: MakeCard) -> None:
    """JCRE 3.0.5, 8: what the card does after the command belongs to it; cut anywhere, the applet goes on."""
    for write in count(1):
        card = make_card("Memory")
        card.start("Memory")
        assert card.ask(0x02, p2=200) == b""
        card.runtime.cut_power_at(write)
        try:
            assert card.send(0x05).ok
        except TransportError:
            card.reset()
            card.select("Memory")
            assert card.ask(0x02, p2=100) == b""
            continue
        assert write > 2, "the reference, and what the card does about the object"
        assert write == card.runtime.power_cut_opportunities() + 1
        return
