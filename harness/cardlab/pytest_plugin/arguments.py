"""What tests write for a command, checked before anything is sent: each error says what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsBytes, TypeAlias

from cardlab.errors import UsageError
from cardlab.iso7816.apdu import CommandApdu, MalformedApduError
from cardlab.iso7816.expected import Expectation, ExpectedStatus
from cardlab.runtime.torn import TornCell

Octets: TypeAlias = bytes | bytearray | memoryview | Iterable[int] | SupportsBytes
"""``b"\\x01\\x02"``, ``[1, 2]``, or an object that turns into bytes."""


def command(cla: int, ins: int, p1: int, p2: int, data: Octets, le: int | None) -> CommandApdu:
    """The command; raises UsageError for what is no number, no bytes, or does not fit."""
    __tracebackhide__ = True
    for name, value in (("cla", cla), ("ins", ins), ("p1", p1), ("p2", p2)):
        number(name, value)
    content, expected = octets("data", data), None if le is None else number("le", le)
    try:
        return CommandApdu(cla, ins, p1, p2, content, expected)
    except MalformedApduError as error:
        raise wrong(str(error)) from None


def expected_status(expect: Expectation) -> ExpectedStatus:
    """The status words; raises UsageError."""
    __tracebackhide__ = True
    try:
        return ExpectedStatus.parse(expect)
    except UsageError as error:
        raise wrong(str(error)) from None


def torn_cell(value: TornCell | str) -> TornCell:
    """What a torn cell holds; raises UsageError."""
    __tracebackhide__ = True
    try:
        return TornCell.parse(value)
    except UsageError as error:
        raise wrong(f"{error}; {error.hint}") from None


def number(name: str, value: object) -> int:
    """A number; raises UsageError."""
    __tracebackhide__ = True
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    meant = f"0x{value}" if isinstance(value, str) and value.isalnum() else "a number like 0x80"
    raise wrong(f"{name}={value!r} is no number: write {meant}")


def octets(name: str, value: object) -> bytes:
    """Bytes; raises UsageError."""
    __tracebackhide__ = True
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        raise wrong(f"{name}={value!r} is text: write {_for_text(value)}")
    if isinstance(value, int) or value is None:
        raise wrong(f"{name}={value!r} is no sequence of bytes: write {_for_number(value)}")
    try:
        return bytes(value)  # type: ignore[call-overload, no-any-return]  # that is being found out
    except (TypeError, ValueError):
        raise wrong(f"{name}={value!r} holds what is no byte: write numbers from 0 to 255, or bytes") from None


def wrong(message: str) -> UsageError:
    """An error whose message says all, because pytest shows no hint."""
    return UsageError(message)


def _for_text(text: str) -> str:
    try:
        bytes.fromhex(text)
    except ValueError:
        return f"{text!r}.encode()"
    return f"bytes.fromhex({text!r}) for hexadecimal, {text!r}.encode() for characters"


def _for_number(value: int | None) -> str:
    return 'b"" for none' if value is None else f"bytes([{value}])" if 0 <= value <= 0xFF else "bytes([1, 2])"
