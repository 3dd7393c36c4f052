"""What passed between a test and its card, kept in memory until somebody wants to read it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from cardlab.iso7816.status import describe
from cardlab.lab.labcard import LabCard
from cardlab.pytest_plugin.source_names import SourceNames
from cardlab.transport import Layer
from cardlab.transport.names import COMMAND_NAMES, Redactor, command_name
from cardlab.transport.secrets import Secrets

_ERRORS = range(0x64, 0x70)  # SW1 of a command that was not carried out (ISO/IEC 7816-4:2020, Table 6)
_COPY = "a copy of the card with "
KEPT = 200  # exchanges shown; a property test may make thousands before the one that counts


@dataclass(frozen=True, slots=True)
class Note:
    """A remark between two exchanges."""

    text: str


@dataclass(frozen=True, slots=True)
class SeenExchange:
    """One command, its response (None when there was none), and what the card says about it in words, if anything.

    ``warnings`` are what the applet did that a test should know of though the card went on.
    """

    command: bytes
    response: bytes | None
    reason: str = ""
    warnings: tuple[str, ...] = ()


_MADE_ONCE = Note("[all of this was sent to one card, of which this is a copy]")


@dataclass(slots=True)
class History:
    """The last ``KEPT`` things that happened to one card, what the applet's sources call its commands,
    and which of them carry secrets."""

    title: str
    names: SourceNames = field(default_factory=SourceNames)
    secrets: Secrets = field(default_factory=Secrets)
    events: deque[Note | SeenExchange] = field(default_factory=lambda: deque(maxlen=KEPT))
    count: int = 0

    def add(self, event: Note | SeenExchange) -> None:
        """Remember one thing more."""
        self.events.append(event)
        self.count += 1

    def fork(self) -> History:
        """The same past, for a copy of the card."""
        title = _COPY + self.title.removeprefix(_COPY)
        return replace(self, title=title, events=deque(self.events, maxlen=KEPT))

    def again(self) -> History:
        """The same past, for a copy that takes the place of a card made anew in the same way."""
        copied = replace(self, events=deque(self.events, maxlen=KEPT))
        if _MADE_ONCE not in copied.events:
            copied.add(_MADE_ONCE)
        return copied

    def fold(self, since: int, text: str) -> None:
        """Put one remark in the place of everything added since ``count`` was ``since``."""
        for _ in range(min(self.count - since, len(self.events))):
            self.events.pop()
        self.count = since
        self.add(Note(text))

    def lines(self, *, show_secrets: bool = False) -> Iterator[str]:
        """As people read it; PINs and keys are left out unless asked for."""
        yield self.title
        if self.count > len(self.events):
            yield f"  ... {self.count - len(self.events)} earlier lines left out"
        redactor = Redactor(show_secrets=show_secrets, secrets=self.secrets)
        names = {**COMMAND_NAMES, **self.names.commands}
        for event in self.events:
            if isinstance(event, Note):
                yield f"  {event.text}"
                continue
            yield f"  > {redactor.command(event.command)}  {_name(event.command, names)}"
            if event.response is None:
                yield "  < (no response)"
            else:
                redactor.seen(event.command, event.response)
                yield f"  < {self._response(event.response)}"
            if event.reason:
                yield f"    {event.reason}"
            yield from (f"    warning: {one}" for one in event.warnings)

    def _response(self, response: bytes) -> str:
        sw = int.from_bytes(response[-2:], "big")
        named = self.names.status.get(sw)
        meaning = describe(sw) if named is None else f"{sw:04X} ({named})"
        return f"{response[:-2].hex().upper()} {meaning}".lstrip()


class Remembering(Layer):
    """Keeps every exchange in a History."""

    def __init__(self, lower: LabCard, history: History) -> None:
        super().__init__(lower)
        self._history = history
        self.reason = ""  # why the last command was refused, as far as the card says
        self._explain = lower.explain
        self._warnings = lower.warnings

    def transmit(self, command: bytes) -> bytes:
        try:
            response = self._lower.transmit(command)
        except BaseException:
            self._history.add(SeenExchange(command, None, warnings=self._taken_warnings()))
            raise
        error = len(response) >= 2 and response[-2] in _ERRORS
        self.reason = self._explain() if error else ""
        self._history.add(SeenExchange(command, response, self.reason, self._taken_warnings()))
        return response

    def _taken_warnings(self) -> tuple[str, ...]:
        if not self._warnings:
            return ()
        taken = tuple(self._warnings)
        self._warnings.clear()
        return taken

    def reset(self) -> bytes:
        atr = self._lower.reset()
        self._history.add(Note(f"reset: {atr.hex().upper()}"))
        return atr


def _name(command: bytes, names: Mapping[int, str]) -> str:
    return command_name(command[1], names) if len(command) > 1 else ""
