"""Cards that a test asks for again and again, as every example of a property test does: made twice, then copied."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.lab.source import CardSource
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.handle import Card
from cardlab.pytest_plugin.made import Made
from cardlab.transport.secrets import Secrets


@dataclass(frozen=True, slots=True)
class Asked:
    """All that decides what a card is like when a test gets it: those that are asked for alike are alike to the bit."""

    applets: tuple[Applet, ...]
    blank: bool
    seed: int
    made: Made
    secrets: Secrets


class Again:
    """The cards that the test which runs now asked for.

    One that is asked for a second time is kept as it was made, where cards can be copied, and later ones are copies of
    it. What is random on a copy is what would be random on a card made anew, for both come from one seed.
    """

    def __init__(self, source: CardSource) -> None:
        self._source = source
        self._once: list[Asked] = []
        self._kept: list[tuple[Asked, Card]] = []

    def begin(self) -> None:
        """Another test starts, whose cards are its own."""
        for _, card in self._kept:
            card.close()
        self._once, self._kept = [], []

    def copy(self, asked: Asked) -> Card | None:
        """A copy of a card that was made, if there is one to be copied."""
        kept = next((card for known, card in self._kept if known == asked), None)
        return None if kept is None else self._copied(kept)

    def made(self, asked: Asked, card: Card) -> None:
        """Such a card was made, and nothing was sent to it yet but what makes it."""
        if asked not in self._once:
            self._once.append(asked)
        elif self._source.can_fork:
            self._kept.append((asked, self._copied(card)))

    def _copied(self, card: Card) -> Card:
        return card.on(self._source.fork(card.lower), card.history.again())
