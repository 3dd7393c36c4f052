"""What is going on in the secure channel of a card, seen from the wire by somebody who knows its static keys.

Every client passes here, whoever opened the channel, so a guard that asks the watcher cannot be got around.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from hmac import compare_digest

from cardlab.globalplatform.constants import INS_INITIALIZE_UPDATE
from cardlab.globalplatform.scp03 import (
    Channel,
    InitializeUpdateResponse,
    ProtectionError,
    SecurityLevel,
    StaticKeys,
    is_secured,
)
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu


@unique
class Proof(Enum):
    """What the card's answer to INITIALIZE UPDATE says of the keys."""

    NONE = "there was none"
    GOOD = "card and host have the same keys"
    WRONG = "the card has other keys"


@dataclass(frozen=True, slots=True)
class _Asked:
    """An INITIALIZE UPDATE that was answered."""

    channel: Channel
    card_cryptogram: bytes


class ChannelWatcher:
    """Follows one card's session; ``keys`` are those of the domain behind it."""

    def __init__(self, keys: StaticKeys) -> None:
        self._keys = keys
        self._asked: _Asked | None = None
        self._channel: Channel | None = None

    @property
    def is_open(self) -> bool:
        """Whether a session that can be read is open."""
        return self._channel is not None

    @property
    def proof(self) -> Proof:
        """Of the last INITIALIZE UPDATE, until something was made of it."""
        if self._asked is None:
            return Proof.NONE
        genuine = compare_digest(self._asked.channel.keys.card_cryptogram, self._asked.card_cryptogram)
        return Proof.GOOD if genuine else Proof.WRONG

    def would_authenticate(self, command: CommandApdu) -> bool:
        """Whether the card will accept this EXTERNAL AUTHENTICATE; one that it will not counts as an attack."""
        if self._asked is None or self.proof is not Proof.GOOD:
            return False
        try:
            _, plain = self._asked.channel.unwrap_command(command)
        except ProtectionError:
            return False
        return plain.data == self._asked.channel.keys.host_cryptogram and SecurityLevel(command.p1).is_allowed

    def plain(self, command: CommandApdu) -> CommandApdu | None:
        """The command as the card will understand it; None when it will not, or nobody but the card can read it."""
        if not is_secured(command.cla):
            return command
        if self._channel is None:
            return None
        try:
            return self._channel.unwrap_command(command)[1]
        except ProtectionError:
            return None

    def initialized(self, command: CommandApdu, response: ResponseApdu) -> None:
        """INITIALIZE UPDATE was answered."""
        self._asked = self._channel = None
        if response.ok and command.ins == INS_INITIALIZE_UPDATE:
            try:
                answer = InitializeUpdateResponse.from_bytes(response.data)
            except ProtectionError:
                return
            session = self._keys.session(command.data, answer.card_challenge)
            self._asked = _Asked(Channel(session), answer.card_cryptogram)

    def authenticated(self, command: CommandApdu, response: ResponseApdu) -> None:
        """EXTERNAL AUTHENTICATE was answered."""
        readable = self.proof is Proof.GOOD
        asked, self._asked = self._asked, None
        if asked is not None and readable and response.ok:
            self._channel = asked.channel.unwrap_command(command)[0].opened(SecurityLevel(command.p1))

    def passed(self, command: CommandApdu, response: ResponseApdu) -> None:
        """Another command was answered; one that does not fit ends the session (GPCS 10.2.3)."""
        self._asked = None
        if self._channel is None:
            return
        try:
            self._channel = self._channel.unwrap_command(command)[0]
        except ProtectionError:
            self._channel = None

    def ended(self) -> None:
        """Another application was selected, or the card was reset."""
        self._asked = self._channel = None
