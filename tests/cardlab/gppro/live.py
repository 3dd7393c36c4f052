"""GlobalPlatformPro itself, with simulated cards in a virtual reader of a PC/SC service of our own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cardlab.globalplatform.host.gppro.installer import GpInstaller
from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro
from cardlab.globalplatform.host.installer import Access
from cardlab.reader import VirtualReader
from cardlab.reader.daemon import PrivateDaemon
from cardlab.transport import Layer, Transport
from tests.waiting import PATIENCE


class _Noticed(Layer):
    """Says when pcscd has asked for the card's ATR, as it does whenever it looks for a card."""

    def __init__(self, lower: Transport) -> None:
        super().__init__(lower)
        self.asked = threading.Event()

    @property
    def atr(self) -> bytes:
        self.asked.set()
        return super().atr


@contextmanager
def inserted(
    card: Transport, daemon: PrivateDaemon, program: GlobalPlatformPro, access: Access
) -> Iterator[GpInstaller]:
    """GlobalPlatformPro as the installer for a card, which is in the daemon's first reader until the end."""
    noticed = _Noticed(card)
    with VirtualReader(noticed, port=daemon.ports[0]):
        assert noticed.asked.wait(PATIENCE), "pcscd has not noticed the card"
        environ = os.environ | daemon.environment
        yield GpInstaller(program, daemon.readers[0], access, list_readers=lambda: daemon.readers, environ=environ)
