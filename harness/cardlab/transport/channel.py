"""Logical channels from the terminal's side (ISO/IEC 7816-4:2020, 5.4 and 11.1.2)."""

from __future__ import annotations

from contextlib import suppress
from typing import Self

from cardlab.errors import CardError, TransportError
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.classes import class_on
from cardlab.iso7816.status import SW, check
from cardlab.transport import Layer, Transport, exchange

_CLA_ISO, _INS_MANAGE_CHANNEL = 0x00, 0x70
_P1_OPEN, _P1_CLOSE = 0x00, 0x80
_HINT = "close another channel first, or choose a card that has more (platform choice channels)"


class LogicalChannel(Layer):
    """A card on one of its further logical channels: commands get its number into their class byte.

    It is below a secure channel, whose C-MAC knows nothing of channels (Amendment D 6.2.4). Leaving the ``with`` block
    closes the channel and leaves the card open; a reset closes it as well.
    """

    def __init__(self, lower: Transport, number: int) -> None:
        super().__init__(lower)
        self.number = number

    @classmethod
    def open(cls, card: Transport, number: int | None = None) -> Self:
        """Open the channel of this number, 1 to 19, or the first that is free (MANAGE CHANNEL).

        Raises UnexpectedStatusError when the card has no such channel, or none that is free.
        """
        wanted = number or 0
        command = CommandApdu(_CLA_ISO, _INS_MANAGE_CHANNEL, _P1_OPEN, wanted, le=None if wanted else 1)
        response = check(exchange(card, command), "MANAGE CHANNEL (open)", hint=_HINT)
        if wanted:
            return cls(card, wanted)
        if len(response.data) != 1:
            raise CardError(
                f"MANAGE CHANNEL answered {len(response.data)} bytes, a channel's number is one", hint=_HINT
            )
        return cls(card, response.data[0])

    def transmit(self, command: bytes) -> bytes:
        """Send a command of the basic channel on this one; ValueError when its class names a channel itself."""
        return self._lower.transmit(bytes((class_on(command[0], self.number),)) + command[1:])

    def close(self) -> None:
        """Close the channel; the card stays as it is otherwise. Safe to call twice, and after a reset."""
        command = CommandApdu(_CLA_ISO, _INS_MANAGE_CHANNEL, _P1_CLOSE, self.number)
        with suppress(TransportError):  # a card without power has no channel open
            check(exchange(self._lower, command), "MANAGE CHANNEL (close)", SW.WARNING)
