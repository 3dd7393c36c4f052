"""The reader of a simulated card that speaks T=0: makes messages of commands, fetches answers, corrects lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardlab.transport import Layer, Transport
from cardlab.transport.t0 import transmit_t0

if TYPE_CHECKING:
    from cardlab.card.card import SimulatedCard


class Terminal(Layer):
    """APDUs for clients above, T=0 messages for the card below as long as it is reached by contacts."""

    def __init__(self, card: SimulatedCard) -> None:
        super().__init__(card)
        self._card = card

    def transmit(self, command: bytes) -> bytes:
        if self._card.needs_t0_terminal:
            return transmit_t0(self._card.transmit, command)
        return self._card.transmit(command)


def in_terminal(card: Transport) -> Transport:
    """The card itself; or with a reader, as a PC/SC one has it, when it is a simulated one that needs it."""
    from cardlab.card.card import SimulatedCard

    if isinstance(card, SimulatedCard) and card.config.platform.delivers_in_parts:
        return Terminal(card)
    return card
