"""Every message between parties and every command to a card passes here: it is recorded, counted, and can be cut."""

from __future__ import annotations

from collections.abc import Callable
from types import UnionType
from typing import Any, Protocol, TypeVar, overload

from cardlab.errors import HarnessError, TransportError
from cardlab.transport import Layer, Transport
from cardlab.transport.names import COMMAND_NAMES, command_name
from jpki.parties.codec import decode, encode
from jpki.parties.messages import PeerError, Refused, Request
from jpki.parties.recorder import FlowEventKind, FlowRecorder, Party

_T = TypeVar("_T")


class LinkLostError(TransportError):
    """A request or its answer was lost; whoever asked cannot know which."""


class Handler(Protocol):
    """A party that can be asked. It answers with a message, or raises HarnessError to refuse."""

    def handle(self, sender: Party, request: Request) -> object: ...


class Cutter:
    """Counts crossings of all links, from 1: each exchange crosses twice, there and back. ``strike`` is called at some.

    By default it loses what is crossing; a test can let it kill the process instead.
    """

    def __init__(self, *at: int, strike: Callable[[str], None] | None = None) -> None:
        self.count = 0
        self.at = frozenset(at)
        self._strike = strike or _lose

    def cross(self, what: str) -> None:
        """A request or an answer is on its way."""
        self.count += 1
        if self.count in self.at:
            self._strike(f"{what} (crossing {self.count})")


def _lose(what: str) -> None:
    raise LinkLostError(f"the link was lost: {what}", hint="start again: it goes on where it was interrupted")


Line = Callable[[Party, Party, bytes], bytes]
"""Somebody on the line: given who asks whom and the answer, gives what arrives of it."""


class Network:
    """Knows the parties by name and carries their messages as bytes.

    ``line`` is nobody's, until a test puts somebody there.
    """

    def __init__(self, recorder: FlowRecorder | None = None, cutter: Cutter | None = None) -> None:
        self.recorder = recorder or FlowRecorder()
        self.cutter = cutter or Cutter()
        self.line: Line = lambda _sender, _receiver, answer: answer
        self._handlers: dict[Party, Handler] = {}

    def join(self, party: Party, handler: Handler) -> None:
        """Make a party reachable."""
        self._handlers[party] = handler

    @overload
    def call(self, sender: Party, receiver: Party, request: Request, expect: type[_T]) -> _T: ...
    @overload
    def call(self, sender: Party, receiver: Party, request: Request, expect: UnionType) -> Any: ...
    def call(self, sender: Party, receiver: Party, request: Request, expect: type | UnionType) -> Any:
        """Ask a party and wait for its answer; raises PeerError when it refuses, LinkLostError."""
        handler, name = self._handlers[receiver], type(request).__name__
        raw = encode(request)

        def deliver() -> bytes:
            self.cutter.cross(f"{name} from {sender} to {receiver}")
            answer = self.line(sender, receiver, encode(_answer(handler, sender, raw)))
            self.cutter.cross(f"the answer to {name} from {receiver} to {sender}")
            return answer

        answered = decode(
            self.recorder.record(FlowEventKind.MESSAGE, sender, receiver, name, raw, deliver), expect | Refused
        )
        if isinstance(answered, Refused):
            raise PeerError(answered)
        return answered


def _answer(handler: Handler, sender: Party, raw: bytes) -> object:
    request: Request = decode(raw, Request)
    try:
        return handler.handle(sender, request)
    except LinkLostError:
        raise
    except PeerError as error:
        return error.refused
    except HarnessError as error:
        return Refused(type(error).__name__, str(error), error.hint, error.exit_code)


class CardLink(Layer):
    """The link between somebody and a card: recorded, counted and cut like a message."""

    def __init__(self, lower: Transport, network: Network, *, user: Party, card: Party) -> None:
        super().__init__(lower)
        self._network = network
        self._user, self._card = user, card

    def transmit(self, command: bytes) -> bytes:
        name = _name(command)

        def deliver() -> bytes:
            self._network.cutter.cross(f"{name} to the {self._card}")
            response = self._lower.transmit(command)
            self._network.cutter.cross(f"the answer to {name} from the {self._card}")
            return response

        return self._network.recorder.record(FlowEventKind.APDU, self._user, self._card, name, command, deliver)


# What the applet's commands are called where that is more than INS says (docs/reference/applet.md): CLA, INS and P1.
_NAMES = {
    (0x84, 0x46, 0x80): "GENERATE KEY PAIR",
    (0x84, 0x46, 0x81): "READ PUBLIC KEY",
    (0x84, 0xE2, 0x00): "STORE CERTIFICATE",
    (0x84, 0xE2, 0x80): "STORE CERTIFICATE",
    (0x84, 0x2C, 0x02): "SET TEMPORARY PIN",
    (0x84, 0x2C, 0x03): "RESET PIN",
    (0x80, 0x2A, 0x02): "SIGN",
    (0x80, 0x2E, 0x00): "SIGN WITH INDICATOR",
    (0x80, 0x2E, 0x03): "SIGN WITH INDICATOR",
    (0x80, 0x2E, 0x04): "SIGN WITH INDICATOR",
    (0x80, 0x2E, 0x10): "SIGN WITH INDICATOR",
    (0x80, 0xCA, 0x01): "GET SIGNED ATTRIBUTES",
    (0x80, 0xDA, 0x00): "REGISTER DEVICE KEY",
}


def _name(command: bytes) -> str:
    return _NAMES.get((command[0], command[1], command[2])) or command_name(command[1], COMMAND_NAMES)
