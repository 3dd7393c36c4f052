"""A card that does nothing but remember and answer: for tests of what is between a program and its card."""

from __future__ import annotations


class EchoCard:
    """A transport: keeps the last command and gives the answer it was told to give."""

    ATR = bytes.fromhex("3BE000FF8131FE4514")  # T=1

    def __init__(self, atr: bytes = ATR) -> None:
        self.atr = atr
        self.answer = b"\x90\x00"
        self.last = b""
        self.resets = 0

    def transmit(self, command: bytes) -> bytes:
        """Remember it."""
        self.last = command
        return self.answer

    def reset(self) -> bytes:
        """Count it."""
        self.resets += 1
        return self.atr

    def close(self) -> None:
        """Nothing to let go of."""
