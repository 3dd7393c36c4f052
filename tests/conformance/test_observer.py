"""Events while applets run: each runtime tells the kinds that it says it can."""

from __future__ import annotations

import pytest

from cardlab.errors import UsageError
from cardlab.runtime.backend import Backend
from cardlab.runtime.feature import Feature
from cardlab.runtime.observer import Event, EventKind
from tests.conformance.cards import RuntimeCard, module_aid
from tests.conformance.conftest import MakeCard
from tests.conformance.test_transactions import PROGRAMMING_ERROR, THROW, run

NEEDS = frozenset((Feature.APPLETS, Feature.TEARS))


@pytest.fixture
def card(make_card: MakeCard) -> RuntimeCard:
    card = make_card("Selection", "Transactions")
    card.install("Selection")
    card.start("Transactions")
    return card


def observed(card: RuntimeCard, kind: EventKind) -> list[Event]:
    """What is told from now on."""
    if kind not in card.backend.tells:
        pytest.skip(f"{card.backend.name} tells no {kind.name}")
    events: list[Event] = []
    card.runtime.observe(events.append, [kind])
    return events


def test_selection(card: RuntimeCard) -> None:
    events = observed(card, EventKind.SELECTION)
    card.select("Selection")
    assert [(one.instance, one.what) for one in events] == [
        (module_aid("Transactions"), "deselected"),
        (module_aid("Selection"), "selected"),
    ]


def test_exceptions_that_leave_the_applet(card: RuntimeCard) -> None:
    events = observed(card, EventKind.EXCEPTION)
    run(card, ("w", 1))
    assert events == []
    run(card, THROW)
    run(card, PROGRAMMING_ERROR)
    assert [one.instance for one in events] == [module_aid("Transactions")] * 2
    assert "ISOException" in events[0].what


def test_persistent_writes_are_the_opportunities_for_power_cuts(card: RuntimeCard) -> None:
    events = observed(card, EventKind.PERSISTENT_WRITE)
    run(card, "B", ("w", 1), "C")
    count = card.runtime.power_cut_opportunities()
    assert [one.number for one in events] == list(range(1, count + 1))
    assert count > 0


def test_nobody_listens_any_more(card: RuntimeCard) -> None:
    events = observed(card, EventKind.SELECTION)
    card.runtime.observe(None, ())
    card.select("Selection")
    assert events == []


def test_an_error_of_the_observer_comes_out(card: RuntimeCard) -> None:
    observed(card, EventKind.SELECTION)

    def broken(event: Event) -> None:
        raise ZeroDivisionError("observer")

    card.runtime.observe(broken, [EventKind.SELECTION])
    with pytest.raises(ZeroDivisionError):
        card.select("Selection")
    card.runtime.observe(None, ())
    assert card.select("Selection").ok


def test_what_a_runtime_cannot_tell_is_refused_by_name(backend: Backend, card: RuntimeCard) -> None:
    for kind in set(EventKind) - backend.tells:
        with pytest.raises(UsageError, match=kind.name):
            card.runtime.observe(print, [kind])
