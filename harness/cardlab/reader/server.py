"""The card's side of vsmartcard's virtual reader (vpcd), a driver of pcscd that listens on TCP.

Each message is its length in two bytes, big endian, and that many bytes. One byte is a control: 0 power off, 1 power
on, 2 reset, 4 the ATR, which alone is answered. Anything longer is a command APDU, answered by its response.

A command of a single byte cannot be told from a control, and whoever sent 00, 01 or 02 as one waits for an answer, and
the reader with it. After a real control pcscd goes on asking for the ATR; when it does not, the card is taken out, so
that the client gets an error, and put in again.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from enum import IntEnum, StrEnum, unique
from types import TracebackType
from typing import Self

from cardlab.errors import TransportError
from cardlab.transport import MuteError, Transport

DEFAULT_PORT = 0x8C7B  # 35963, of vpcd's first slot; further ones follow
_RETRY = 0.1  # seconds between attempts to reach vpcd
_OUT = 0.6  # seconds that a card stays out at least: pcscd looks every 0.4 s, and must see that it was gone
_CONNECT_TIMEOUT = 2.0  # seconds
_SILENCE = 1.5  # seconds after which a reader that has not asked for the ATR has another card: pcscd looks every 0.4 s
_UNASKED = 3.0  # seconds without a question after a control, until that is taken for a command that somebody waits for
_BUFFER = 1 << 16
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux


@unique
class Control(IntEnum):
    """vpcd's controls."""

    POWER_OFF = 0
    POWER_ON = 1
    RESET = 2
    ATR = 4


@unique
class Link(StrEnum):
    """What becomes of the link to vpcd."""

    WAITING = "waiting"  # nobody listens yet, or any more
    NO_ANSWER = "no answer"  # as when cards queue for the reader already
    TAKEN = "taken"  # the reader does not look at this card: another one is in it; that one out, it will
    CONNECTED = "connected"  # the card is in the reader
    LOST = "lost"  # pcscd ended, or closed the reader
    STUCK = "stuck"  # somebody waits for the answer to a command that looks like a control
    CARD_LOST = "card lost"  # the card lost its power within a command, and is put in again
    MUTE = "mute"  # the card stopped answering because of what it executes, and is put in again
    TURNED = "turned"  # the card was taken out, to be put in again another way


LinkListener = Callable[[Link], object]


class VirtualReader:
    """Serves a card in one slot, in a thread of its own between ``start`` and ``stop`` (or in a ``with``).

    It waits for vpcd, and until another card is out of the slot, and connects again when the link is lost. ``listener``
    is told, from that thread. Stopping takes the card out of the reader and leaves it open; a command under way is
    finished first. When the card itself loses power within a command or falls silent, it is taken out and put in again.
    """

    def __init__(
        self,
        card: Transport,
        *,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        listener: LinkListener | None = None,
    ) -> None:
        self._card = card
        self._address = (host, port)
        self._listener = listener
        self._stopping = threading.Event()
        self._turning = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._told: Link | None = None
        self._powered = False

    def start(self) -> Self:
        """Begin to serve; returns at once."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self.run, name=f"card at {self._address[1]}", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Take the card out of the reader, and wait until pcscd has noticed; safe to call twice."""
        with self._lock:
            self._stopping.set()
            if self._socket is not None:
                _shut(self._socket)
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def turn(self) -> None:
        """Take the card out and put it in again, as for its other interface: the reader looks at it anew."""
        with self._lock:
            if self._socket is not None:
                self._turning.set()
                _shut(self._socket)

    @property
    def is_stopping(self) -> bool:
        """Whether ``stop`` has cut the link; the last command may still be under way."""
        with self._lock:
            return self._stopping.is_set()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def run(self) -> None:
        """Serve in this thread until ``stop`` is called from another one."""
        while not self._stopping.is_set():
            try:
                link = socket.create_connection(self._address, timeout=_CONNECT_TIMEOUT)
            except TimeoutError:
                self._tell(Link.NO_ANSWER)
                continue
            except OSError:
                self._tell(Link.WAITING)
                self._stopping.wait(_RETRY)
                continue
            with link:
                self._hold(link)
                end = self._serve(link)
                self._hold(None)
                self._powered = False
                if not self._stopping.is_set():
                    self._tell(Link.TURNED if self._turning.is_set() else end)
                self._turning.clear()
            time.sleep(_OUT)

    def _hold(self, link: socket.socket | None) -> None:
        with self._lock:
            self._socket = link
            if link is not None and self._stopping.is_set():
                _shut(link)

    def _tell(self, link: Link) -> None:
        if link is not self._told:
            self._told = link
            if self._listener is not None:
                self._listener(link)

    def _serve(self, link: socket.socket) -> Link:
        """Answer until the link ends; says how it ended."""
        if not self._is_looked_at(link):
            return Link.LOST
        self._tell(Link.CONNECTED)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        while True:
            while len(received) < 2 or len(received) < 2 + int.from_bytes(received[:2], "big"):
                if _QUICK_ACK is not None:
                    # vpcd sends length and message in two writes, and holds back the second until the first was
                    # acknowledged: 40 ms later, unless the system is told each time to do so at once.
                    link.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
                try:
                    more = link.recv(_BUFFER)
                except TimeoutError:
                    return Link.STUCK
                except OSError:
                    return Link.LOST
                if not more:
                    return Link.LOST
                received += more
            end = 2 + int.from_bytes(received[:2], "big")
            message, received = received[2:end], received[end:]
            try:
                answer = self._answer(message)
            except MuteError:
                return Link.MUTE
            except TransportError:
                return Link.CARD_LOST
            link.settimeout(_UNASKED if answer is None else None)
            if answer is not None:
                try:
                    link.sendall(len(answer).to_bytes(2, "big") + answer)
                except OSError:
                    return Link.LOST

    def _is_looked_at(self, link: socket.socket) -> bool:
        """Wait until the reader wants something of this card; False when the link ends before.

        vpcd takes one connection and leaves others in the system's queue, where they look like any other, but silent.
        """
        try:
            link.settimeout(_SILENCE)
            try:
                wanted = link.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                self._tell(Link.TAKEN)
                link.settimeout(None)
                wanted = link.recv(1, socket.MSG_PEEK)
            link.settimeout(None)
        except OSError:
            return False
        return bool(wanted)

    def _answer(self, message: bytes) -> bytes | None:
        """What a message is answered with; None: nothing. Raises TransportError when the card is lost."""
        if len(message) > 1:
            self._power_on()
            return self._card.transmit(message)
        control = message[0] if message else None
        if control == Control.ATR:
            return self._card.atr
        if control == Control.POWER_ON:
            self._power_on()
        elif control == Control.RESET:
            self._powered = False
            self._power_on()
        elif control == Control.POWER_OFF:
            self._powered = False  # the next power-on resets the card, and that clears what power-off would
        return None

    def _power_on(self) -> None:
        if not self._powered:
            self._card.reset()
            self._powered = True


def serve(
    card: Transport, host: str = "127.0.0.1", port: int = DEFAULT_PORT, *, listener: LinkListener | None = None
) -> VirtualReader:
    """Put a card into the slot behind a port and return at once; ``stop`` takes it out."""
    return VirtualReader(card, host=host, port=port, listener=listener).start()


def _shut(link: socket.socket) -> None:
    try:
        link.shutdown(socket.SHUT_RDWR)
    except OSError:
        link.close()
