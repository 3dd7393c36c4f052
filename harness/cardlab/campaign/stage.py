"""A card that is about to do one command: what campaigns that disturb commands begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cardlab.card.card import SimulatedCard
from cardlab.errors import TransportError
from cardlab.transport import MuteError


class Ready(Protocol):
    """A card that is about to do a command. Who makes such cards is called a *stage*."""

    @property
    def simulated(self) -> SimulatedCard:
        """The card itself."""

    def command(self) -> object:
        """Send the command: one APDU. Status words other than 9000 are no matter."""

    def recover(self) -> object:
        """Reset the card and select the applet, as after a power cut."""

    def close(self) -> None:
        """Let go of the card."""


def loses_power(work: Callable[[], object]) -> bool:
    """Whether the power was cut before it was done."""
    try:
        work()
    except MuteError:
        raise
    except TransportError:
        return True
    return False
