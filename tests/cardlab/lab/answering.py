"""A card that answers everything, and a runner, for tests of what cannot be done."""

from __future__ import annotations

from typing import NoReturn

from cardlab.lab.kind import CardOrder, SupplyOptions
from cardlab.transport import Layer

LACKS = "^this kind of card lacks "
ORDER = CardOrder("test_it", 1, None, 1)


class SkippedError(Exception):
    """The test is left out."""


class People:
    """A runner that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, line: str) -> None:
        self.told.append(line)

    def skip(self, reason: str) -> NoReturn:
        raise SkippedError(reason)

    def end(self, reason: str, exit_code: int) -> NoReturn:
        raise AssertionError(reason)


OPTIONS = SupplyOptions(People())


class Answering(Layer):
    """A card that answers every command with 9000, in a reader."""

    atr = b"\x3b\x80\x80\x01\x01"
    reader = "a reader"

    def __init__(self) -> None:
        """There is nothing below."""

    def transmit(self, command: bytes) -> bytes:
        return b"\x90\0"

    def reset(self) -> bytes:
        return self.atr

    def close(self) -> None:
        """Nothing is open."""
