"""A TSM's end of a card session whose commands somebody else carries, many at a time.

The C-MAC of a command depends on the commands before it and on nothing that the card answers (Amendment D 6.2.4), so
once INITIALIZE UPDATE has been answered a TSM can wrap as many commands as it likes. The responses come back together
and are verified in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

from cardlab.errors import SecureChannelError
from cardlab.globalplatform.constants import (
    CLA_GP,
    CLA_ISO,
    INS_EXTERNAL_AUTHENTICATE,
    INS_INITIALIZE_UPDATE,
    INS_SELECT,
    P1_SELECT_BY_NAME,
)
from cardlab.globalplatform.scp03 import (
    CHALLENGE_LENGTH,
    Channel,
    InitializeUpdateResponse,
    ProtectionError,
    StaticKeys,
    max_data,
)
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu, MalformedApduError, ResponseApdu
from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.transport.names import command_name
from jpki.parties.messages import Command, SetPin, Step
from jpki.parties.recorder import Section

Random = Callable[[int], bytes]
"""Gives as many random bytes as asked for."""


class SecureSession:
    """One SCP03 session with a security domain or an applet of it: ``open_in``, then ``authenticate_in``."""

    def __init__(self, aid: bytes, keys: Callable[[int], StaticKeys | None], random: Random) -> None:
        """``keys`` gives the key set of a version, which the card chooses."""
        self._aid = aid
        self._keys = keys
        self._challenge = random(CHALLENGE_LENGTH)
        self._update = -1
        self._channel: Channel | None = None
        self._static: StaticKeys | None = None
        self.key_version = 0

    def open_in(self, batch: Batch) -> None:
        """Add SELECT and INITIALIZE UPDATE."""
        batch.add(CommandApdu(CLA_ISO, INS_SELECT, P1_SELECT_BY_NAME, 0, self._aid, SHORT_MAX_LE))
        self._update = batch.add(CommandApdu(CLA_GP, INS_INITIALIZE_UPDATE, 0, 0, self._challenge, SHORT_MAX_LE))

    def authenticate_in(self, batch: Batch, opened: Results) -> None:
        """Check the card's cryptogram in the results of ``open_in``'s batch, and add EXTERNAL AUTHENTICATE."""
        try:
            answer = InitializeUpdateResponse.from_bytes(opened[self._update].data)
        except ProtectionError as error:
            raise SecureChannelError(f"INITIALIZE UPDATE: {error}") from error
        self.key_version = answer.key_version
        self._static = self._keys(answer.key_version)
        if self._static is None:
            raise SecureChannelError(f"nobody here has keys of version {answer.key_version:02X} for this card")
        session = self._static.session(self._challenge, answer.card_challenge)
        if not compare_digest(session.card_cryptogram, answer.card_cryptogram):
            raise SecureChannelError(f"the card's cryptogram under key version {answer.key_version:02X} is wrong")
        level = answer.options.best_level
        command = CommandApdu(CLA_GP, INS_EXTERNAL_AUTHENTICATE, level, 0, session.host_cryptogram)
        channel, wrapped = Channel(session).wrap_command(command)
        batch.add(wrapped)
        self._channel = channel.opened(level)

    @property
    def dek(self) -> bytes:
        """The data encryption key of the session's key set."""
        if self._static is None:
            raise SecureChannelError("the session is not authenticated")
        return self._static.dek

    @property
    def max_data(self) -> int:
        """How many data bytes a command holds."""
        return max_data(self._open.level)

    def wrap(self, command: CommandApdu) -> tuple[Channel, CommandApdu]:
        """The protected command, and the state that its response is verified with."""
        self._channel, wrapped = self._open.wrap_command(command)
        return self._channel, wrapped

    @property
    def _open(self) -> Channel:
        if self._channel is None:
            raise SecureChannelError("the session is not authenticated")
        return self._channel


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    step: Step
    channel: Channel | None


class Batch:
    """Steps for one script, and what is needed to read their answers."""

    def __init__(self, section: Section = Section.OTHER) -> None:
        self.section = section
        self._entries: list[_Entry] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        """For the script."""
        return tuple(entry.step for entry in self._entries)

    def add(self, command: CommandApdu, *, session: SecureSession | None = None, allowed: tuple[int, ...] = ()) -> int:
        """Add a command, protected when there is a session; returns its place among the results."""
        name, channel = command_name(command.ins), None
        if session is not None:
            channel, command = session.wrap(command)
        step = Command(command.to_bytes(), self.section, tuple(int(sw) for sw in allowed))
        self._entries.append(_Entry(name, step, channel))
        return len(self._entries) - 1

    def extend(self, steps: tuple[Step, ...]) -> slice:
        """Add another party's steps; returns their places. Their answers are not looked at here."""
        start = len(self._entries)
        self._entries += [_Entry("another party's command", step, None) for step in steps]
        return slice(start, len(self._entries))

    def set_pin(self, step: SetPin) -> None:
        """Have the user's PIN set at this point."""
        self._entries.append(_Entry("set the user's PIN", step, None))

    def read(self, raw: tuple[bytes, ...]) -> Results:
        """Verify the responses in order; raises SecureChannelError when one does not verify."""
        if len(raw) > len(self._entries):
            raise SecureChannelError(f"{len(raw)} responses to a script of {len(self._entries)} steps")
        responses = []
        for entry, one in zip(self._entries, raw, strict=False):
            try:
                response = ResponseApdu(b"", 0x9000) if isinstance(entry.step, SetPin) else ResponseApdu.from_bytes(one)
                responses.append(response if entry.channel is None else entry.channel.unwrap_response(response))
            except (ProtectionError, MalformedApduError) as error:
                raise SecureChannelError(f"the response to {entry.name} does not verify: {error}") from error
        return Results(tuple(self._entries), tuple(responses), raw)


@dataclass(frozen=True, slots=True)
class Results:
    """The verified answers of a batch, as far as it got."""

    _entries: tuple[_Entry, ...]
    responses: tuple[ResponseApdu, ...]
    raw: tuple[bytes, ...]

    def __getitem__(self, place: int) -> ResponseApdu:
        """One answer; raises UnexpectedStatusError when the script did not get that far or the command failed."""
        if place >= len(self.responses):
            raise self.failure() or UnexpectedStatusError(self._entries[place].name, 0x6F00)
        response, step = self.responses[place], self._entries[place].step
        if not response.ok and not (isinstance(step, Command) and response.sw in step.allowed):
            raise UnexpectedStatusError(self._entries[place].name, response.sw)
        return response

    def failure(self) -> UnexpectedStatusError | None:
        """The refusal that ended the script, if one did."""
        if not self.responses:
            return None
        response, entry = self.responses[-1], self._entries[len(self.responses) - 1]
        allowed = entry.step.allowed if isinstance(entry.step, Command) else ()
        return None if response.ok or response.sw in allowed else UnexpectedStatusError(entry.name, response.sw)

    @property
    def complete(self) -> bool:
        """Whether every step was done."""
        return len(self.responses) == len(self._entries) and self.failure() is None

    def require_complete(self) -> None:
        """Raises UnexpectedStatusError when not."""
        if not self.complete:
            raise self.failure() or UnexpectedStatusError(self._entries[len(self.responses)].name, 0x6F00)
