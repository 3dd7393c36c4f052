"""The buffer in which certificates arrive, which no command reads out.

A cut in the middle of overwriting it leaves thousands of states that differ in nothing else. They are one to every
command, so one of them is looked at as a whole, and some more that are drawn; of all it is asked what is in the buffer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from jpki.client.constants import Slot
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.heap import applet_object

CAPACITY = 2048  # bytes, CertificateFile.CAPACITY


@dataclass(frozen=True, slots=True)
class Staging:
    """Where the buffer is. ``field``: the address of the reference to it; ``buffers``: of all that it may be."""

    field: int
    buffers: Mapping[int, int]

    @classmethod
    def of(cls, jpki: JpkiCard) -> Staging:
        """On a card whose applet is selected; it stays there, as the applet makes no objects after installation."""
        applet = applet_object(jpki.card.simulated)
        loader = applet.field("loader")
        slots = [applet.field(slot.name.lower()) for slot in Slot]
        files = [slot.field(name).target("content") for slot in slots for name in ("certificate", "caCertificate")]
        buffers = {one.reference: one.address for one in (loader.target("staging"), *files)}
        return cls(loader.place("staging"), buffers)

    def content(self, memory: bytes) -> bytes:
        """What is in the buffer."""
        at = self._address(memory)
        return memory[at : at + CAPACITY]

    def digest_without(self, memory: bytes) -> bytes:
        """Of all memory but the buffer."""
        at = self._address(memory)
        return hashlib.sha256(memory[:at] + bytes(CAPACITY) + memory[at + CAPACITY :]).digest()

    def _address(self, memory: bytes) -> int:
        return self.buffers[int.from_bytes(memory[self.field : self.field + 2], "big")]
