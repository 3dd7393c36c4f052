"""One recorded run, and whose time each moment of it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, unique

from jpki.parties.recorder import FlowEvent, FlowEventKind, Party, Section

_INS_SELECT, _INS_INITIALIZE_UPDATE, _INS_GENERATE = 0xA4, 0x50, 0x46
_SIGN = (b"\x80\x2a", b"\x80\x2e")


@unique
class Share(Enum):
    """Whose time it is: the columns of the reference table, and two that it does not have."""

    USER = "user"
    APP = "app"
    LOCAL = "app ↔ applet"
    REMOTE = "TSM ↔ applet"
    CARD = "My Number Card"
    TSM = "TSM"
    CA = "CA"
    OTHER = "other services"


@dataclass(frozen=True, slots=True)
class Moment:
    """A span of time that belongs to one party; ``event`` is None for what the app does between exchanges."""

    section: Section
    share: Share
    seconds: float
    event: FlowEvent | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A run of one flow: its exchanges in the order in which they began, and the time (seconds) of the whole."""

    events: tuple[FlowEvent, ...]
    started: float
    seconds: float

    @property
    def apdus(self) -> tuple[FlowEvent, ...]:
        """Commands to any card."""
        return tuple(event for event in self.events if event.kind is FlowEventKind.APDU)

    @property
    def tsm_round_trips(self) -> int:
        """Messages from the phone to a TSM and their answers; each can carry a batch of APDUs."""
        return sum(
            event.kind is FlowEventKind.MESSAGE and event.sender is Party.PHONE and event.receiver in _TSMS
            for event in self.events
        )

    def moments(self) -> Iterator[Moment]:
        """The whole run as spans that do not overlap; they add up to ``seconds``."""
        now, section = self.started, Section.OTHER
        of_tsm = _sent_by_tsm(self.events)
        for place, event in enumerate(self.events):
            if event.aside:  # what the user does meanwhile takes nobody's time
                yield Moment(event.section, Share.USER, 0.0, event)
                continue
            if event.depth == 0:
                section = event.section
                yield Moment(section, Share.APP, max(0.0, event.started - now))
                now = event.started + event.seconds
            own = event.seconds - sum(inner.seconds for inner in _answering(self.events, place))
            yield Moment(event.section, _share(event, place in of_tsm), max(0.0, own), event)
        yield Moment(section, Share.APP, max(0.0, self.started + self.seconds - now))

    def key_generations(self) -> tuple[float, ...]:
        """Seconds of each key generation in the secure element (F3)."""
        return tuple(event.seconds for event in self.apdus if is_key_generation(event))

    def signatures(self) -> tuple[float, ...]:
        """Seconds of each signature in the secure element (F3)."""
        return tuple(event.seconds for event in self.apdus if is_signature(event))


_TSMS = (Party.SP_TSM, Party.SEI_TSM)
_RECEIVERS = {Party.SP_TSM: Share.TSM, Party.SEI_TSM: Share.TSM, Party.JLIS: Share.CA, Party.PHONE: Share.APP}


def is_key_generation(event: FlowEvent) -> bool:
    """GENERATE KEY PAIR that makes one: 84 46 80 (docs/reference/applet.md)."""
    return event.receiver is Party.APPLET and event.request[:3] == b"\x84\x46\x80"


def is_signature(event: FlowEvent) -> bool:
    """SIGN or SIGN WITH INDICATOR."""
    return event.receiver is Party.APPLET and event.request[:2] in _SIGN


def _answering(events: Sequence[FlowEvent], place: int) -> Iterator[FlowEvent]:
    """The exchanges that somebody made in order to answer this one."""
    depth = events[place].depth
    for event in events[place + 1 :]:
        if event.depth <= depth:
            return
        if event.depth == depth + 1:
            yield event


def _share(event: FlowEvent, of_tsm: bool) -> Share:
    if event.kind in (FlowEventKind.ACTION, FlowEventKind.WAIT):
        return Share.USER
    if event.kind is FlowEventKind.APDU:
        if event.receiver is Party.CARD:
            return Share.CARD
        return Share.REMOTE if of_tsm else Share.LOCAL
    return _RECEIVERS.get(event.receiver, Share.OTHER)


def _sent_by_tsm(events: Sequence[FlowEvent]) -> frozenset[int]:
    """Places of the TSMs' commands: what is secured, INITIALIZE UPDATE and the SELECT before it."""
    found: set[int] = set()
    select: int | None = None
    for place, event in enumerate(events):
        if event.kind is not FlowEventKind.APDU or event.receiver is not Party.APPLET:
            continue
        cla, ins = event.request[0], event.request[1]
        if cla & 0x84 == 0x84:
            found.add(place)
        elif (cla, ins) == (0x80, _INS_INITIALIZE_UPDATE):
            found.add(place)
            if select is not None:
                found.add(select)
        select = place if (cla, ins) == (0x00, _INS_SELECT) else None
    return frozenset(found)
