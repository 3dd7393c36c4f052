"""Lengths of commands and answers on a T=1 card (ISO/IEC 7816-3:2006, 12.1; JCRE 3.0.4, chapter 9)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.iso7816.apdu import CommandApdu, MalformedApduError, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.feature import Feature
from tests.conformance.cards import RuntimeCard, module_aid, select_command
from tests.conformance.conftest import MakeCard

NEEDS = frozenset((Feature.APPLETS,))
ANSWER, ECHO, TELL, REST_OF_BUFFER, WHOLE_BUFFER, UNCHAINED, SUM = 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x09


@pytest.fixture(scope="module")
def short(make_card_always: MakeCard) -> RuntimeCard:
    card = make_card_always("Lengths")
    card.start("Lengths")
    return card


@pytest.fixture(scope="module")
def extended(make_card_always: MakeCard) -> RuntimeCard:
    card = make_card_always("ExtendedLengths")
    card.start("ExtendedLengths")
    return card


def pattern(count: int) -> bytes:
    return bytes(i & 0xFF for i in range(count))


def answer(count: int, le: int | None, *, extended: bool = False) -> bytes:
    """A command that makes the applet answer ``count`` bytes."""
    return CommandApdu(0, ANSWER, count >> 8, count & 0xFF, le=le, extended=extended).to_bytes()


@pytest.mark.parametrize(
    ("count", "le", "sent"), [(8, 8, 8), (8, 4, 4), (8, 256, 8), (256, 256, 256), (256, 1, 1), (8, None, 8), (0, 8, 0)]
)
def test_never_more_than_le(short: RuntimeCard, count: int, le: int | None, sent: int) -> None:
    """Without Le all goes out, as on cards that are sold."""
    assert short.raw(answer(count, le)) == ResponseApdu(pattern(sent), SW.OK)


def test_select_answers_are_cut_too(short: RuntimeCard) -> None:
    aid = module_aid("Lengths")
    assert short.runtime.select(aid, select_command(aid)[:-1] + b"\x04") == pattern(4) + b"\x90\x00"
    assert short.runtime.select(aid, select_command(aid)[:-1]) == pattern(8) + b"\x90\x00"


@pytest.mark.parametrize("count", [257, 258, 1024])
def test_no_more_than_256_bytes_for_an_applet_without_extended_length(short: RuntimeCard, count: int) -> None:
    """APDU.setOutgoingLength(): BAD_LENGTH, which is 6F00."""
    assert short.raw(answer(count, 256)) == ResponseApdu(b"", SW.UNKNOWN)


def test_a_short_command_never_brings_more_than_256_bytes(extended: RuntimeCard) -> None:
    """Even when the applet may answer more to an extended one."""
    assert extended.raw(answer(1000, 256)).data == pattern(256)
    assert extended.raw(answer(1000, 1000, extended=True)).data == pattern(1000)
    assert extended.raw(answer(1000, 600, extended=True)).data == pattern(600)
    assert extended.raw(answer(1000, 65536, extended=True)).data == pattern(1000)


@pytest.mark.parametrize("count", [1, 127, 128, 254, 255])
@pytest.mark.parametrize("le", [None, 1, 256])
def test_every_length_of_short_data(short: RuntimeCard, count: int, le: int | None) -> None:
    data = pattern(count)
    command = CommandApdu(0, ECHO, 0, 0, data, le)
    assert short.raw(command.to_bytes()) == ResponseApdu(data if le is None else data[:le], SW.OK)


@pytest.mark.parametrize(
    ("command", "first", "length", "offset", "expected"),
    [
        ("00030000", 0, 0, 5, 256),
        ("0003000020", 0, 0, 5, 0x20),
        ("0003000000", 0, 0, 5, 256),
        ("00030000 02 1122", 2, 2, 5, 256),
        ("00030000 02 1122 10", 2, 2, 5, 0x10),
    ],
)
def test_what_the_applet_learns_of_a_short_command(
    short: RuntimeCard, command: str, first: int, length: int, offset: int, expected: int
) -> None:
    raw = bytes.fromhex(command)
    told = b"".join(number.to_bytes(2, "big") for number in (first, length, offset, expected))
    assert short.raw(raw).data == told[: min(8, expected)]


def test_what_the_applet_learns_of_an_extended_command(extended: RuntimeCard) -> None:
    command = CommandApdu(0, TELL, 0, 0, bytes(300), 300)
    assert extended.raw(command.to_bytes()).data == bytes.fromhex("00FE 012C 0007 012C")
    everything = CommandApdu(0, TELL, 0, 0, bytes(300), 65536)
    assert extended.raw(everything.to_bytes()).data[6:] == b"\x7f\xff"
    nothing = CommandApdu(0, TELL, 0, 0, le=300, extended=True)
    assert extended.raw(nothing.to_bytes()).data == bytes.fromhex("0000 0000 0007 012C")


@pytest.mark.parametrize("count", [1, 254, 255, 508, 1000, 32767])
def test_extended_data_come_in_blocks(extended: RuntimeCard, count: int) -> None:
    """254 bytes at a time, as from a T=1 reader."""
    data = bytes(i * 7 & 0xFF for i in range(count))
    answered = extended.raw(CommandApdu(0, SUM, 0, 0, data, 4, extended=True).to_bytes()).data
    assert answered == (-(-count // 254)).to_bytes(2, "big") + (sum(data) & 0xFFFF).to_bytes(2, "big")


def test_extended_commands_need_an_applet_that_wants_them(short: RuntimeCard) -> None:
    """JCRE 9.4.3: 6700."""
    assert short.raw(answer(8, 8, extended=True)).sw == SW.WRONG_LENGTH
    assert short.raw(CommandApdu(0, ECHO, 0, 0, b"\x01", extended=True).to_bytes()).sw == SW.WRONG_LENGTH
    assert short.raw(answer(8, 8)).ok


def test_selection_with_an_extended_command(make_card: MakeCard) -> None:
    card = make_card("ExtendedLengths", "Lengths")
    card.install("ExtendedLengths")
    card.start("Lengths")
    wanted = module_aid("ExtendedLengths")
    assert card.runtime.select(wanted, select_command(wanted, extended=True)) == pattern(8) + b"\x90\x00"
    assert card.raw(answer(1000, 1000, extended=True)).ok
    # Refused before anything happened: the applet stays selected.
    other = module_aid("Lengths")
    assert card.runtime.select(other, select_command(other, extended=True)) == b"\x67\x00"
    assert card.raw(answer(1000, 1000, extended=True)).ok


def test_the_whole_buffer_can_be_sent(short: RuntimeCard) -> None:
    """256 bytes from offset 5: the buffer of a T=1 card has 261 bytes."""
    response = short.send(WHOLE_BUFFER, bytes(range(255)))
    assert response == ResponseApdu(bytes(range(255)) + b"\x00", SW.OK)


def test_without_chaining_one_block_is_all(short: RuntimeCard) -> None:
    """APDU.setOutgoingNoChaining(): 254 bytes less the status word."""
    assert len(short.send(UNCHAINED, p2=252).data) == 252
    assert short.send(UNCHAINED, p2=253).sw == SW.UNKNOWN


def test_nothing_of_an_earlier_command_is_in_the_buffer(short: RuntimeCard) -> None:
    """JCRE 6.2.2 asks for this at selection; here it is so after every command."""
    short.send(ECHO, b"\xaa" * 255)
    assert short.send(REST_OF_BUFFER, p2=100).data == bytes(100)


def test_nor_of_an_earlier_answer(extended: RuntimeCard) -> None:
    extended.raw(answer(1000, 1000, extended=True))
    assert extended.raw(answer(4, 1000, extended=True)).data == pattern(4)


MALFORMED = ("", "00", "000102", "0001000002", "00010000020102030405", "000100000000", "00010000000002FF")


@pytest.mark.parametrize("command", MALFORMED)
def test_malformed_commands(short: RuntimeCard, command: str) -> None:
    raw = bytes.fromhex(command)
    expected = SW.OK if len(raw) == 5 else SW.WRONG_LENGTH
    assert short.raw(raw).sw == expected


def lengths_add_up(raw: bytes) -> bool:
    try:
        command = CommandApdu.from_bytes(raw)
    except MalformedApduError:
        return False
    return len(command.data) <= 32767


any_bytes = st.binary(max_size=300) | st.builds(
    lambda header, rest: header + rest,
    st.sampled_from([bytes((0, ins, 0, 8)) for ins in range(1, 10)]),
    st.builds(lambda length, data: length + data, st.binary(max_size=3), st.binary(max_size=300)),
)


@settings(max_examples=300)
@given(raw=any_bytes)
def test_no_bytes_at_all_make_it_raise(short: RuntimeCard, extended: RuntimeCard, raw: bytes) -> None:
    """And 6700 exactly when the lengths do not add up, or are extended where they may not be."""
    well_formed = lengths_add_up(raw)
    answer_extended, answer_short = extended.raw(raw), short.raw(raw)
    is_extended = well_formed and CommandApdu.from_bytes(raw).extended
    assert (answer_extended.sw == SW.WRONG_LENGTH) == (not well_formed)
    assert (answer_short.sw == SW.WRONG_LENGTH) == (not well_formed or is_extended)
    if well_formed:
        le = CommandApdu.from_bytes(raw).le or (65536 if is_extended else 256)  # without Le as many as can be
        assert max(len(answer_extended.data), len(answer_short.data)) <= le


@given(raw=st.binary(max_size=300))
def test_no_bytes_for_a_selection_make_it_raise(extended: RuntimeCard, raw: bytes) -> None:
    """The card manager parses a SELECT before; a runtime that is used without one answers 6700 all the same."""
    aid = module_aid("ExtendedLengths")
    response = ResponseApdu.from_bytes(extended.runtime.select(aid, raw))
    assert (response.sw == SW.WRONG_LENGTH) == (not lengths_add_up(raw))
    extended.runtime.deselect(raw)
    extended.runtime.select(aid, select_command(aid))
