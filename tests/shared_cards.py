"""Cards that several tests share stay as they were: a test that writes to one fails. Each takes a fork of its own.

Looked at is persistent memory of virtual machines in what fixtures of a wider scope than a test give.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any

import pytest

_LEFT_AS_THEY_WERE = ("tests/cardlab/pytest_plugin/test_real_cards.py::lab",)
"""Stands for a customer's card: what runs on it leaves counters behind, and the tests look at what it leaves."""
_DEEPEST, _MOST = 4, 20
"""How far cards are looked for in what a fixture gives: in its attributes and theirs, and in so many of a list."""


class SharedCards:
    """Knows the shared fixtures that are there now, their cards, and what these held when they were made."""

    def __init__(self) -> None:
        self._cards: dict[str, list[tuple[Any, bytes]]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Remember the cards of a shared fixture as they are when it has been made."""
        value = yield
        name = _name(fixturedef)
        if fixturedef.scope != "function" and name not in _LEFT_AS_THEY_WERE and (found := list(machines(value))):
            self._cards[name] = [(one, memory(one)) for one in found]
        return value

    @pytest.hookimpl
    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """It is gone."""
        self._cards.pop(_name(fixturedef), None)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Look at all of them when a test is over; what it changed is what the next ones are given."""
        outcome = yield
        for name, cards in self._cards.items():
            for place, (card, before) in enumerate(cards):
                if (now := memory(card)) != before:
                    cards[place] = card, now
                    pytest.fail(f"{item.nodeid} wrote to the card of the shared fixture {name}: fork it", pytrace=False)
        return outcome


def machines(value: object, depth: int = 0) -> Iterator[Any]:
    """The virtual machines in what a fixture gives, each once."""
    if "cardlab.runtime.vm.adapter" not in sys.modules or depth > _DEEPEST:
        return
    if hasattr(type(value), "persistentMemory"):
        yield value
    elif isinstance(value, dict):
        for one in islice(value.values(), _MOST):
            yield from machines(one, depth + 1)
    elif isinstance(value, list | tuple):
        for one in value[:_MOST]:
            yield from machines(one, depth + 1)
    elif type(value).__module__.startswith(("tests", "cardlab", "jpki")):
        for name in (*getattr(value, "__dict__", ()), *getattr(type(value), "__slots__", ())):
            yield from machines(getattr(value, name, None), depth + 1)


def memory(machine: Any) -> bytes:
    """A digest of its persistent memory."""
    return sha256(bytes(machine.persistentMemory())).digest()


def _name(fixturedef: pytest.FixtureDef[Any]) -> str:
    return f"{fixturedef.baseid}::{fixturedef.argname}"
