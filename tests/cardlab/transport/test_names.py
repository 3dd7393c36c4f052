"""Which bytes are hidden, and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.iso7816.apdu import CommandApdu
from cardlab.transport.names import Redactor, command_name

SECRETS = (0x20, 0x24, 0x2C, 0xD8, 0xE2)
AUTHENTICATE = bytes.fromhex("84820300") + b"\x10" + bytes(16)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("0020009804" + b"1234".hex(), "0020009804[4 bytes]"),
        ("002400980431323334" + "00", "0024009804[4 bytes]00"),
        ("00200098", "00200098"),
        ("00D8000000000A" + "41" * 10, "00D8000000000A[10 bytes]"),
        ("00D8000000000A" + "41" * 10 + "0000", "00D8000000000A[10 bytes]0000"),
        ("00A404000141", "00A404000141"),
        ("0020009809" + b"1234".hex(), "00200098[5 bytes]"),
        ("0020", "0020[0 bytes]"),
    ],
)
def test_what_is_written(raw: str, text: str) -> None:
    assert Redactor().command(bytes.fromhex(raw)) == text
    assert Redactor(show_secrets=True).command(bytes.fromhex(raw)) == raw.upper()


@given(st.sampled_from(SECRETS), st.sampled_from((0x00, 0x80, 0x84, 0x04)), st.booleans())
def test_a_secret_is_never_written_unencrypted(ins: int, cla: int, extended: bool) -> None:
    secret = b"PIN and more"
    command = CommandApdu(cla, ins, 0, 0x98, secret, 256, extended=extended)
    assert secret.hex().upper() not in Redactor().command(command.to_bytes())


def test_encrypted_commands_are_written_as_they_are() -> None:
    redactor, command = Redactor(), bytes.fromhex("84E28000080102030405060708")
    hidden = "84E2800008[8 bytes]"
    assert redactor.command(command) == hidden
    redactor.seen(AUTHENTICATE, b"\x90\x00")
    assert redactor.command(command) == command.hex().upper()
    assert redactor.command(b"\0" + command[1:]) == "00E2800008[8 bytes]"
    redactor.seen(bytes.fromhex("00A40400"), b"\x90\x00")
    assert redactor.command(command) == hidden


@pytest.mark.parametrize(
    ("command", "response"),
    [
        (b"\x84\x82\x01\x00\x10" + bytes(16), b"\x90\x00"),  # C-MAC alone encrypts nothing
        (AUTHENTICATE, b"\x63\x00"),
        (b"\x00\x82\x03\x00\x10" + bytes(16), b"\x90\x00"),  # ISO's command of that name
        (AUTHENTICATE, b""),
        (b"", b"\x90\x00"),
    ],
)
def test_no_encryption_is_believed_without_a_session(command: bytes, response: bytes) -> None:
    redactor = Redactor()
    redactor.seen(command, response)
    assert redactor.command(bytes.fromhex("84E28000080102030405060708")) == "84E2800008[8 bytes]"


def test_a_reset_ends_the_session() -> None:
    redactor = Redactor()
    redactor.seen(AUTHENTICATE, b"\x90\x00")
    redactor.reset()
    assert "[" in redactor.command(bytes.fromhex("84E28000080102030405060708"))


def test_names() -> None:
    assert command_name(0xA4) == "SELECT"
    assert command_name(0x2E) == "INS 2E"
    assert command_name(0x2E, {0x2E: "SIGN WITH INDICATOR"}) == "SIGN WITH INDICATOR"
