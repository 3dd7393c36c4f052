"""Status words and what they mean (ISO/IEC 7816-4:2020, 5.6; GlobalPlatform Card Specification 2.3.1, 11.1.3)."""

from __future__ import annotations

from enum import IntEnum, unique

from cardlab.errors import CardError
from cardlab.iso7816.apdu import ResponseApdu


@unique
class SW(IntEnum):
    """Status words used by the card manager and the applets."""

    OK = 0x9000
    WARNING = 0x6200
    SELECTED_LOCKED = 0x6283
    AUTHENTICATION_FAILED = 0x6300
    MORE_DATA_AVAILABLE = 0x6310
    MEMORY_FAILURE = 0x6581
    SECURITY_ISSUE = 0x6600
    WRONG_LENGTH = 0x6700
    CHANNEL_NOT_SUPPORTED = 0x6881
    SECURE_MESSAGING_NOT_SUPPORTED = 0x6882
    COMMAND_CHAINING_NOT_SUPPORTED = 0x6884
    INCOMPATIBLE_FILE = 0x6981
    SECURITY_STATUS_NOT_SATISFIED = 0x6982
    AUTHENTICATION_METHOD_BLOCKED = 0x6983
    REFERENCE_DATA_NOT_USABLE = 0x6984
    CONDITIONS_NOT_SATISFIED = 0x6985
    COMMAND_NOT_ALLOWED = 0x6986
    SECURE_MESSAGING_INCORRECT = 0x6988
    APPLET_SELECT_FAILED = 0x6999
    WRONG_DATA = 0x6A80
    FUNCTION_NOT_SUPPORTED = 0x6A81
    FILE_NOT_FOUND = 0x6A82
    NOT_ENOUGH_MEMORY = 0x6A84
    INCORRECT_P1P2 = 0x6A86
    REFERENCED_DATA_NOT_FOUND = 0x6A88
    ALREADY_EXISTS = 0x6A89
    WRONG_P1P2 = 0x6B00
    WRONG_LE = 0x6C00
    INS_NOT_SUPPORTED = 0x6D00
    CLA_NOT_SUPPORTED = 0x6E00
    UNKNOWN = 0x6F00


MEANINGS: dict[int, str] = {
    SW.OK: "success",
    SW.WARNING: "warning, nothing changed",
    SW.SELECTED_LOCKED: "selected, but the card or the application is locked",
    SW.AUTHENTICATION_FAILED: "authentication of the host failed",
    SW.MORE_DATA_AVAILABLE: "more data is available",
    SW.MEMORY_FAILURE: "memory failure",
    SW.SECURITY_ISSUE: "security-related issue: the card took a disturbance for an attack",
    SW.WRONG_LENGTH: "wrong length",
    SW.CHANNEL_NOT_SUPPORTED: "logical channel not supported or not open",
    SW.SECURE_MESSAGING_NOT_SUPPORTED: "secure messaging not supported",
    SW.COMMAND_CHAINING_NOT_SUPPORTED: "command chaining not supported",
    SW.INCOMPATIBLE_FILE: "command does not fit the kind of file",
    SW.SECURITY_STATUS_NOT_SATISFIED: "security status not satisfied",
    SW.AUTHENTICATION_METHOD_BLOCKED: "authentication method blocked",
    SW.REFERENCE_DATA_NOT_USABLE: "reference data not usable (blocked or not set)",
    SW.CONDITIONS_NOT_SATISFIED: "conditions of use not satisfied",
    SW.COMMAND_NOT_ALLOWED: "command not allowed, no file or application is selected",
    SW.SECURE_MESSAGING_INCORRECT: "secure messaging data objects incorrect",
    SW.APPLET_SELECT_FAILED: "the application refused to be selected",
    SW.WRONG_DATA: "wrong data",
    SW.FUNCTION_NOT_SUPPORTED: "function not supported, or card or application locked",
    SW.FILE_NOT_FOUND: "file or application not found",
    SW.NOT_ENOUGH_MEMORY: "not enough memory",
    SW.INCORRECT_P1P2: "incorrect P1 or P2",
    SW.REFERENCED_DATA_NOT_FOUND: "referenced data not found",
    SW.ALREADY_EXISTS: "what is to be made exists already",
    SW.WRONG_P1P2: "offset outside the file",
    SW.WRONG_LE: "wrong Le",
    SW.INS_NOT_SUPPORTED: "instruction not supported",
    SW.CLA_NOT_SUPPORTED: "class not supported",
    SW.UNKNOWN: "no precise diagnosis",
}


def describe(sw: int) -> str:
    """A status word as people read it: ``6982 (security status not satisfied)``."""
    if sw & 0xFF00 == SW.WRONG_LE:
        return f"{sw:04X} (wrong Le, {sw & 0xFF} bytes are there)"
    if sw & 0xFFF0 == 0x63C0:
        return f"{sw:04X} ({sw & 0xF} tries left)"
    return f"{sw:04X} ({MEANINGS.get(sw, 'meaning unknown')})"


class UnexpectedStatusError(CardError):
    """A command was refused; ``sw`` is the status word the card answered with, ``expected`` what was (or ``63Cx``)."""

    def __init__(self, command: str, sw: int, *, expected: tuple[int | str, ...] = (SW.OK,), hint: str = "") -> None:
        wanted = " or ".join(word if isinstance(word, str) else f"{word:04X}" for word in expected)
        super().__init__(f"{command}: the card answered {describe(sw)}, expected {wanted}", hint=hint)
        self.command = command
        self.sw = sw


def check(response: ResponseApdu, command: str, *allowed: int, hint: str = "") -> ResponseApdu:
    """Return the response when its status word is 9000 or one of ``allowed``, else raise UnexpectedStatusError."""
    if response.sw != SW.OK and response.sw not in allowed:
        raise UnexpectedStatusError(command, response.sw, expected=(SW.OK, *allowed), hint=hint)
    return response
