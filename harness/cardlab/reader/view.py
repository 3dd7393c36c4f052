"""What a served card does, one line each, for somebody who watches."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping
from typing import TextIO

from cardlab.reader.server import Link
from cardlab.transport import Layer, Transport
from cardlab.transport.traffic import TRAFFIC, TrafficLog, install_traffic_level

_SHOWN = 24  # bytes of a command or answer, so that it fits on a line
_SAID = {
    Link.WAITING: "waiting for a virtual reader at %s (pcscd with vsmartcard-vpcd, started by the first program)",
    Link.NO_ANSWER: "no answer from %s: other cards queue for this reader, or the machine is not reached; trying again."
    " --port names another reader",
    Link.TAKEN: "another card is in the reader at %s, it seems; this one goes in when that one is taken out."
    " --port names another reader",
    Link.CONNECTED: "in the reader at %s",
    Link.LOST: "the reader at %s is gone; connecting again",
    Link.TURNED: "taken out of the reader at %s, to be put in again over its other interface",
    Link.STUCK: "put into the reader at %s again, for a program sent a single byte (00, 01 or 02), which reads like a"
    " control of the reader and has no answer; it gets an error instead",
    Link.MUTE: "mute: what it executes does not end, or ends in what no card can do; put into the reader at %s again",
    Link.CARD_LOST: "lost its power within a command; put into the reader at %s again",
}


class _Lines(logging.StreamHandler[TextIO]):
    """Lines for somebody who may stop to read them (`| head`, a terminal that was closed): the card is served on."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        if isinstance(sys.exc_info()[1], OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)
        else:
            super().handleError(record)


class _Afterwards(Layer):
    """Does something after each command, whatever came of it."""

    def __init__(self, lower: Transport, then: Callable[[], object]) -> None:
        super().__init__(lower)
        self._then = then

    def transmit(self, command: bytes) -> bytes:
        try:
            return self._lower.transmit(command)
        finally:
            self._then()

    def reset(self) -> bytes:
        try:
            return self._lower.reset()
        finally:
            self._then()


class View:
    """Writes what happens to one card; ``label`` tells it from others, ``address`` is where its reader is.

    ``commands``: also what is said to the card and what it answers, ``whole`` or the first 24 bytes of it.
    """

    def __init__(self, out: TextIO, label: str, address: str, *, commands: bool = True, whole: bool = False) -> None:
        install_traffic_level()
        self._address = address
        self._commands = commands
        self._shown = 0 if whole else _SHOWN
        handler = _Lines(out)
        handler.setFormatter(logging.Formatter(f"%(asctime)s.%(msecs)03d  {label}%(message)s", "%H:%M:%S"))
        self._log = logging.Logger(f"card {label}", TRAFFIC)
        self._log.addHandler(handler)
        self._warnings: list[str] = []

    def watch(self, card: Transport, names: Mapping[int, str], *, show_secrets: bool = False) -> Transport:
        """The same card; what passes is written, with PINs and keys left out unless ``show_secrets``."""
        if self._commands:
            card = TrafficLog(card, logger=self._log, names=names, show_secrets=show_secrets, shown=self._shown)
        return _Afterwards(card, self._write_warnings)

    def warned(self, message: str) -> None:
        """What an applet did that works on this card and should not be done; written below its command."""
        self._warnings.append(message)

    def _write_warnings(self) -> None:
        while self._warnings:
            self._log.warning("warning: %s", self._warnings.pop(0))

    def link(self, link: Link) -> None:
        """What became of the link to the reader."""
        self._log.info(_SAID[link], self._address)
