"""A test that writes to a card that others share is noticed (tests/shared_cards.py)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cardlab.runtime.vm.classes import NATIVES
from tests.cardlab.runtime.vm.machines import Card, compiled, load_file
from tests.shared_cards import SharedCards, machines


@dataclass
class Holder:
    """What a fixture may give: a card some way in."""

    cards: dict[str, list[Card]]


@pytest.fixture
def card() -> Card:
    """A card with a package, and nothing installed."""
    made = Card.fresh(NATIVES)
    made.load(load_file(compiled("stringtest"), ["stringtest.Texts"])[0])
    return made


def shared(value: object, scope: str = "module") -> SharedCards:
    """The watcher when a fixture of this scope gave this."""
    watcher, fixture = SharedCards(), SimpleNamespace(scope=scope, baseid="tests/test_a.py", argname="given")
    step = watcher.pytest_fixture_setup(cast("pytest.FixtureDef[Any]", fixture), cast("pytest.FixtureRequest", None))
    next(step)
    with suppress(StopIteration):
        step.send(value)
    return watcher


def run(watcher: SharedCards, test: Any) -> None:
    """One test, as pytest calls it."""
    step = watcher.pytest_runtest_call(cast("pytest.Item", SimpleNamespace(nodeid="tests/test_a.py::test_it")))
    next(step)
    test()
    with suppress(StopIteration):
        step.send(None)


def test_cards_are_found_in_what_holds_them(card: Card) -> None:
    assert list(machines(Holder({"one": [card]}))) == [card.machine]
    assert list(machines((b"no card", 7, None))) == []


def test_who_writes_to_a_shared_card_is_told(card: Card) -> None:
    watcher = shared(Holder({"one": [card]}))
    with pytest.raises(pytest.fail.Exception, match=r"test_it wrote to the card of .*given: fork it"):
        run(watcher, lambda: card.install("Texts"))
    run(watcher, lambda: card.select("Texts"))  # the next one is not blamed for it


def test_forks_and_cards_of_one_test_may_be_written_to(card: Card) -> None:
    run(shared(card), lambda: Card(card.machine.fork(None)).install("Texts"))
    run(shared(card, "function"), lambda: card.install("Texts"))
