"""Simulated cards that live in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.kept import KeptCard, hold_card
from cardlab.locking import Hold
from cardlab.runtime.interface import Media
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.transport import Transport

OnCard = Callable[[Transport], Transport]


class CardDrawer:
    """Opens cards from files, each once, and saves them: after each command, or when they are put away.

    A card's file is held from then on. Whoever opens one gets BusyError while another process has it.
    """

    def __init__(self, classes: Callable[[], ClassLibrary], *, durable: bool, layer: OnCard | None = None) -> None:
        """``classes`` is asked for when the first card is opened; ``layer`` puts something on each card, as a log."""
        self._classes = classes
        self._durable = durable
        self._layer = layer or (lambda lower: lower)
        self._open: dict[Path, SimulatedCard] = {}
        self._lent: dict[Path, Transport] = {}
        self._held: dict[Path, Hold] = {}

    def put_in(self, card: SimulatedCard, path: Path) -> None:
        """A new card."""
        self._hold(path)
        card.save(path)
        self._open[path] = card

    def lend(self, path: Path, card: Transport) -> None:
        """A card of somebody else's, for as long as this drawer is open; nothing is saved or closed."""
        path.touch()
        self._lent[path] = card

    def take(self, path: Path, media: Media = Media.CONTACT) -> Transport:
        """A card, powered on."""
        if path in self._lent:
            return self._lent[path]
        card = self.simulated(path, media)
        return self._layer(KeptCard(card, path) if self._durable else card)

    def simulated(self, path: Path, media: Media = Media.CONTACT) -> SimulatedCard:
        """The card itself, for those who look at it from outside."""
        if path not in self._open:
            self._hold(path)
            self._open[path] = SimulatedCard.restore(path, media=media, classes=self._classes())
        elif self._open[path].media is not media:
            self._open[path].reset(media)
        return self._open[path]

    def se_id(self, path: Path) -> bytes | None:
        """Who a card that is open says it is; None for one that is lent."""
        return self._open[path].se_id if path in self._open else None

    def throw_away(self, path: Path) -> None:
        """One whose owner did not come in; nothing happens when there is none."""
        if (card := self._open.pop(path, None)) is not None:
            card.close()
        if (held := self._held.pop(path, None)) is not None:
            held.close()

    def save(self) -> None:
        """Write every card that is open."""
        for path, card in self._open.items():
            card.save(path)

    def close(self) -> None:
        """Put everything away."""
        try:
            if not self._durable:
                self.save()
        finally:
            for card in self._open.values():
                card.close()
            self._open.clear()
            for held in self._held.values():
                held.close()
            self._held.clear()

    def _hold(self, path: Path) -> None:
        if path not in self._held:
            self._held[path] = hold_card(path)
