"""What may be written for the status word that is expected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import UsageError
from cardlab.iso7816.expected import ExpectedStatus
from cardlab.iso7816.status import SW


@pytest.mark.parametrize(
    ("written", "allowed", "others", "words"),
    [
        (0x9000, [0x9000], [0x9001, 0x6300], "9000"),
        (SW.OK, [0x9000], [0x6A82], "9000"),
        ("9000", [0x9000], [0x9001], "9000"),
        ("0x6a82", [0x6A82], [0x9000], "6A82"),
        ("63Cx", [0x63C0, 0x63CF], [0x63B0, 0x6300], "63Cx"),
        ("63CX", [0x63C3], [0x63D3], "63Cx"),
        ("xxxx", [0x0000, 0xFFFF], [], "xxxx"),
        ((0x9000, 0x6A80), [0x9000, 0x6A80], [0x6A81], "9000 or 6A80"),
        ([SW.OK, "63Cx"], [0x9000, 0x63C2], [0x6983], "9000 or 63Cx"),
        ("63Cx, 6984", [0x63C2, 0x6984], [0x6983], "63Cx or 6984"),
        ({0x9000}, [0x9000], [0x9001], "9000"),
    ],
)
def test_what_is_allowed(written: object, allowed: list[int], others: list[int], words: str) -> None:
    expected = ExpectedStatus.parse(written)  # type: ignore[arg-type]
    assert [sw for sw in allowed + others if expected.allows(sw)] == allowed
    assert str(expected) == words


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_a_number_allows_itself_only(written: int, answered: int) -> None:
    assert ExpectedStatus.parse(written).allows(answered) == (written == answered)


@pytest.mark.parametrize(
    "written", [0x19000, -1, "", "90", "0x90", "90000", "63Cy", "ok", (), (0x9000, None), None, True, 9.0, b"\x90\x00"]
)
def test_what_is_no_status_word_is_told_what_to_write(written: object) -> None:
    with pytest.raises(UsageError, match=r'is no status word: write 0x9000, "63Cx"'):
        ExpectedStatus.parse(written)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "shown"), [(0x19000, "0x19000"), (-1, "-0x1"), (True, "True"), ("90", "'90'"), (None, "None")]
)
def test_it_is_shown_as_it_was_written(written: object, shown: str) -> None:
    with pytest.raises(UsageError, match=f"^{shown} is no status word"):
        ExpectedStatus.parse(written)  # type: ignore[arg-type]
