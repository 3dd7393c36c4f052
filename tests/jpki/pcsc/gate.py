"""A card that stops in the middle of a command until it is let go: for what happens meanwhile."""

from __future__ import annotations

import threading

from cardlab.transport import Layer, Transport
from tests.waiting import PATIENCE


class Gate(Layer):
    """Holds every command with one instruction byte: ``held`` is set, and nothing happens until ``let_go`` is."""

    def __init__(self, lower: Transport, ins: int) -> None:
        super().__init__(lower)
        self._ins = ins
        self.held = threading.Event()
        self.let_go = threading.Event()

    def transmit(self, command: bytes) -> bytes:
        if command[1] == self._ins:
            self.held.set()
            assert self.let_go.wait(PATIENCE)
        return self._lower.transmit(command)
