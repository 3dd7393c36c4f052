"""Simulated cards in virtual readers, reached through PC/SC as a real card is.

The run has a pcscd of its own. Server and cards live in the process of the tests, so what a lab does to a card from
outside can be done here too. Everything else passes through pcscd.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cardlab.card.card import SimulatedCard
from cardlab.errors import MissingDependencyError, TransportError, UsageError
from cardlab.globalplatform.key_source import TEST_KEYS
from cardlab.lab.capability import Capability
from cardlab.lab.kind import CardOrder
from cardlab.reader import VirtualReader
from cardlab.reader.daemon import PrivateDaemon, find_pcscd, find_vpcd
from cardlab.runtime.torn import TornCell
from cardlab.transport.pcsc import PcscTransport

if TYPE_CHECKING:
    from cardlab.globalplatform.scp03 import StaticKeys
    from cardlab.lab.rig import Rig
    from cardlab.runtime.interface import Media

_HEADER = 4  # bytes: CLA INS P1 P2
_SLOTS = 4  # cards at a time
_PATIENCE = 10.0  # seconds until a card must have been noticed; pcscd looks every 0.4 seconds
_PAUSE = 0.01
_BROKEN_OFF = b"\0"  # one byte: no response, but no silence either, after which pcscd would take the card for removed


class SimulatedSupply(Protocol):
    """Makes the simulated cards."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What they can do."""

    def open(self, order: CardOrder) -> SimulatedCard:
        """A new card."""

    def restore(self, image: Path, order: CardOrder) -> SimulatedCard:
        """The card in the file."""


class CardsInReaders:
    """A simulated card each time, put into a virtual reader."""

    def __init__(self, makes: SimulatedSupply) -> None:
        needs = {"pcscd": find_pcscd(), "vsmartcard-vpcd": find_vpcd(), "pyscard": find_spec("smartcard")}
        if missing := [name for name, found in needs.items() if not found]:
            raise MissingDependencyError(
                f"--card vpcd needs {', '.join(missing)}",
                hint="on Debian or Ubuntu: apt-get install pcscd vsmartcard-vpcd; pip install 'cardlab[pcsc]'",
            )
        self._makes = makes
        self._open = ExitStack()
        self._slots: list[_Slot] = []

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Those of the cards, and a reader; but a copy would have to be put into another reader, which resets it."""
        return self._makes.capabilities - {Capability.FORK} | {Capability.PCSC}

    @property
    def keys(self) -> StaticKeys:
        """The public test keys that simulated cards are made with."""
        return TEST_KEYS

    def open(self, order: CardOrder) -> Rig:
        """A new card in a reader."""
        return self._insert(self._makes.open(order))

    def restore(self, image: Path, order: CardOrder) -> Rig:
        """The card in the file, in a reader."""
        return self._insert(self._makes.restore(image, order))

    def close(self) -> None:
        """Take the readers and their service away."""
        self._open.close()
        self._slots.clear()

    def _insert(self, card: SimulatedCard) -> Rig:
        if not self._slots:
            daemon = self._open.enter_context(PrivateDaemon(_SLOTS))
            self._open.enter_context(daemon.here())
            self._slots = [_Slot(*place) for place in zip(daemon.readers, daemon.ports, strict=True)]
            for slot in self._slots:
                self._open.callback(slot.close)
        for slot in self._slots:
            if slot.is_free:
                return VirtualRig(slot, card)
        raise UsageError(f"{_SLOTS} cards are in the readers, and there are no more", hint="close cards after use")


class VirtualRig:
    """A simulated card in a slot: commands go through PC/SC, everything else straight to the card."""

    def __init__(self, slot: _Slot, card: SimulatedCard) -> None:
        self._slot = slot
        self._closed = False
        self.simulated = card
        slot.insert(card)

    @property
    def reader(self) -> str:
        """The reader's whole name."""
        return self._slot.reader

    @property
    def atr(self) -> bytes:
        return self._slot.atr

    def transmit(self, command: bytes) -> bytes:
        if len(command) < _HEADER:  # vpcd would take a single byte for an order of its own, and answer nothing
            raise UsageError(f"a reader does not carry {len(command)} bytes", hint="a command has four at least")
        return self._held().transmit(command)

    def reset(self, media: Media | None = None) -> bytes:
        return self._held().reset(media)

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        self.simulated.cut_power_at(opportunity, torn)

    def explain(self) -> str:
        return self.simulated.explain()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._slot.is_free = True
            self.simulated.close()

    def _held(self) -> _Slot:
        """The slot, until the card is closed: then it may be another card's."""
        if self._closed:
            raise TransportError("the card was taken out of its reader", hint="open another one")
        return self._slot


class _Slot:
    """One slot, the card in it, and the connection to it.

    A card is changed for the next one behind the open connection, before a reset and so sooner than pcscd would notice:
    taking it out and putting it in takes pcscd most of a second.
    """

    def __init__(self, reader: str, port: int) -> None:
        self.reader = reader
        self._contacts = _Contacts()
        self._server = VirtualReader(self._contacts, port=port)
        self._connection: PcscTransport | None = None
        self.is_free = True

    @property
    def atr(self) -> bytes:
        return self._connected().atr

    def transmit(self, command: bytes) -> bytes:
        """Send a command; raises TransportError when the card loses its power, and until it is reset."""
        return self._connected().transmit(command)

    def insert(self, card: SimulatedCard) -> None:
        """Change the card and reset it."""
        self._contacts.card = card
        self.is_free = False
        if self._connection is None:
            self._server.start()
        self.reset(card.media)

    def reset(self, media: Media | None = None) -> bytes:
        """Reset the card, over another interface if one is named."""
        self._contacts.media = self._contacts.media if media is None else media  # contacts are medium 0
        return self._connected().reset()

    def close(self) -> None:
        """Take the card out."""
        self._server.stop()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> PcscTransport:
        """The connection; the first time pcscd has yet to notice that there is a card."""
        end = time.monotonic() + _PATIENCE
        while self._connection is None:
            try:
                self._connection = PcscTransport.open(self.reader)
            except TransportError:
                if time.monotonic() > end:
                    raise
                time.sleep(_PAUSE)
        return self._connection


class _Contacts:
    """What the reader's contacts or antenna touch: the card of the moment, over the interface of the moment."""

    card: SimulatedCard
    media: Media | None = None

    @property
    def atr(self) -> bytes:
        return self.card.atr

    def transmit(self, command: bytes) -> bytes:
        """The card's answer; when it loses its power, what a card has sent by then: not even a status word."""
        try:
            return self.card.transmit(command)
        except TransportError:
            return _BROKEN_OFF

    def reset(self) -> bytes:
        return self.card.reset(self.media)

    def power_off(self) -> None:
        """The reader takes the power away."""
        self.card.power_off()

    def close(self) -> None:
        """The card is its owner's."""
