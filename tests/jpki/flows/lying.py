"""A card that lies to the TSM: it has the right keys, its answers verify, and it does not do what it says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cardlab.globalplatform.constants import INS_EXTERNAL_AUTHENTICATE, INS_INITIALIZE_UPDATE, INS_SELECT
from cardlab.globalplatform.scp03 import Channel, InitializeUpdateResponse, SecurityLevel, StaticKeys, is_secured
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from cardlab.transport import Layer, Transport, exchange


@dataclass(slots=True)
class Lies:
    """Instruction and P1 of the commands that are answered with 9000 and not carried out; empty: an honest card."""

    commands: frozenset[tuple[int, int]] = frozenset()
    told: list[tuple[int, int]] = field(default_factory=list)


class LyingCard(Layer):
    """Between TSM and card, with the keys of the session: to the one it is the card, to the other the TSM."""

    def __init__(self, lower: Transport, keys: StaticKeys, version: int, lies: Lies) -> None:
        super().__init__(lower)
        self._keys, self._version, self._lies = keys, version, lies
        self._begun: Channel | None = None
        self._above: Channel | None = None
        self._below: Channel | None = None

    def transmit(self, command: bytes) -> bytes:
        parsed = CommandApdu.from_bytes(command)
        if self._above is not None and is_secured(parsed.cla):
            return self._secured(parsed).to_bytes()
        response = super().transmit(command)
        if parsed.ins == INS_INITIALIZE_UPDATE:
            self._begun = self._channel(parsed, ResponseApdu.from_bytes(response))
        elif parsed.ins == INS_EXTERNAL_AUTHENTICATE and self._begun is not None:
            opened = self._begun.unwrap_command(parsed)[0].opened(SecurityLevel(parsed.p1))
            self._above = self._below = opened
        elif parsed.ins == INS_SELECT:
            self._begun = self._above = self._below = None
        return response

    def reset(self) -> bytes:
        self._begun = self._above = self._below = None
        return super().reset()

    def _channel(self, command: CommandApdu, response: ResponseApdu) -> Channel | None:
        answer = InitializeUpdateResponse.from_bytes(response.data)
        if answer.key_version != self._version:
            return None
        return Channel(self._keys.session(command.data, answer.card_challenge))

    def _secured(self, command: CommandApdu) -> ResponseApdu:
        assert self._above is not None and self._below is not None
        self._above, plain = self._above.unwrap_command(command)
        if (plain.ins, plain.p1) in self._lies.commands:
            self._lies.told.append((plain.ins, plain.p1))
            return self._above.wrap_response(ResponseApdu(b"", 0x9000))
        self._below, wrapped = self._below.wrap_command(replace(plain, le=SHORT_MAX_LE))
        return self._above.wrap_response(self._below.unwrap_response(exchange(self._lower, wrapped)))
