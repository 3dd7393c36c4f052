"""What happened in a run: every message and every APDU, in order, with its section of the reference table (F1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, StrEnum, unique
from time import perf_counter
from typing import TypeVar

_T = TypeVar("_T")


@unique
class Party(StrEnum):
    """Who speaks: the names in recordings and diagrams."""

    USER = "user"
    PHONE = "phone app"
    APPLET = "GP-SE"
    KEYSTORE = "Keystore"
    CARD = "My Number Card"
    SP_TSM = "SP-TSM"
    SEI_TSM = "SEI-TSM"
    JLIS = "J-LIS"
    PUSH = "push service"
    ATTESTATION = "attestation service"
    VERIFIER = "service provider"


@unique
class Section(Enum):
    """The sections of the reference table of issuance (requirements, F1), and what it does not count."""

    PREPARE = "prepare the applet"
    APPLY = "apply"
    SET_SIGNING_PASSWORD = "set signing password"  # noqa: S105
    SET_AUTHENTICATION_PIN = "set authentication PIN"
    SIGNING_KEY = "signing key pair"
    STORE_SIGNING_CERTIFICATE = "store signing certificate"
    AUTHENTICATION_KEY = "authentication key pair"
    STORE_AUTHENTICATION_CERTIFICATE = "store authentication certificate"
    TEST_SIGNING = "test the signing certificate"
    TEST_AUTHENTICATION = "test the authentication certificate"
    OTHER = "other"


@unique
class FlowEventKind(StrEnum):
    """What an event is: a message between parties, a command to a card, or something the user does.

    WAIT: the app cannot go on before the user has done something that was begun earlier.
    """

    MESSAGE = "message"
    APDU = "apdu"
    ACTION = "action"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class FlowEvent:
    """One exchange. Times are seconds of ``perf_counter``; a message's time includes those made to answer it.

    ``name`` is the message's class or the command's name. ``response`` is None when the link was lost. What goes on
    ``aside`` is done while other things happen, until a WAIT of the same name ends.
    """

    kind: FlowEventKind
    sender: Party
    receiver: Party
    name: str
    section: Section
    request: bytes
    response: bytes | None
    started: float
    seconds: float
    depth: int
    aside: bool = False


@dataclass(frozen=True, slots=True)
class ExchangeBegan:
    """An exchange is on its way; ``place`` numbers them in the order in which they begin."""

    place: int
    kind: FlowEventKind
    sender: Party
    receiver: Party
    name: str
    section: Section
    request: bytes
    depth: int


@dataclass(frozen=True, slots=True)
class ExchangeEnded:
    """The exchange of that ``place`` has ended."""

    place: int
    event: FlowEvent


class Aside:
    """Something that the user does beside everything else; timed by the thread that has them do it."""

    def __init__(self, place: int, name: str, section: Section, clock: Callable[[], float]) -> None:
        self.place = place
        self.name = name
        self.section = section
        self._clock = clock
        self.started = clock()
        self.seconds = 0.0

    def timed(self, act: Callable[[], _T]) -> _T:
        """Do it, and note when."""
        self.started = self._clock()
        try:
            return act()
        finally:
            self.seconds = self._clock() - self.started


Heard = Section | ExchangeBegan | ExchangeEnded
"""What a listener is told: that a section begins, and of each exchange when it begins and when it ends."""


class FlowRecorder:
    """Keeps events in the order in which they began."""

    def __init__(
        self, clock: Callable[[], float] = perf_counter, *, observer: Callable[[Section], None] | None = None
    ) -> None:
        """``observer`` is told when another section begins."""
        self._clock = clock
        self._observer = observer or (lambda _section: None)
        self._listeners: list[Callable[[Heard], None]] = []
        self._events: list[FlowEvent | None] = []
        self._depth = 0
        self.section = Section.OTHER

    @property
    def events(self) -> tuple[FlowEvent, ...]:
        """All that has ended."""
        return tuple(event for event in self._events if event is not None)

    def clear(self) -> None:
        """Forget everything."""
        self._events.clear()

    @contextmanager
    def heard_by(self, listener: Callable[[Heard], None]) -> Iterator[None]:
        """Somebody is told of everything while it happens; it waits for them, and ends with what they raise."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def _tell(self, heard: Heard) -> None:
        for listener in self._listeners:
            listener(heard)

    @contextmanager
    def within(self, section: Section) -> Iterator[None]:
        """What happens inside belongs to a section."""
        before, self.section = self.section, section
        try:
            if section is not before:
                self._observer(section)
                self._tell(section)
            yield
        finally:
            self.section = before

    def begin_aside(self, name: str, section: Section) -> Aside:
        """The user begins with something, and others go on; ``wait_for`` ends it."""
        aside = Aside(len(self._events), name, section, self._clock)
        self._events.append(None)
        kind, user = FlowEventKind.ACTION, (Party.USER, Party.PHONE)
        self._tell(ExchangeBegan(aside.place, kind, *user, name, section, b"", 0))
        return aside

    def wait_for(self, aside: Aside, wait: Callable[[], _T]) -> _T:
        """Wait until it is done; from then on it is among the events, where it began."""
        given: list[_T] = []

        def act() -> bytes:
            given.append(wait())
            return b""

        self.record(FlowEventKind.WAIT, Party.PHONE, Party.USER, f"waits for the {aside.name}", b"", act)
        done = FlowEvent(
            *(FlowEventKind.ACTION, Party.USER, Party.PHONE, aside.name, aside.section, b"", b""),
            *(aside.started, aside.seconds, 0, True),
        )
        if aside.place < len(self._events):
            self._events[aside.place] = done
        self._tell(ExchangeEnded(aside.place, done))
        return given[0]

    def record(
        self, kind: FlowEventKind, sender: Party, receiver: Party, name: str, request: bytes, act: Callable[[], bytes]
    ) -> bytes:
        """Run ``act``, which gives the response, and keep what it was."""
        place, depth, section = len(self._events), self._depth, self.section
        self._events.append(None)
        self._tell(ExchangeBegan(place, kind, sender, receiver, name, section, request, depth))
        self._depth += 1
        response: bytes | None = None
        started = self._clock()
        try:
            response = act()
            return response
        finally:
            self._depth -= 1
            taken = self._clock() - started
            event = FlowEvent(kind, sender, receiver, name, section, request, response, started, taken, depth)
            if place < len(self._events):  # not when it was cleared meanwhile
                self._events[place] = event
            self._tell(ExchangeEnded(place, event))
