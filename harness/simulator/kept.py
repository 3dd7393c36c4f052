"""A simulated card that lives in its state file, so that it can be used like one in a reader."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from harness.simulator.card import SimulatedCard
from harness.simulator.runtime import Media
from harness.transport import Layer


class KeptCard(Layer):
    """Writes the card to its file after each command, before anybody gets the answer: what was answered has happened.

    So the process may die at any moment. One program at a time: two would each go on with a card of their own.
    """

    def __init__(self, card: SimulatedCard, path: Path) -> None:
        super().__init__(card)
        self._card = card
        self._path = path

    @classmethod
    def open(cls, path: Path, *, media: Media = Media.CONTACT_T1) -> Self:
        """The card in a file, powered on; raises UsageError without the file, IntegrityError when it is damaged."""
        return cls(SimulatedCard.restore(path, media=media), path)

    def transmit(self, command: bytes) -> bytes:
        response = self._lower.transmit(command)
        self._card.save(self._path)
        return response
