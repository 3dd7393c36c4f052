"""The smallest card that can open an SCP03 session: it answers every command with a function of the test's choosing."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.errors import TransportError
from cardlab.globalplatform.scp03 import (
    Channel,
    InitializeUpdateResponse,
    Option,
    ProtectionError,
    SecurityLevel,
    StaticKeys,
)
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu

PSEUDO_RANDOM_ALL = Option(0x70)
Answer = Callable[[CommandApdu], ResponseApdu]


def echo(command: CommandApdu) -> ResponseApdu:
    """The command's data come back."""
    return ResponseApdu(command.data[:239], 0x9000)


class CardEnd:
    """A transport; ``alter_command`` and ``alter_response`` stand between host and card, ``seen`` is what was sent."""

    atr = bytes.fromhex("3BE000FF8131FE4514")

    def __init__(
        self,
        keys: StaticKeys,
        *,
        options: Option = PSEUDO_RANDOM_ALL,
        answer: Answer = echo,
        challenge: bytes = bytes(8),
    ) -> None:
        self.keys, self.options, self.answer, self.challenge = keys, options, answer, challenge
        self.seen: list[bytes] = []
        self.plain: list[CommandApdu] = []
        self.alter_command: Callable[[bytes], bytes] = lambda raw: raw
        self.alter_response: Callable[[bytes], bytes] = lambda raw: raw
        self.lost = False
        self._channel: Channel | None = None
        self._open = False

    def transmit(self, command: bytes) -> bytes:
        if self.lost:
            raise TransportError("the link was lost")
        self.seen.append(command)
        response = self._process(CommandApdu.from_bytes(self.alter_command(command)))
        return self.alter_response(response.to_bytes())

    def reset(self) -> bytes:
        self._channel, self._open = None, False
        return self.atr

    def close(self) -> None:
        self.reset()

    def _process(self, command: CommandApdu) -> ResponseApdu:
        if command.ins == 0xA4 and command.p1 == 0x04:
            self._channel, self._open = None, False
            return ResponseApdu(b"", 0x9000)
        if command.ins == 0x50:
            return self._initialize_update(command)
        if self._channel is None:
            return ResponseApdu(b"", 0x6985)
        try:
            self._channel, plain = self._channel.unwrap_command(command)
        except ProtectionError:
            self._channel = None
            return ResponseApdu(b"", 0x6988)
        if not self._open:
            return self._external_authenticate(plain)
        self.plain.append(plain)
        return self._channel.wrap_response(self.answer(plain))

    def _initialize_update(self, command: CommandApdu) -> ResponseApdu:
        session = self.keys.session(command.data, self.challenge)
        self._channel, self._open = Channel(session), False
        sequence = 1 if self.options & Option.PSEUDO_RANDOM_CHALLENGE else None
        answer = InitializeUpdateResponse(
            bytes(10), command.p1 or 1, self.options, self.challenge, session.card_cryptogram, sequence
        )
        return ResponseApdu(answer.to_bytes(), 0x9000)

    def _external_authenticate(self, plain: CommandApdu) -> ResponseApdu:
        assert self._channel is not None
        if plain.data != self._channel.keys.host_cryptogram:
            self._channel = None
            return ResponseApdu(b"", 0x6300)
        self._channel, self._open = self._channel.opened(SecurityLevel(plain.p1)), True
        return ResponseApdu(b"", 0x9000)
