"""A simulated card that lives in its state file, so that it can be used like one in a reader."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from cardlab.card.card import SimulatedCard
from cardlab.card.terminal import in_terminal
from cardlab.files import remove_leftovers
from cardlab.locking import Hold, hold_file
from cardlab.runtime.cost import Cost
from cardlab.runtime.interface import Media
from cardlab.transport import Layer

_WAIT = 3.0  # seconds for another process's use of a card: a command takes one or two, a card that is served longer


def hold_card(path: Path) -> Hold:
    """A card's file for this process alone: two would each go on with a card of their own.

    What a killed process left of its last attempt to write it, keys too, is removed. Raises BusyError when another
    process has it and does not let go of it within 3 s.
    """
    held = hold_file(path, wait=_WAIT)
    remove_leftovers(path)
    return held


class KeptCard(Layer):
    """Writes the card to its file after each command, before anybody gets the answer: what was answered has happened.

    So the process may die at any moment. The file has to be held, with ``hold_card``; closing lets go of ``held``.
    """

    def __init__(self, card: SimulatedCard, path: Path, held: Hold | None = None) -> None:
        super().__init__(in_terminal(card))
        self._card = card
        self._path = path
        self._held = held

    @classmethod
    def open(
        cls, path: Path, *, media: Media = Media.CONTACT, runtime: str | None = None, classes: object = None
    ) -> Self:
        """The card in a file, powered on, and held for this process.

        Raises UsageError without the file, IntegrityError when it is damaged, BusyError when another process has it.
        """
        held = hold_card(path)
        try:
            return cls(SimulatedCard.restore(path, media=media, runtime=runtime, classes=classes), path, held)
        except BaseException:
            held.close()
            raise

    def keep_cost(self, *, wanted: bool = True) -> None:
        """See SimulatedCard.keep_cost."""
        self._card.keep_cost(wanted=wanted)

    def cost(self) -> Cost:
        """See SimulatedCard.cost."""
        return self._card.cost()

    def transmit(self, command: bytes) -> bytes:
        response = self._lower.transmit(command)
        self._card.save(self._path)
        return response

    def close(self) -> None:
        super().close()
        if self._held is not None:
            self._held.close()
