"""Where bytes go. One interface, ``Transport``; everything between a client and a card is a layer of the same shape."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cardlab.closing import Closing
from cardlab.errors import TransportError
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu


class MuteError(TransportError):
    """The card does not answer because of what it executes: only a reset helps. Its power was not cut."""


class Transport(Protocol):
    """A card that can be reached: bytes in, bytes out.

    ``transmit`` takes a whole command APDU and returns a whole response APDU (data and two status bytes). It raises
    TransportError when the card cannot be reached, never for what the card answers.
    """

    @property
    def atr(self) -> bytes:
        """The card's answer to reset (ISO/IEC 7816-3:2006, 8)."""

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU and return the response APDU."""

    def reset(self) -> bytes:
        """Reset the card (volatile state is lost, persistent state stays) and return its ATR."""

    def close(self) -> None:
        """Power the card off and let go of it; safe to call twice."""


@runtime_checkable
class Explaining(Protocol):
    """A card, or a layer above it, that knows more than a status word says."""

    def explain(self) -> str:
        """Why the last command was refused, in words for people; empty when nobody knows."""


class Layer(Closing):
    """A transport on top of another one; passes everything on. Subclasses change what they are for."""

    def __init__(self, lower: Transport) -> None:
        self._lower = lower

    @property
    def atr(self) -> bytes:
        return self._lower.atr

    def transmit(self, command: bytes) -> bytes:
        return self._lower.transmit(command)

    def reset(self) -> bytes:
        return self._lower.reset()

    def explain(self) -> str:
        """Why the last command was refused, if the card below knows."""
        return self._lower.explain() if isinstance(self._lower, Explaining) else ""

    def close(self) -> None:
        self._lower.close()


def exchange(transport: Transport, command: CommandApdu) -> ResponseApdu:
    """Send one command and parse what comes back."""
    return ResponseApdu.from_bytes(transport.transmit(command.to_bytes()))
