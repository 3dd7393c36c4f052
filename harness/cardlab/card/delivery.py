"""How answers leave a card in parts: 61xx with GET RESPONSE, 6Cxx, and the envelopes that T=0 needs.

JCRE 3.0.5, 9.4; ISO/IEC 7816-3:2006, 12.2; ISO/IEC 7816-4:2020, 5.3.4 and 5.6. The applet has finished when the first
part leaves, so it never learns that the terminal did not fetch the rest (APDUException.NO_T0_GETRESPONSE).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cardlab.iso7816.apdu import SHORT_MAX_DATA, SHORT_MAX_LE, CommandApdu, MalformedApduError, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.choices import LongResponse, PlatformChoices, ShortLe

INS_GET_RESPONSE, INS_ENVELOPE = 0xC0, 0xC2
_MORE_DATA = 0x6100
_EXTENDED_LENGTH = 4  # offset of the byte 00 with which extended length fields begin

Serve = Callable[[bytes], bytes]


@dataclass(slots=True)
class Delivery:
    """What one card has yet to send, and received of a command so far.

    ``is_t0``: the terminal is reached over T=0, where a message carries data in one direction only.
    """

    choices: PlatformChoices
    is_t0: bool = False
    _left: ResponseApdu | None = None
    _again: CommandApdu | None = None
    _envelope: bytes = b""

    def fork(self) -> Delivery:
        """A copy that goes its own way."""
        return replace(self)

    def reset(self, *, is_t0: bool) -> None:
        """The card is reset, with this protocol."""
        self.is_t0 = is_t0
        self._left, self._again, self._envelope = None, None, b""

    def transmit(self, raw: bytes, serve: Serve) -> bytes:
        """Serve one command, or send more of the answer to the one before; ``serve`` answers it whole."""
        left, again = self._left, self._again
        self._left, self._again = None, None
        try:
            command = CommandApdu.from_bytes(raw)
        except MalformedApduError:
            return serve(raw)
        if left is not None and command == again:
            return self._in_parts(left, command.le)
        if left is not None and again is None and command.ins == INS_GET_RESPONSE and not command.data:
            return self._in_parts(left, command.le or SHORT_MAX_LE, reissued=command)
        if self.is_t0 and command.ins == INS_ENVELOPE and self._is_part(command.data):
            return self._enveloped(command.data, serve)
        return self._served(command, raw, serve)

    def _is_part(self, data: bytes) -> bool:
        """Whether these data go on with a command, or begin one that is too long for T=0 (ISO/IEC 7816-3, 12.2.6)."""
        return bool(self._envelope) or (len(data) == SHORT_MAX_DATA and data[_EXTENDED_LENGTH] == 0)

    def _enveloped(self, data: bytes, serve: Serve) -> bytes:
        whole, self._envelope = self._envelope + data, b""
        try:
            command = CommandApdu.from_bytes(whole)
        except MalformedApduError:
            if len(data) == SHORT_MAX_DATA:
                self._envelope = whole
                return SW.OK.to_bytes(2, "big")
            return serve(whole)  # the card says what is wrong with it
        return self._served(command, whole, serve)

    def _served(self, command: CommandApdu, raw: bytes, serve: Serve) -> bytes:
        if not (self.is_t0 and command.data):
            answer = ResponseApdu.from_bytes(serve(raw))
            return self._in_parts(answer, command.le, reissued=command)
        if command.le is None:  # T=0 has no place for it
            raw = replace(command, le=SHORT_MAX_LE).to_bytes()
        answer = ResponseApdu.from_bytes(serve(raw))
        if self.choices.long_response is LongResponse.GET_RESPONSE and answer.data:
            return self._announce(answer)
        return self._in_parts(answer, command.le)

    def _in_parts(self, answer: ResponseApdu, le: int | None, *, reissued: CommandApdu | None = None) -> bytes:
        """As much as Le allows, and word of the rest. ``reissued`` is the command that 6Cxx asks to have repeated."""
        size = len(answer.data)
        if le is None or size == 0 or size == le or (size < le and not self._is_exact()):
            return answer.to_bytes()
        if reissued is not None and self.choices.short_le is ShortLe.WRONG_LENGTH and size <= SHORT_MAX_LE:
            self._left, self._again = answer, replace(reissued, le=size)
            return (SW.WRONG_LE | size & 0xFF).to_bytes(2, "big")
        if self.choices.long_response is LongResponse.GET_RESPONSE and size > le:
            return answer.data[:le] + self._announce(ResponseApdu(answer.data[le:], answer.sw))
        return ResponseApdu(answer.data[:le], answer.sw).to_bytes()

    def _is_exact(self) -> bool:
        """Whether as many bytes must be sent as the terminal announced (ISO/IEC 7816-3:2006, 12.2.3)."""
        return self.is_t0 and self.choices.short_le is ShortLe.WRONG_LENGTH

    def _announce(self, left: ResponseApdu) -> bytes:
        self._left = left
        size = len(left.data)
        return (_MORE_DATA | (0 if size >= SHORT_MAX_LE else size)).to_bytes(2, "big")
