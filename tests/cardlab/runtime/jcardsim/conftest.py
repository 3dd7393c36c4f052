"""Cards on jCardSim, with the test applets of the conformance suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cardlab.runtime.backend import Backend
from cardlab.runtime.jcardsim import BACKEND
from tests.cardlab.runtime.jcardsim.raw import RawJCardSim
from tests.conformance import cards
from tests.conformance.cards import RuntimeCard
from tests.conformance.conftest import MakeCard, make_card, make_card_always

__all__ = ["MakeCard", "make_card", "make_card_always"]


@pytest.fixture(scope="session")
def backend() -> Backend:
    return BACKEND


@pytest.fixture(scope="session")
def applet_folder() -> Path:
    """Where the compiled test applets are."""
    return cards.applet_folder()


@pytest.fixture(scope="session")
def classes() -> Mapping[str, bytes]:
    """The class files of the test applets by binary name."""
    return cards.classes()


@pytest.fixture(scope="session")
def raw_jcardsim(applet_folder: Path) -> RawJCardSim:
    """JCardSim without anything of ours."""
    return RawJCardSim(applet_folder)


@pytest.fixture
def empty(make_card: MakeCard) -> Iterator[RuntimeCard]:
    """A card without packages."""
    yield make_card()
