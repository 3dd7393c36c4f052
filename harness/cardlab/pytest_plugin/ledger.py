"""The cards that tests were given, so that a failure can show what happened on them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from cardlab.errors import UsageError
from cardlab.pytest_plugin.handle import Card

_OPEN_CARDS = 32


@dataclass(frozen=True, slots=True)
class _Issued:
    card: Card
    test: str
    example: bool  # opened inside an example of a Hypothesis test


class Ledger:
    """Knows every open card, and the closed ones of the test that runs now."""

    def __init__(self) -> None:
        self.test = ""
        self._issued: list[_Issued] = []

    def begin(self, test: str) -> None:
        """Another test starts: cards that are still open belong to a wider fixture, the others are forgotten."""
        self.test = test
        self._issued = [one for one in self._issued if one.card.is_open]

    @property
    def next_number(self) -> int:
        """How many cards of this test are open; raises UsageError when they are too many to be meant."""
        count = sum(one.card.is_open and one.test == self.test for one in self._issued)
        if count >= _OPEN_CARDS:
            raise UsageError(
                f"{count} cards of this test are open at once", hint="close them: `with card_factory() as card:`"
            )
        return count

    def issue(self, card: Card) -> None:
        """A test got a card. Only the last example of a Hypothesis test is of interest: the one that failed."""
        example = _in_example()
        if example:
            self._issued = [one for one in self._issued if one.card.is_open or not one.example]
        self._issued.append(_Issued(card, self.test, example))

    def lines(self, *, show_secrets: bool) -> Iterator[str]:
        """What happened on these cards."""
        for one in self._issued:
            yield from one.card.history.lines(show_secrets=show_secrets)

    def close(self) -> None:
        """Close every card."""
        for one in self._issued:
            one.card.close()
        self._issued.clear()


def _in_example() -> bool:
    hypothesis = sys.modules.get("hypothesis")
    return hypothesis is not None and bool(hypothesis.currently_in_test_context())
