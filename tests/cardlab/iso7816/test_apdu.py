"""Command and response APDUs: every case, both forms, and what is none of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.iso7816.apdu import CommandApdu, MalformedApduError, ResponseApdu

byte = st.integers(0, 255)
lengths = st.none() | st.integers(1, 256) | st.integers(1, 65536)


@given(byte, byte, byte, byte, st.binary(max_size=600), lengths)
def test_commands_come_back(cla: int, ins: int, p1: int, p2: int, data: bytes, le: int | None) -> None:
    command = CommandApdu(cla, ins, p1, p2, data, le)
    parsed = CommandApdu.from_bytes(command.to_bytes())
    assert (parsed.header, parsed.data, parsed.le) == (command.header, command.data, command.le)
    assert parsed.is_extended == (command.is_extended and bool(data or le))
    assert parsed.to_bytes() == command.to_bytes()


@pytest.mark.parametrize(
    ("raw", "command"),
    [
        ("00A4040C", CommandApdu(0, 0xA4, 4, 0x0C)),
        ("00B0000000", CommandApdu(0, 0xB0, 0, 0, le=256)),
        ("00B0000010", CommandApdu(0, 0xB0, 0, 0, le=16)),
        ("00A4020C020001", CommandApdu(0, 0xA4, 2, 0x0C, b"\0\1")),
        ("80CA9F7F0112FF", CommandApdu(0x80, 0xCA, 0x9F, 0x7F, b"\x12", 255)),
        ("00B00000000000", CommandApdu(0, 0xB0, 0, 0, le=65536, extended=True)),
        ("00B00000000100", CommandApdu(0, 0xB0, 0, 0, le=256, extended=True)),
        ("00D60000000001AB", CommandApdu(0, 0xD6, 0, 0, b"\xab", extended=True)),
        ("00D60000000001AB0000", CommandApdu(0, 0xD6, 0, 0, b"\xab", 65536, extended=True)),
    ],
)
def test_the_cases_of_iso_7816_3(raw: str, command: CommandApdu) -> None:
    assert CommandApdu.from_bytes(bytes.fromhex(raw)) == command
    assert command.to_bytes().hex().upper() == raw


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "00",
        "00A404",
        "00A4040002AA",
        "00A4040001AABBCC",
        "00A404000000",
        "00A404000000020A0B0C",
        "00A40400000000AA",
    ],
)
def test_what_is_no_command(raw: str) -> None:
    with pytest.raises(MalformedApduError):
        CommandApdu.from_bytes(bytes.fromhex(raw))


@given(st.binary(max_size=300))
def test_any_bytes_parse_or_are_refused(raw: bytes) -> None:
    try:
        command = CommandApdu.from_bytes(raw)
    except MalformedApduError:
        return
    assert command.to_bytes() == raw


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cla": 256}, "cla is 256"),
        ({"p2": -1}, "p2 is -1"),
        ({"data": bytes(65536)}, "65536 data bytes"),
        ({"le": 0}, "Le 0"),
        ({"le": 65537}, "Le 65537"),
    ],
)
def test_fields_that_do_not_fit(arguments: dict[str, int | bytes], message: str) -> None:
    fields: dict[str, int | bytes] = {"cla": 0, "ins": 0, "p1": 0, "p2": 0, **arguments}
    with pytest.raises(MalformedApduError, match=message):
        CommandApdu(**fields)  # type: ignore[arg-type]


def test_the_longest_command_there_is() -> None:
    longest = CommandApdu(0, 0xD6, 0, 0, bytes(65535), 65536)
    assert longest.is_extended
    assert CommandApdu.from_bytes(longest.to_bytes()) == replace(longest, extended=True)
    assert not CommandApdu(0, 0xD6, 0, 0, bytes(255), 256).is_extended
    with pytest.raises(MalformedApduError, match="65536 data bytes"):
        CommandApdu(0, 0xD6, 0, 0, bytes(65536))


def test_9000_is_ok_and_nothing_else() -> None:
    assert [sw for sw in range(0x10000) if ResponseApdu(b"", sw).ok] == [0x9000]


def test_with_data() -> None:
    command = CommandApdu(0, 1, 2, 3, b"old", 4)
    assert command.with_data(b"new") == CommandApdu(0, 1, 2, 3, b"new", 4)


@given(st.binary(max_size=300), st.integers(0, 0xFFFF))
def test_responses_come_back(data: bytes, sw: int) -> None:
    response = ResponseApdu(data, sw)
    assert ResponseApdu.from_bytes(response.to_bytes()) == response
    assert response.ok == (sw == 0x9000)


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_what_is_no_response(raw: bytes) -> None:
    with pytest.raises(MalformedApduError):
        ResponseApdu.from_bytes(raw)
