"""Transcripts: what was said to a card and what it answered, as plain text that people read and tests replay.

    # card transcript 1
    atr: 3BE000FF8131FE4514
    protocol: T=1
    harness: 0.1.0
    > 00A4040006F00000000101  # SELECT
    < 9000
    > 0020008106[6 bytes]  # VERIFY
    < 63C4
    ! reset 3BE000FF8131FE4514

Header lines are ``name: value``. ``>`` is a command, ``<`` its response, ``!`` an event (reset, lost link); what
follows ``#`` is a remark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TextIO

from cardlab.errors import IntegrityError, TransportError, UsageError
from cardlab.transport import Layer, Transport
from cardlab.transport.names import COMMAND_NAMES, Redactor, command_name
from cardlab.transport.secrets import Secrets

_TITLE = "# card transcript 1"
_HIDDEN = "hidden"


class Recorder(Layer):
    """Writes a transcript of everything that passes, line by line, so that what was written survives a crash.

    ``header`` goes into the transcript beside the ATR: protocol, reader, versions. Secrets are left out unless
    ``show_secrets``; a transcript without them still replays, as the replay leaves the same out of what it compares.
    ``secrets`` says what they are; its own rules are in the header, as ``hidden``.
    """

    def __init__(
        self,
        lower: Transport,
        out: TextIO,
        *,
        header: Mapping[str, str] | None = None,
        names: Mapping[int, str] | None = None,
        show_secrets: bool = False,
        secrets: Secrets | None = None,
    ) -> None:
        super().__init__(lower)
        self._out = out
        self._names = {**COMMAND_NAMES, **(names or {})}
        secrets = secrets or Secrets()
        self._redactor = Redactor(show_secrets=show_secrets, secrets=secrets)
        self._write(_TITLE)
        entries = {"atr": lower.atr.hex().upper(), **(header or {}), "secrets": "shown" if show_secrets else "left out"}
        if secrets.own:
            entries[_HIDDEN] = str(secrets)
        for name, value in entries.items():
            if not name.isidentifier() or any(sign in value for sign in "#\r\n"):
                raise ValueError(f"{name!r} cannot stand in a transcript's header")
            self._write(f"{name}: {value}")

    def transmit(self, command: bytes) -> bytes:
        name = command_name(command[1], self._names) if len(command) > 1 else "?"
        self._write(f"> {self._redactor.command(command)}  # {name}")
        try:
            response = self._lower.transmit(command)
        except TransportError as error:
            self._write(f"! lost  # {' '.join(str(error).split())}")
            raise
        self._redactor.seen(command, response)
        self._write(f"< {response.hex().upper()}")
        return response

    def reset(self) -> bytes:
        return self._was_reset(self._lower.reset())

    def _was_reset(self, atr: bytes) -> bytes:
        self._redactor.reset()
        self._write(f"! reset {atr.hex().upper()}")
        return atr

    def _write(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """One command as the transcript has it, its response (None: the link was lost), and the line it stands on."""

    line: int
    command: str
    response: bytes | None


@dataclass(frozen=True, slots=True)
class RecordedReset:
    """A reset, the ATR that followed, and its line."""

    line: int
    atr: bytes


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole transcript."""

    header: Mapping[str, str]
    steps: tuple[RecordedExchange | RecordedReset, ...]

    @property
    def atr(self) -> bytes:
        """The ATR in the header; raises IntegrityError when it is missing or no hexadecimal."""
        return _bytes(self.header.get("atr", ""), 0)

    @property
    def shows_secrets(self) -> bool:
        """Whether PINs and keys are in it."""
        return self.header.get("secrets") == "shown"

    @property
    def secrets(self) -> Secrets:
        """What was left out; raises IntegrityError when the header says so in a way that makes no sense."""
        try:
            return Secrets.parse(filter(None, self.header.get(_HIDDEN, "").split(", ")))
        except UsageError as error:
            raise IntegrityError(f"the header's {_HIDDEN}: {error}", hint=error.hint) from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a transcript from a file; raises IntegrityError."""
        try:
            return cls.parse(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise IntegrityError(f"{path}: not a transcript, it is not text") from error

    @classmethod
    def read_all(cls, path: Path) -> tuple[Self, ...]:
        """Read a file that holds several transcripts, one below the other; raises IntegrityError."""
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except UnicodeDecodeError as error:
            raise IntegrityError(f"{path}: not a transcript, it is not text") from error
        starts = [number for number, line in enumerate(lines) if line.rstrip() == _TITLE and number] + [len(lines)]
        ends = [0, *starts]
        return tuple(
            cls.parse("\n".join(lines[start:end]), first_line=start + 1)
            for start, end in zip(ends, starts, strict=False)
        )

    @classmethod
    def parse(cls, text: str, *, first_line: int = 1) -> Self:
        """Parse a transcript; raises IntegrityError naming the line that makes no sense."""
        header: dict[str, str] = {}
        steps: list[RecordedExchange | RecordedReset] = []
        pending: tuple[int, str] | None = None
        lines = text.split("\n")
        if lines[0].rstrip() != _TITLE:
            raise IntegrityError(f"not a transcript: the first line is not {_TITLE!r}")
        for number, line in enumerate(lines, first_line):
            kind, _, rest = line.partition("#")[0].strip().partition(" ")
            rest = rest.strip()
            if not kind:
                continue
            if pending is not None and kind == "<":
                steps.append(RecordedExchange(*pending, _bytes(rest, number)))
                pending = None
            elif pending is not None and (kind, rest) == ("!", "lost"):
                steps.append(RecordedExchange(*pending, None))
                pending = None
            elif pending is not None:
                raise IntegrityError(f"line {number}: the command on line {pending[0]} has no response")
            elif kind == ">" and rest:
                pending = (number, rest)
            elif kind == "!" and rest.startswith("reset "):
                steps.append(RecordedReset(number, _bytes(rest.removeprefix("reset "), number)))
            elif kind.endswith(":") and len(kind) > 1 and not steps:
                header[kind[:-1]] = rest
            else:
                raise IntegrityError(f"line {number}: neither a header line nor '>', '<' or '!'")
        if pending is not None:
            raise IntegrityError(f"line {pending[0]}: the last command has no response")
        return cls(header, tuple(steps))


class ReplayMismatchError(TransportError):
    """A replayed session asked for something else than the recorded one."""


class ReplayTransport:
    """Answers as the card in a transcript did, as long as it is asked the same in the same order."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._atr = transcript.atr
        self._position = 0
        self._redactor = Redactor(show_secrets=transcript.shows_secrets, secrets=transcript.secrets)
        self._closed = False

    @property
    def atr(self) -> bytes:
        """The ATR of the recorded card."""
        return self._atr

    @property
    def finished(self) -> bool:
        """Whether everything recorded was asked for."""
        return self._position == len(self._transcript.steps)

    @property
    def next_step(self) -> str:
        """What the transcript has next, and on which line; empty at its end."""
        if self.finished:
            return ""
        step = self._transcript.steps[self._position]
        return f"line {step.line}: {step.command if isinstance(step, RecordedExchange) else 'a reset'}"

    def transmit(self, command: bytes) -> bytes:
        """The recorded response; raises ReplayMismatchError, which says where the commands differ."""
        asked = self._redactor.command(command)
        name = command_name(command[1]) if len(command) > 1 else "?"
        step = self._next(f"{name} {asked}")
        if not isinstance(step, RecordedExchange):
            raise ReplayMismatchError(f"line {step.line}: the transcript has a reset here, got {name} {asked}")
        if step.command != asked:
            raise ReplayMismatchError(_difference(step, name, asked))
        self._position += 1
        if step.response is None:
            raise TransportError(f"line {step.line}: the link was lost here")
        self._redactor.seen(command, step.response)
        return step.response

    def reset(self) -> bytes:
        """The recorded ATR; raises ReplayMismatchError when there was no reset here."""
        step = self._next("a reset")
        if not isinstance(step, RecordedReset):
            raise ReplayMismatchError(f"line {step.line}: the transcript has {step.command} here, got a reset")
        self._position += 1
        self._redactor.reset()
        self._atr = step.atr
        return step.atr

    def close(self) -> None:
        """Answer nothing any more."""
        self._closed = True

    def _next(self, asked: str) -> RecordedExchange | RecordedReset:
        if self._closed:
            raise TransportError("the replay is closed")
        if self.finished:
            raise ReplayMismatchError(f"the transcript ends after {self._position} steps, got {asked}")
        return self._transcript.steps[self._position]


def _difference(step: RecordedExchange, name: str, asked: str) -> str:
    pairs = zip(step.command, asked, strict=False)
    same = next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(step.command), len(asked)))
    where = f"they differ from byte {same // 2 + 1} on"
    return f"line {step.line}: the transcript has {step.command}, got {name} {asked}; {where}"


def _bytes(text: str, line: int) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        where = f"line {line}" if line else "the header's atr"
        raise IntegrityError(f"{where}: {text!r} is not hexadecimal") from None
