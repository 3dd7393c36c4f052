"""Status words in words."""

from __future__ import annotations

import pytest

from cardlab.errors import CardError
from cardlab.iso7816.apdu import ResponseApdu
from cardlab.iso7816.status import MEANINGS, SW, UnexpectedStatusError, check, describe

NUMBERS = """\
    9000 OK
    6200 WARNING
    6283 SELECTED_LOCKED
    6300 AUTHENTICATION_FAILED
    6310 MORE_DATA_AVAILABLE
    6581 MEMORY_FAILURE
    6600 SECURITY_ISSUE
    6700 WRONG_LENGTH
    6881 CHANNEL_NOT_SUPPORTED
    6882 SECURE_MESSAGING_NOT_SUPPORTED
    6884 COMMAND_CHAINING_NOT_SUPPORTED
    6981 INCOMPATIBLE_FILE
    6982 SECURITY_STATUS_NOT_SATISFIED
    6983 AUTHENTICATION_METHOD_BLOCKED
    6984 REFERENCE_DATA_NOT_USABLE
    6985 CONDITIONS_NOT_SATISFIED
    6986 COMMAND_NOT_ALLOWED
    6988 SECURE_MESSAGING_INCORRECT
    6999 APPLET_SELECT_FAILED
    6A80 WRONG_DATA
    6A81 FUNCTION_NOT_SUPPORTED
    6A82 FILE_NOT_FOUND
    6A84 NOT_ENOUGH_MEMORY
    6A86 INCORRECT_P1P2
    6A88 REFERENCED_DATA_NOT_FOUND
    6A89 ALREADY_EXISTS
    6B00 WRONG_P1P2
    6C00 WRONG_LE
    6D00 INS_NOT_SUPPORTED
    6E00 CLA_NOT_SUPPORTED
    6F00 UNKNOWN
"""
"""ISO/IEC 7816-4:2020, Tables 5 and 6; GPCS 11.1.3; 6999 is the JCRE's (3.0.5, 4.6.1)."""


def test_every_status_word_has_a_meaning() -> None:
    assert set(MEANINGS) == set(SW)


def test_each_has_its_number() -> None:
    assert [f"{sw:04X} {sw.name}" for sw in SW] == [line.strip() for line in NUMBERS.splitlines()]


@pytest.mark.parametrize(
    ("sw", "text"),
    [
        (0x9000, "9000 (success)"),
        (0x63C2, "63C2 (2 tries left)"),
        (0x63CF, "63CF (15 tries left)"),
        (0x6C10, "6C10 (wrong Le, 16 bytes are there)"),
        (0x6C01, "6C01 (wrong Le, 1 bytes are there)"),
        (0x6CFF, "6CFF (wrong Le, 255 bytes are there)"),
        (0x1234, "1234 (meaning unknown)"),
    ],
)
def test_describe(sw: int, text: str) -> None:
    assert describe(sw) == text


def test_check_lets_the_allowed_ones_pass() -> None:
    for sw in (0x9000, 0x6310):
        response = ResponseApdu(b"x", sw)
        assert check(response, "GET STATUS", SW.MORE_DATA_AVAILABLE) is response


def test_check_names_command_status_and_remedy() -> None:
    with pytest.raises(
        UnexpectedStatusError, match=r"DELETE: the card answered 6982 \(security.*9000 or 6A88"
    ) as caught:
        check(ResponseApdu(b"", 0x6982), "DELETE", SW.REFERENCED_DATA_NOT_FOUND, hint="authenticate first")
    assert (caught.value.sw, caught.value.command, caught.value.hint) == (0x6982, "DELETE", "authenticate first")
    assert isinstance(caught.value, CardError)
    assert caught.value.exit_code == 7
