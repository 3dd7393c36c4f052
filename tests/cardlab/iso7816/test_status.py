"""Status words in words."""

from __future__ import annotations

import pytest

from cardlab.errors import CardError
from cardlab.iso7816.apdu import ResponseApdu
from cardlab.iso7816.status import MEANINGS, SW, UnexpectedStatusError, check, describe


def test_every_status_word_has_a_meaning() -> None:
    assert set(MEANINGS) == set(SW)


@pytest.mark.parametrize(
    ("sw", "text"),
    [
        (0x9000, "9000 (success)"),
        (0x63C2, "63C2 (2 tries left)"),
        (0x6C10, "6C10 (wrong Le, 16 bytes are there)"),
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
