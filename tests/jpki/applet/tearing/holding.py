"""Holds a command back that a client would send, for scenes whose command comes after others of the same client."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from cardlab.transport import Layer, Transport


class _HeldError(Exception):
    """The command was not sent."""


class _Holding(Layer):
    """Passes everything on up to the command with this INS and these bits in P1, which it keeps."""

    def __init__(self, lower: Transport, ins: int, p1: int) -> None:
        super().__init__(lower)
        self._ins, self._p1 = ins, p1
        self.held = b""

    def transmit(self, command: bytes) -> bytes:
        if command[1] == self._ins and command[2] & self._p1 == self._p1:
            self.held = command
            raise _HeldError
        return super().transmit(command)


def held(lower: Transport, ins: int, p1: int, work: Callable[[Transport], object]) -> bytes:
    """The first command with this INS and these bits in P1 that ``work`` would send; what comes before it is sent."""
    holding = _Holding(lower, ins, p1)
    with suppress(_HeldError):
        work(holding)
    assert holding.held, "the command did not come"
    return holding.held
