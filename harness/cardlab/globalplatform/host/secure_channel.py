"""The host's end of an SCP03 session, as a layer that any client can be put on.

    channel = SecureChannelLayer.open(transport, keys, key_version=0x30)
    client = SomeClient(channel)

Open it when the security domain, or an application that passes authentication on to its security domain, is selected.
"""

from __future__ import annotations

import os
from hmac import compare_digest
from typing import Self

from cardlab.errors import SecureChannelError, TransportError
from cardlab.globalplatform.constants import (
    CLA_GP,
    INS_EXTERNAL_AUTHENTICATE,
    INS_INITIALIZE_UPDATE,
    INS_SELECT,
    P1_SELECT_BY_NAME,
)
from cardlab.globalplatform.host.hints import INITIALIZE_UPDATE_HINTS, KEY_ADVICE
from cardlab.globalplatform.scp03 import (
    CHALLENGE_LENGTH,
    Channel,
    InitializeUpdateResponse,
    Option,
    ProtectionError,
    SecurityLevel,
    StaticKeys,
    max_data,
    max_response,
)
from cardlab.iso7816.apdu import CommandApdu, MalformedApduError, ResponseApdu
from cardlab.iso7816.status import SW, describe
from cardlab.transport import Layer, Transport, exchange


class SecureChannelLayer(Layer):
    """One open SCP03 session: plain commands go in, secured ones to the card, and verified responses come back.

    Raises SecureChannelError for a response that does not verify, and for every command after the session has ended: by
    such a response, by ``6988``, by SELECT of an application (sent in clear, as it leaves whoever holds the session),
    by a reset, or by a lost link. A command that is too long raises ValueError and leaves the session as it is.
    """

    def __init__(self, lower: Transport, channel: Channel, response: InitializeUpdateResponse) -> None:
        """Use ``open``; this takes a session that is open already."""
        super().__init__(lower)
        self.response = response
        self._channel = channel
        self._ended = ""

    @classmethod
    def open(
        cls,
        lower: Transport,
        keys: StaticKeys,
        *,
        key_version: int = 0,
        level: SecurityLevel | None = None,
        host_challenge: bytes | None = None,
    ) -> Self:
        """Authenticate both ends (Amendment D 5.2) with these keys and no others; raises SecureChannelError.

        ``key_version`` 0 leaves the choice to the card; ``level`` None means the strongest that the card offers. The
        host proves itself only after the card has.
        """
        if level is not None and not level.is_allowed:
            raise ValueError(f"security level {int(level):02X} is not in Amendment D Table 7-3")
        challenge = os.urandom(CHALLENGE_LENGTH) if host_challenge is None else host_challenge
        response = _initialize_update(lower, key_version, challenge)
        chosen = _choose_level(response.options, level)
        session = keys.session(challenge, response.card_challenge)
        if not compare_digest(session.card_cryptogram, response.card_cryptogram):
            raise SecureChannelError(
                f"the card's cryptogram is wrong: card and host differ in key version {response.key_version:02X}",
                hint=KEY_ADVICE,
            )
        command = CommandApdu(CLA_GP, INS_EXTERNAL_AUTHENTICATE, chosen, 0, session.host_cryptogram)
        channel, wrapped = Channel(session).wrap_command(command)
        answer = exchange(lower, wrapped)
        if not answer.ok:
            raise SecureChannelError(f"EXTERNAL AUTHENTICATE: the card answered {describe(answer.sw)}", hint=KEY_ADVICE)
        return cls(lower, channel.opened(chosen), response)

    @property
    def level(self) -> SecurityLevel:
        """What protects the messages."""
        return self._channel.level

    @property
    def is_open(self) -> bool:
        """Whether commands can still be sent."""
        return not self._ended

    @property
    def max_data(self) -> int:
        """How many data bytes a command may have."""
        return max_data(self.level)

    @property
    def max_response(self) -> int:
        """How many data bytes a response can bring."""
        return max_response(self.level)

    def transmit(self, command: bytes) -> bytes:
        """Send one plain command through the channel and return the plain response."""
        plain = CommandApdu.from_bytes(command)
        if plain.ins == INS_SELECT and plain.p1 == P1_SELECT_BY_NAME and not plain.cla & 0x80:
            self._ended = "an application was selected"
            return self._lower.transmit(command)
        if self._ended:
            raise SecureChannelError(f"the secure channel has ended: {self._ended}", hint="authenticate again")
        channel, wrapped = self._channel.wrap_command(plain)
        try:
            response = exchange(self._lower, wrapped)
            opened = channel.unwrap_response(response)
        except (ProtectionError, MalformedApduError) as error:
            self._ended = str(error)
            raise SecureChannelError(
                f"the response to {wrapped.header.hex().upper()} does not verify: {error}",
                hint="something between host and card altered it, or the card lost the session; authenticate again",
            ) from error
        except TransportError:
            self._ended = "the link to the card was lost"
            raise
        if response.sw == SW.SECURE_MESSAGING_INCORRECT:
            self._ended = "the card found a command altered, repeated or out of order (6988)"
        self._channel = channel
        return opened.to_bytes()

    def reset(self) -> bytes:
        """Reset the card; the session ends with it."""
        self._ended = "the card was reset"
        return super().reset()

    def close(self) -> None:
        """Forget the session and power the card off."""
        self._ended = "the card was powered off"
        super().close()

    def end(self) -> None:
        """Forget the session and leave the card as it is; it notices at the next SELECT or reset."""
        self._ended = self._ended or "the host ended it"


def _initialize_update(lower: Transport, key_version: int, challenge: bytes) -> InitializeUpdateResponse:
    command = CommandApdu(CLA_GP, INS_INITIALIZE_UPDATE, key_version, 0, challenge, le=256)
    answer: ResponseApdu = exchange(lower, command)
    if not answer.ok:
        raise SecureChannelError(
            f"INITIALIZE UPDATE with key version {key_version:02X}: the card answered {describe(answer.sw)}",
            hint=INITIALIZE_UPDATE_HINTS.get(answer.sw, ""),
        )
    try:
        return InitializeUpdateResponse.from_bytes(answer.data)
    except ProtectionError as error:
        raise SecureChannelError(str(error), hint="this card needs another secure channel protocol") from error


def _choose_level(options: Option, wanted: SecurityLevel | None) -> SecurityLevel:
    best = options.best_level
    if wanted is None:
        return best
    if wanted & ~best:
        raise SecureChannelError(
            f"security level {int(wanted):02X} was asked for, this card (i={int(options):02X}) offers {int(best):02X}",
            hint="ask for less, or configure the card for response protection",
        )
    return wanted
