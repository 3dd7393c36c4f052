"""javacardx.framework.string on the machine (Java Card API 3.0.5)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.runtime.vm.classes import NATIVES
from tests.cardlab.runtime.engine.constants import constants
from tests.cardlab.runtime.vm.machines import Card, compiled, load_file

ENCODINGS = constants("javacardx/framework/string/StringUtil")
OUTSIDE, UNSUPPORTED, NUMBER_FORMAT, INVALID = "6BFE", "6B01", "6B02", "6B03"
texts = st.text(max_size=20)


class Texts:
    """Short names for the applet's commands, each to a copy of the card: its strings stay in memory."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.used = card.fork()

    def answer(self, ins: int, first: bytes, second: bytes = b"", p1: int = 0, p2: int = 0) -> str:
        """Answer and status word in hex."""
        data = bytes((len(first),)) + first + second
        self.used = self.card.fork()
        return self.used.send(bytes((0x80, ins, p1 & 0xFF, p2 & 0xFF, len(data))) + data + b"\0")

    def call(self, ins: int, first: bytes, second: bytes = b"", p1: int = 0, p2: int = 0) -> bytes:
        """The answer to a command that has to work."""
        answer = self.answer(ins, first, second, p1, p2)
        assert answer.endswith("9000"), f"{answer} {self.used.why}"
        return bytes.fromhex(answer[:-4])

    def number(self, ins: int, first: bytes, second: bytes = b"", p1: int = 0, p2: int = 0) -> int:
        """A signed short."""
        return int.from_bytes(self.call(ins, first, second, p1, p2), "big", signed=True)


@pytest.fixture(scope="module")
def card() -> Texts:
    """A card with the applet selected."""
    made = Card.fresh(NATIVES)
    made.load(load_file(compiled("stringtest"), ["stringtest.Texts"])[0])
    made.install("Texts")
    made.select("Texts")
    return Texts(made)


@settings(max_examples=40)
@given(text=texts, index=st.integers(0, 20))
def test_characters(card: Texts, text: str, index: int) -> None:
    raw = text.encode()
    assert card.number(0, raw) == len(text)
    index = min(index, len(text))
    before, after = text[:index].encode(), text[index:]
    assert card.number(3, raw, p1=0, p2=index) == len(before)
    assert card.number(3, raw, p1=len(raw), p2=-len(after)) == len(before)
    if after:
        assert card.call(1, raw, p1=len(before)) == after[0].encode()
    if before:
        assert card.call(2, raw, p1=len(before)) == text[index - 1].encode()
    assert card.call(13, raw, p1=index, p2=-1) == after.encode()
    assert card.call(13, raw, p1=0, p2=index) == before


def test_ill_formed_sequences_count_as_one(card: Texts) -> None:
    raw = b"a\xe3\x81b\xff\x80c"  # an incomplete character, a byte that never occurs, a stray continuation
    assert card.number(0, raw) == 6
    assert card.call(1, raw, p1=1) == b"\xe3\x81"
    assert card.call(2, raw, p1=3) == b"\xe3\x81"
    assert card.number(10, raw) == 0
    assert card.call(8, raw) == b"ABC"  # left out
    assert card.number(10, "日本".encode()) == 1


@pytest.mark.parametrize(
    ("ins", "p1", "p2"),
    [(1, 3, 0), (1, -1, 0), (2, 0, 0), (2, 4, 0), (3, 4, 0), (3, 0, 4), (3, 2, -3), (13, -1, 2), (13, 2, 1)],
)
def test_indexes_outside(card: Texts, ins: int, p1: int, p2: int) -> None:
    assert card.answer(ins, b"abc", p1=p1, p2=p2) == OUTSIDE


@settings(max_examples=40)
@given(left=st.text(alphabet="aAbBéz", max_size=6), right=st.text(alphabet="aAbBéz", max_size=6))
def test_comparing(card: Texts, left: str, right: str) -> None:
    for ignoring in (0, 1):
        one, two = (
            "".join(c.lower() if c.isascii() and ignoring else c for c in side).encode() for side in (left, right)
        )
        pairs = [a - b for a, b in zip(one, two, strict=False) if a != b]
        expected = pairs[0] if pairs else len(one) - len(two)
        assert card.number(4, left.encode(), right.encode(), p1=ignoring) == expected


@settings(max_examples=40)
@given(
    text=st.text(alphabet="ab ", max_size=12),
    old=st.text(alphabet="ab", min_size=1, max_size=2),
    new=st.text("xyz", max_size=3),
)
def test_searching_and_replacing(card: Texts, text: str, old: str, new: str) -> None:
    raw = text.encode()
    assert card.number(5, raw, old.encode()) == text.find(old)
    assert card.call(6, raw, (old + new).encode(), p1=len(old)) == text.replace(old, new).encode()
    assert card.number(11, raw, old.encode(), p1=-1) == text.startswith(old)
    assert card.number(12, raw, old.encode(), p1=-1) == text.endswith(old)
    assert card.number(11, raw, old.encode(), p1=1) == text.startswith(old[:1])
    assert card.call(9, raw) == text.strip().encode()


def test_cases_of_ascii(card: Texts) -> None:
    assert card.call(7, "ÄBC xyz".encode()) == "Äbc xyz".encode()
    assert card.call(8, "äbc XYZ".encode()) == "äBC XYZ".encode()


@settings(max_examples=30)
@given(number=st.integers(-(2**15), 2**15 - 1))
def test_short_numbers(card: Texts, number: int) -> None:
    assert card.call(15, number.to_bytes(2, "big", signed=True)) == str(number).encode()
    sign, size = ("-", -number) if number < 0 else ("", number)
    for text in (str(number), f"{sign}0x{size:x}", f"{sign}0X{size:X}", f"{sign}#{size:04x}"):
        assert card.number(17, text.encode()) == number


@settings(max_examples=30)
@given(number=st.integers(-(2**63), 2**63 - 1))
def test_long_numbers(card: Texts, number: int) -> None:
    whole = number.to_bytes(8, "big", signed=True)
    assert card.call(19, whole, p1=4) == str(number).encode()
    shorts = whole
    while len(shorts) > 2 and shorts[:2] == b"\0\0":
        shorts = shorts[2:]
    assert card.call(18, str(number).encode()) == shorts


@pytest.mark.parametrize("text", ["", "-", "+1", "007", "1 ", "0x", "#", "32768", "-32769", "0xFFFF", "1a", "--1"])
def test_what_is_no_number(card: Texts, text: str) -> None:
    assert card.answer(17, text.encode()) == NUMBER_FORMAT


def test_booleans(card: Texts) -> None:
    assert card.call(14, b"", p1=1) == b"true"
    assert card.call(14, b"") == b"false"
    assert [card.number(16, text) for text in (b"TrUe", b"true ", b"false", b"")] == [1, 0, 0, 0]


@settings(max_examples=30)
@given(text=st.text(max_size=12))
def test_other_encodings(card: Texts, text: str) -> None:
    raw = text.encode()
    for name, codec in (("UTF_8", "utf-8"), ("UTF_16_LE", "utf-16-le"), ("UTF_16_BE", "utf-16-be")):
        other = text.encode(codec)
        assert card.call(20, raw, p1=ENCODINGS[name]) == other
        assert card.call(21, other, p1=ENCODINGS[name]) == raw
    assert card.call(21, b"\xff\xfe" + text.encode("utf-16-le"), p1=ENCODINGS["UTF_16"]) == raw
    assert card.call(21, card.call(20, raw, p1=ENCODINGS["UTF_16"]), p1=ENCODINGS["UTF_16"]) == raw


def test_characters_that_an_encoding_lacks(card: Texts) -> None:
    assert card.call(20, "né".encode(), p1=ENCODINGS["ISO_8859_1"]) == b"n\xe9"
    assert card.answer(20, "日".encode(), p1=ENCODINGS["ISO_8859_1"]) == INVALID
    assert card.call(20, "日".encode(), p1=ENCODINGS["UCS_2"]) == "日".encode("utf-16-be")
    assert card.answer(20, "😀".encode(), p1=ENCODINGS["UCS_2"]) == INVALID
    assert card.answer(20, b"\xff", p1=ENCODINGS["UTF_8"]) == INVALID
    assert card.answer(21, b"\xd8\x00", p1=ENCODINGS["UTF_16_BE"]) == INVALID
    for number in (0, ENCODINGS["GSM_7"], 8, ENCODINGS["PROP_ENCODING_EXT"]):
        assert card.answer(20, b"a", p1=number) == UNSUPPORTED
