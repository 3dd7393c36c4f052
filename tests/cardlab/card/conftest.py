"""The card manager's tests run on the cards that ``--card`` names, where these can be made to measure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cardlab.pytest_plugin import CardSource
from tests.cardlab.card.bench import Bench, Originals

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test has a card with a configuration of its own, and most look at its state or its memory."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.needs("inside"))


@pytest.fixture(scope="session")
def originals() -> Originals:
    """What cards are copied from."""
    return {}


@pytest.fixture(autouse=True)
def bench(card_source: CardSource, originals: Originals) -> Iterator[None]:
    """Where a test's cards are."""
    with Bench(card_source, originals).in_use():
        yield
