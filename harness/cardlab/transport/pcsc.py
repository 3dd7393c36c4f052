"""Any card in any PC/SC reader as a ``Transport``, through pyscard, which is imported when a reader is asked for.

What can be missing is told apart, each with its remedy: the library (MissingDependencyError), the daemon
(NoDaemonError), the reader (NoReaderError), the card (NoCardError).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from cardlab.closing import Closing
from cardlab.errors import MissingDependencyError, TransportError, UsageError
from cardlab.transport.t0 import transmit_t0

_NO_LIBRARY = (
    "pip install 'cardlab[pcsc]'; without a wheel it is compiled, which on Debian or Ubuntu needs:"
    " apt-get install gcc libpcsclite-dev pkg-config python3-dev swig"
)
_NO_DAEMON = (
    "on Debian or Ubuntu: apt-get install pcscd, then systemctl start pcscd (or run `pcscd -f`);"
    " if it listens elsewhere, say so in PCSCLITE_CSOCK_NAME"
)
_NO_READER = "plug one in and install its driver (libccid for most), or start a virtual one: cardlab card serve"
_NO_CARD = "put a card into the reader, the right way round"


class NoDaemonError(TransportError):
    """The PC/SC service is not there, or went away."""


class NoReaderError(TransportError):
    """No reader at all, none of this name, or it was unplugged."""


class NoCardError(TransportError):
    """The reader has no card, or it was taken out."""


class ReaderBusyError(TransportError):
    """Another program uses the reader exclusively, or is in it while exclusive use was asked for."""


class CardWasResetError(TransportError):
    """Another program reset the card; what was verified or opened on it is gone."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader and what is in it. ``atr`` is None without a card, empty when a card is there that does not answer."""

    name: str
    atr: bytes | None
    in_use: bool = False
    exclusive: bool = False


def scard() -> Any:
    """pyscard's bare PC/SC functions; raises MissingDependencyError."""
    try:
        from smartcard import scard as functions
    except ImportError as error:
        raise MissingDependencyError(f"readers need the Python package pyscard: {error}", hint=_NO_LIBRARY) from error
    return functions


def list_readers() -> tuple[Reader, ...]:
    """All readers, possibly none; raises MissingDependencyError without pyscard, NoDaemonError without the service."""
    api = scard()
    with _context(api) as context:
        names = _names(api, context)
        if not names:
            return ()
        result, states = api.SCardGetStatusChange(context, 0, [(name, api.SCARD_STATE_UNAWARE) for name in names])
        if result != api.SCARD_E_TIMEOUT:
            _check(api, result, "ask the readers for their state")
        return tuple(_reader(api, *state) for state in states)


def find_reader(wanted: str, names: tuple[str, ...]) -> str:
    """The reader of this name, or the only one whose name contains it, upper and lower case alike.

    Raises NoReaderError when there is none and UsageError when there are several.
    """
    if wanted in names:
        return wanted
    found = [name for name in names if wanted.casefold() in name.casefold()]
    listed = ", ".join(repr(name) for name in (found or names))
    if not names:
        raise NoReaderError("there is no reader", hint=_NO_READER)
    if not found:
        raise NoReaderError(f"there is no reader {wanted!r}", hint=f"there are: {listed}")
    if len(found) > 1:
        raise UsageError(f"{len(found)} readers have {wanted!r} in their names", hint=f"name one of them: {listed}")
    return found[0]


def reader_name(wanted: str) -> str:
    """The full name of the reader that somebody means, as ``find_reader``; "" is the only one that has a card."""
    readers = list_readers()
    with_card = [reader.name for reader in readers if reader.atr]
    if not wanted and len(with_card) == 1:
        return with_card[0]
    return find_reader(wanted, tuple(reader.name for reader in readers))


class PcscTransport(Closing):
    """The card in one reader; a ``Transport``, and a context manager that closes it.

    T=0 and T=1 alike: with T=0 the transport fetches responses and sends long commands in envelopes by itself.
    Every method raises TransportError, usually one of this module's kinds.
    """

    def __init__(self, api: Any, context: Any, reader: str, *, exclusive: bool) -> None:
        """Use ``open``."""
        self._api, self._context, self._reader = api, context, reader
        self._share = api.SCARD_SHARE_EXCLUSIVE if exclusive else api.SCARD_SHARE_SHARED
        self._both = api.SCARD_PROTOCOL_T0 | api.SCARD_PROTOCOL_T1
        result, self._card, self._protocol = api.SCardConnect(context, reader, self._share, self._both)
        self._check(result, "connect to the card")
        self._closed = False
        self._atr = b""
        try:
            self._atr = self._read_atr()
        except TransportError:
            self.close()
            raise

    @classmethod
    def open(cls, reader: str = "", *, exclusive: bool = False) -> Self:
        """Connect to the card in the reader with this name, or with this in its name; "" for the only card there is.

        ``exclusive``: no other program can reach the card until ``close``.
        """
        api = scard()
        context = _establish(api)
        try:
            return cls(api, context, reader_name(reader), exclusive=exclusive)
        except BaseException:
            api.SCardReleaseContext(context)
            raise

    @property
    def reader(self) -> str:
        """The reader's full name."""
        return self._reader

    @property
    def protocol(self) -> str:
        """``T=0`` or ``T=1``."""
        return "T=0" if self._protocol == self._api.SCARD_PROTOCOL_T0 else "T=1"

    @property
    def atr(self) -> bytes:
        """The card's answer to its last reset."""
        return self._atr

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU, short or extended, and return the whole response."""
        self._require_open()
        if self._protocol == self._api.SCARD_PROTOCOL_T0:
            return transmit_t0(self._exchange, command)
        return self._exchange(command)

    def bare(self, command: bytes) -> Callable[[], object]:
        """Only pyscard's part of ``transmit``, again and again: to measure what the rest takes. For T=1."""
        message = list(command)
        return lambda: self._api.SCardTransmit(self._card, self._protocol, message)

    def reset(self) -> bytes:
        """Reset the card and return its ATR; this also reaches a card that another program has reset."""
        self._require_open()
        self._reconnect(self._api.SCARD_RESET_CARD)
        self._atr = self._read_atr()
        return self._atr

    @contextmanager
    def transaction(self, *, anew: bool = False) -> Iterator[None]:
        """Keep other programs off the card for a while; waits for one that is doing the same.

        ``anew`` begins with a reset, so that nothing of before counts, whoever did it. Without it, a reset by another
        program since the last command raises CardWasResetError.
        """
        self._require_open()
        while (result := self._api.SCardBeginTransaction(self._card)) == self._api.SCARD_W_RESET_CARD and anew:
            self._reconnect(self._api.SCARD_LEAVE_CARD)
        self._check(result, "begin a transaction")
        try:
            if anew:
                self.reset()
            yield
        finally:
            if not self._closed:
                self._api.SCardEndTransaction(self._card, self._api.SCARD_LEAVE_CARD)

    def close(self) -> None:
        """Reset the card, so that nothing verified stays so for the next program, and let go of it."""
        if not self._closed:
            self._closed = True
            self._api.SCardDisconnect(self._card, self._api.SCARD_RESET_CARD)
            self._api.SCardReleaseContext(self._context)

    def _exchange(self, message: bytes) -> bytes:
        result, response = self._api.SCardTransmit(self._card, self._protocol, list(message))
        if result != self._api.SCARD_S_SUCCESS:
            self._check(result, "send a command")
        if len(response) < 2:
            raise TransportError(f"{self._reader}: the card gave no answer", hint="reset it and try again")
        return bytes(response)

    def _reconnect(self, initialization: int) -> None:
        result, self._protocol = self._api.SCardReconnect(self._card, self._share, self._both, initialization)
        self._check(result, "reset the card")

    def _read_atr(self) -> bytes:
        result, _, _, _, atr = self._api.SCardStatus(self._card)
        while result == self._api.SCARD_W_RESET_CARD:  # by another program, since we connected; nothing is lost yet
            self._reconnect(self._api.SCARD_LEAVE_CARD)
            result, _, _, _, atr = self._api.SCardStatus(self._card)
        self._check(result, "ask for the card's ATR")
        return bytes(atr)

    def _check(self, result: int, what: str) -> None:
        _check(self._api, result, what, self._reader)

    def _require_open(self) -> None:
        if self._closed:
            raise TransportError(f"{self._reader}: the connection was closed", hint="open another one")


def _reader(api: Any, name: str, state: int, atr: list[int]) -> Reader:
    present = bool(state & api.SCARD_STATE_PRESENT)
    answer = None if not present else b"" if state & api.SCARD_STATE_MUTE else bytes(atr)
    return Reader(name, answer, bool(state & api.SCARD_STATE_INUSE), bool(state & api.SCARD_STATE_EXCLUSIVE))


@contextmanager
def _context(api: Any) -> Iterator[Any]:
    context = _establish(api)
    try:
        yield context
    finally:
        api.SCardReleaseContext(context)


def _establish(api: Any) -> Any:
    result, context = api.SCardEstablishContext(api.SCARD_SCOPE_USER)
    _check(api, result, "reach the PC/SC service")
    return context


def _names(api: Any, context: Any) -> tuple[str, ...]:
    result, names = api.SCardListReaders(context, [])
    if result == api.SCARD_E_NO_READERS_AVAILABLE:
        return ()
    _check(api, result, "list the readers")
    return tuple(names)


def _check(api: Any, result: int, what: str, reader: str = "") -> None:
    """Raise the kind of TransportError that a PC/SC result stands for, unless it is success."""
    if result == api.SCARD_S_SUCCESS:
        return
    where = f"{reader}: " if reader else ""
    if result in (api.SCARD_E_NO_SERVICE, api.SCARD_E_SERVICE_STOPPED, api.SCARD_E_INVALID_HANDLE):
        raise NoDaemonError(f"{where}the PC/SC service (pcscd) does not run, or was restarted", hint=_NO_DAEMON)
    if result in (api.SCARD_E_UNKNOWN_READER, api.SCARD_E_READER_UNAVAILABLE, api.SCARD_E_NO_READERS_AVAILABLE):
        raise NoReaderError(f"{where}the reader is not there any more", hint=_NO_READER)
    if result in (api.SCARD_E_NO_SMARTCARD, api.SCARD_W_REMOVED_CARD):
        was = "there is no card" if result == api.SCARD_E_NO_SMARTCARD else "the card was taken out"
        raise NoCardError(f"{where}{was}", hint=_NO_CARD)
    if result in (api.SCARD_W_UNRESPONSIVE_CARD, api.SCARD_W_UNPOWERED_CARD):
        raise NoCardError(f"{where}the card does not answer to reset", hint=_NO_CARD)
    if result == api.SCARD_E_SHARING_VIOLATION:
        raise ReaderBusyError(f"{where}another program is using the card", hint="end it, or wait for it")
    if result == api.SCARD_W_RESET_CARD:
        raise CardWasResetError(f"{where}another program reset the card", hint="reset it and start the session again")
    said = api.SCardGetErrorMessage(result)
    raise TransportError(
        f"{where}cannot {what}: {said} ({result & 0xFFFFFFFF:08X})", hint="take the card out and in again"
    )
