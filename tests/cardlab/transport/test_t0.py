"""T=0: whatever a client sends, a card that keeps to T=0's rules gets the command and the client its answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.transport.t0 import transmit_t0


class T0Card:
    """The card's side of ISO/IEC 7816-3:2006, 12.2: answers in pieces, and takes long commands in envelopes."""

    def __init__(self, answer: bytes, piece: int) -> None:
        self.answer, self.piece = answer, piece
        self.received: list[CommandApdu] = []
        self._envelope = b""
        self._left: bytes | None = None

    def __call__(self, raw: bytes) -> bytes:
        assert len(raw) == 4 or len(raw) == 5 or len(raw) == 5 + raw[4], "T=0 carries data in one direction"
        message = CommandApdu.from_bytes(raw)
        if message.ins == 0xC0:
            return self._get_response(message)
        if message.ins == 0xC2:
            self._envelope += message.data
            if len(message.data) == 255 and not self._whole():
                return b"\x90\x00"
            message, self._envelope = CommandApdu.from_bytes(self._envelope), b""
        self.received.append(message)
        self._left = self.answer
        if message.le is not None and not message.data:  # case 2: at once, or the right length
            if len(self.answer) > 256:
                return self._some(message.le)
            if not self.answer:
                return b"\x90\x00"
            return (
                self.answer + b"\x90\x00" if message.le == len(self.answer) else bytes((0x6C, len(self.answer) & 0xFF))
            )
        return self._announce()

    def _whole(self) -> bool:
        try:
            CommandApdu.from_bytes(self._envelope)
        except ValueError:
            return False
        return True

    def _get_response(self, message: CommandApdu) -> bytes:
        assert message.le is not None
        assert self._left
        return self._some(min(message.le, self.piece))

    def _some(self, size: int) -> bytes:
        left = self._left or b""
        some, self._left = left[:size], left[size:]
        return some + self._announce()

    def _announce(self) -> bytes:
        left = len(self._left or b"")
        return b"\x90\x00" if not left else bytes((0x61, min(left, self.piece) & 0xFF))


commands = st.builds(
    CommandApdu,
    cla=st.sampled_from((0x00, 0x03, 0x80, 0x84, 0x41)),
    ins=st.sampled_from((0xA4, 0xB0, 0x2A)),
    p1=st.integers(0, 255),
    p2=st.integers(0, 255),
    data=st.binary(max_size=300) | st.integers(254, 1100).map(bytes),
    le=st.none() | st.sampled_from((1, 2, 255, 256, 257, 1000, 65536)),
    extended=st.booleans(),
)


@given(command=commands, answer=st.binary(max_size=300) | st.integers(255, 900).map(bytes), piece=st.integers(1, 256))
def test_command_and_answer_arrive(command: CommandApdu, answer: bytes, piece: int) -> None:
    card = T0Card(answer, piece)
    response = ResponseApdu.from_bytes(transmit_t0(card, command.to_bytes()))
    [received] = {(one.header, one.data) for one in card.received}  # twice when the length was corrected
    assert received == (command.header, command.data)
    if command.le is not None:
        assert response.data == answer[: command.le]


@pytest.mark.parametrize("le", [None, 256])
def test_an_error_ends_the_envelopes(le: int | None) -> None:
    sent = []

    def refuse(raw: bytes) -> bytes:
        sent.append(raw)
        return b"\x6d\x00"

    assert transmit_t0(refuse, CommandApdu(0, 0xE2, 0, 0, bytes(600), le).to_bytes()) == b"\x6d\x00"
    assert [raw[1] for raw in sent] == [0xC2]


def test_without_le_more_data_is_the_callers() -> None:
    assert transmit_t0(lambda raw: b"\x61\x10", bytes.fromhex("00A4040005A000000003")) == b"\x61\x10"


def test_a_card_that_promises_for_ever_is_left() -> None:
    assert transmit_t0(lambda raw: b"\x61\x10", bytes.fromhex("00A4040005A00000000300")) == b"\x61\x10"


def test_what_is_no_apdu_goes_as_it_is() -> None:
    assert transmit_t0(lambda raw: raw + b"\x67\x00", b"\x00\xa4\x04") == b"\x00\xa4\x04\x67\x00"
