"""Runs each test on every runtime that has the capabilities its module needs, and hands out cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import pytest

from cardlab.runtime import known
from cardlab.runtime.backend import Backend
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.feature import Feature
from cardlab.toolchain.executable import Executable
from tests.conformance.cards import SEED, TRANSLATED, FakeServices, Limits, RuntimeCard
from tests.conformance.toy import TOY


class MakeCard(Protocol):
    """``make_card("Name", …)``: a card with these applets loaded, not installed."""

    def __call__(
        self,
        *names: str,
        seed: bytes = SEED,
        limits: Limits | None = None,
        services: FakeServices | None = None,
        choices: PlatformChoices | None = None,
        also: Sequence[Executable] = (),
    ) -> RuntimeCard: ...


def pytest_configure(config: pytest.Config) -> None:
    """The marker of what only a runtime shows that executes what was loaded (test_hidden.py)."""
    config.addinivalue_line("markers", "hidden_by_class_files(reason): red on runtimes that execute class files")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that no runtime could run is an error: it would never say anything."""
    if "backend" not in metafunc.fixturenames:
        return
    needs: frozenset[Feature] = metafunc.module.NEEDS
    able = [one for one in (*known().values(), TRANSLATED, TOY) if needs <= one.capabilities]
    if not able:
        raise pytest.UsageError(f"{metafunc.module.__name__}: no runtime has {', '.join(one.name for one in needs)}")
    ids = ["vm-translated" if one is TRANSLATED else one.name for one in able]
    metafunc.parametrize("backend", able, ids=ids, scope="session")


@pytest.fixture(scope="session")
def make_card_always(backend: Backend) -> MakeCard:
    """As ``make_card``, for property tests, which make many cards in one test and drop them."""

    def make(
        *names: str,
        seed: bytes = SEED,
        limits: Limits | None = None,
        services: FakeServices | None = None,
        choices: PlatformChoices | None = None,
        also: Sequence[Executable] = (),
    ) -> RuntimeCard:
        return RuntimeCard(backend, *names, seed=seed, limits=limits, services=services, choices=choices, also=also)

    return make


@pytest.fixture
def make_card(make_card_always: MakeCard) -> Iterator[MakeCard]:
    """Makes cards that are closed at the end of the test."""
    made: list[RuntimeCard] = []

    def make(
        *names: str,
        seed: bytes = SEED,
        limits: Limits | None = None,
        services: FakeServices | None = None,
        choices: PlatformChoices | None = None,
        also: Sequence[Executable] = (),
    ) -> RuntimeCard:
        made.append(make_card_always(*names, seed=seed, limits=limits, services=services, choices=choices, also=also))
        return made[-1]

    yield make
    for card in made:
        card.runtime.close()
