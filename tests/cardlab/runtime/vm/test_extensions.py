"""javacardx.framework.*, javacardx.apdu.util, external and biometry on the machine (Java Card API 3.0.5)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.runtime.vm.classes import NATIVES
from tests.cardlab.runtime.vm.machines import Card, compiled, load_file

BCD, HEX = 1, 2
ARITHMETIC, BOUNDS = "6BFF", "6BFE"


class Extensions:
    """Short names for the applet's commands."""

    def __init__(self, card: Card) -> None:
        self.card = card

    def answer(self, ins: int, p1: int = 0, p2: int = 0, data: bytes | str = b"") -> str:
        """Answer and status word in hex."""
        data = bytes.fromhex(data) if isinstance(data, str) else data
        head = bytes((0x80, ins, p1 & 0xFF, p2 & 0xFF))
        return self.card.send(head + (bytes((len(data),)) + data if data else b"") + b"\0")

    def call(self, ins: int, p1: int = 0, p2: int = 0, data: bytes | str = b"") -> bytes:
        """The answer to a command that has to work."""
        answer = self.answer(ins, p1, p2, data)
        assert answer.endswith("9000"), f"{answer} {self.card.why}"
        return bytes.fromhex(answer[:-4])

    def number(self, ins: int, p1: int = 0, p2: int = 0, data: bytes | str = b"") -> int:
        """A signed short."""
        return int.from_bytes(self.call(ins, p1, p2, data), "big", signed=True)


@pytest.fixture(scope="module")
def prepared() -> Card:
    """A card with the applet selected."""
    card = Card.fresh(NATIVES)
    card.load(load_file(compiled("exttest"), ["exttest.Extensions"])[0])
    card.install("Extensions")
    card.select("Extensions")
    return card


@pytest.fixture
def card(prepared: Card) -> Extensions:
    """A copy of it."""
    return Extensions(prepared.fork())


@pytest.fixture(scope="module")
def shared(prepared: Card) -> Extensions:
    """One that properties copy, each time."""
    return Extensions(prepared)


def digits(number: int) -> bytes:
    text = str(number)
    return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)


def octets(number: int) -> bytes:
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


@settings(max_examples=40)
@given(number=st.integers(0, 256**40), zeros=st.integers(0, 3))
def test_decimals_and_back(shared: Extensions, number: int, zeros: int) -> None:
    card = Extensions(shared.card.fork())
    assert card.call(0x10, data=bytes(zeros) + digits(number)) == octets(number)
    assert card.call(0x11, data=bytes(zeros) + octets(number)) == digits(number)


def test_what_is_no_decimal(card: Extensions) -> None:
    assert card.call(0x12, data=b"\x12\x99") == b"\1"
    assert card.call(0x12, data=b"\x12\x9a") == b"\0"
    assert card.answer(0x10, data=b"\x1a") == ARITHMETIC
    for ins in (0x10, 0x11, 0x12):
        assert card.answer(ins) == ARITHMETIC
    assert card.answer(0x11, data=b"\1" + bytes(128)) == ARITHMETIC
    assert card.number(0x13) >= 8


@settings(max_examples=20)
@given(data=st.binary(min_size=1, max_size=20), even=st.booleans())
def test_parity(shared: Extensions, data: bytes, even: bool) -> None:
    made = Extensions(shared.card.fork()).call(0x14, int(even), data=data)
    assert [one & 0xFE for one in made] == [one & 0xFE for one in data]
    assert all(one.bit_count() % 2 == (0 if even else 1) for one in made)


@settings(max_examples=30)
@given(a=st.integers(0, 2**48 - 1), b=st.integers(0, 2**48 - 1), form=st.sampled_from([BCD, HEX]))
def test_big_numbers(shared: Extensions, a: int, b: int, form: int) -> None:
    card = Extensions(shared.card.fork())
    encode = digits if form == BCD else octets
    card.call(0x20, 8)
    for ins, value in ((0x23, a + b), (0x24, a - b), (0x25, a * b)):
        card.call(0x21, form, data=encode(a))
        answer = card.answer(ins, form, data=encode(b))
        if 0 <= value < 2**64:
            assert answer == "9000"
        else:
            assert answer == ARITHMETIC
            value = a  # as before
        length = card.number(0x28, form)
        assert length == len(encode(value))
        assert card.call(0x27, form, length + 2) == bytes(2) + encode(value)
    card.call(0x21, form, data=encode(a))
    order = (a > b) - (a < b)
    assert card.number(0x26, form, data=encode(b)) == order
    assert card.number(0x2A, form, data=encode(b)) == order


def test_limits_of_big_numbers(card: Extensions) -> None:
    assert card.answer(0x20, 0) == ARITHMETIC
    assert card.answer(0x20, 129) == ARITHMETIC
    card.call(0x20, 2)
    assert card.answer(0x21, HEX, data=b"\1\0\0") == ARITHMETIC
    assert card.answer(0x21, 3, data=b"\1") == ARITHMETIC
    assert card.answer(0x21, BCD, data=b"\x0a") == ARITHMETIC
    card.call(0x22, BCD, data=b"\x01\x00")
    assert card.answer(0x21, HEX, data=b"\x65") == ARITHMETIC
    card.call(0x21, HEX, data=b"\x64")
    assert card.answer(0x23, HEX, data=b"\1") == ARITHMETIC
    assert card.answer(0x27, HEX, 0) == ARITHMETIC
    assert card.answer(0x27, BCD, 1) == ARITHMETIC  # 0100 needs two
    card.call(0x29)
    assert card.call(0x27, HEX, 2) == b"\0\0"


def test_arrays_are_repacked(card: Extensions) -> None:
    assert card.number(0x30, 1, data="0102FFFE") == 3
    for ins in (0x32, 0x33):
        assert card.call(ins, 0, 3).hex() == "00000102fffe"
    assert card.answer(0x30, 0, data=b"\1") == "6B01"
    assert card.answer(0x30, 15, data=b"\1\2\3\4") == BOUNDS
    assert card.answer(0x3B) == "6B01"  # an applet is no array


def test_arrays_are_filled_compared_and_searched(card: Extensions) -> None:
    card.call(0x30, 0, data="FFFE")
    assert card.number(0x34, 3, 4) == 7
    assert card.call(0x32, 0, 8).hex() == "fffe00000000fffefffefffefffe0000"
    assert card.number(0x36, 0, 2) == -1  # FFFE is negative
    assert card.number(0x36, 3, 5) == 0
    assert card.number(0x36, 1, 3) == 1
    assert card.number(0x39, 0, 1, data=b"\xff\x01") == 1  # bytes as Util.arrayCompare()
    assert card.number(0x37, 1, data="FFFE") == 3
    assert card.number(0x37, 0, data="1234") == -1
    assert card.number(0x38, 1, 0, data="070107") == 2  # the byte at 0, sought from 1 on
    assert card.number(0x35, 6, 2) == 8
    assert card.answer(0x3A, 0, 1, b"\1") == "6B02"  # shorts with bytes
    assert card.answer(0x34, 15, 2) == BOUNDS
    assert card.answer(0x37, 17, data=b"\1\1") == BOUNDS


@settings(max_examples=60)
@given(kind=st.integers(0, 3), constructed=st.booleans(), number=st.one_of(st.integers(0, 40), st.integers(0, 32767)))
def test_tags(shared: Extensions, kind: int, constructed: bool, number: int) -> None:
    first = kind << 6 | constructed << 5
    rest: list[int] = []
    value = number
    while value and number > 30:
        rest.insert(0, value & 0x7F | (0x80 if rest else 0))
        value >>= 7
    expected = bytes([first | 31, *rest]) if number > 30 else bytes([first | number])
    facts = bytes([len(expected)]) + number.to_bytes(2, "big") + bytes([constructed, kind])
    card = Extensions(shared.card.fork())
    assert card.call(0x40, kind, constructed, number.to_bytes(2, "big")) == expected
    assert card.call(0x41, data=expected) == facts
    assert card.call(0x43, data=expected) == facts + expected
    assert card.call(0x42, data=expected) == b"\1"


def test_tags_that_are_refused(card: Extensions) -> None:
    assert card.answer(0x40, 4, 0, b"\0\1") == "6B01"
    assert card.answer(0x40, 0, 0, b"\xff\xff") == "6B01"
    assert card.answer(0x41, data=b"\x1f\x80\x01") == "6B05"  # leading zeros
    assert card.answer(0x41, data=b"\x1f\x81\x81\x81\x01") == "6B02"  # five bytes
    assert card.answer(0x41, data=b"\x1f\x82\x80\x00") == "6B09"  # number 32768
    assert card.answer(0x45) == "6B03"
    assert card.answer(0x46, data=b"\x30") == "6B05"  # constructed for a primitive one
    assert card.call(0x47, 3, data=b"\0\x05") == b"\xe5"
    assert card.call(0x44, 1, data=b"\x04\x04") == b"\1"
    assert card.call(0x44, 1, data=b"\x04\x05") == b"\0"
    assert card.call(0x43, data=b"\x9f\x02")[:5].hex() == "0200020002"  # as EMV writes tags


def test_structures_in_arrays(card: Extensions) -> None:
    assert card.call(0x48, data="30060401aa0401bb") == b"\1"
    for wrong in ("30", "3005", "30060401aa0402bb", "30060401aa0401bb00", "3080", "040200"):
        assert card.call(0x48, data=wrong) == b"\0", wrong
    assert card.call(0x49, 2, data="30049f0101aa").hex() == "9f01"
    assert card.call(0x49, 0, data="9f0101aa").hex() == "9f01"
    assert card.number(0x4A, 0, data="04820003010203") == 3
    assert card.number(0x4B, 0, data="048103010203") == 3
    assert card.answer(0x4B, 0, data="3003040100") == "6B06"
    assert card.call(0x4C, 1, data="04" + "ab" * 130).hex() == "048182" + "ab" * 130
    assert card.answer(0x4C, 1, data="3001") == "6B05"
    assert card.call(0x4D, 4, data="0402aabb" + "ccdd").hex() == "0404aabbccdd"
    assert card.call(0x4E, 5, data="3003" + "0401aa" + "0402bbcc").hex() == "30070401aa0402bbcc"
    assert card.answer(0x4E, 3, data="0401aa" + "0401bb") == "6B06"


def test_searching_in_arrays(card: Extensions) -> None:
    data = "05" + "3009" + "0401aa" + "0501bb" + "0401cc"  # the tag sought, then the structure
    assert card.number(0x4F, 1, 0, data) == 6
    assert card.number(0x4F, 0, 0, data) == 3
    assert card.number(0x4F, 0, 3, data) == 6
    assert card.number(0x4F, 1, 6, data) == -1
    assert card.number(0x4F, 1, 3, data) == 6
    assert card.answer(0x4F, 1, 4, bytes.fromhex(data)) == "6B01"


def test_primitive_structures(card: Extensions) -> None:
    assert card.call(0x51, data="0404aabbccdd").hex() == "0404aabbccdd"
    assert card.call(0x52, data="ee").hex() == "0405aabbccddee"
    assert card.call(0x54).hex() == "aabbccddee"
    assert card.call(0x55).hex() == "00050007" + "04"
    assert card.call(0x53, data="11").hex() == "040111"
    assert card.answer(0x51, data=bytes.fromhex("3003040100")) == "6B06"
    assert card.answer(0x5B) == "6B04"
    assert card.answer(0x5E) == "6B01"
    assert card.call(0x5D, data="0102").hex() == "83020102"


def test_constructed_structures(card: Extensions) -> None:
    nested = "300b" + "0401aa" + "3103" + "0501bb" + "040100"
    assert card.call(0x50, data=nested).hex() == nested
    assert card.call(0x57, data="04").hex() == "0401aa"
    assert card.call(0x57, data="31").hex() == "31030501bb"
    assert card.call(0x57, data="05") == b""
    assert card.call(0x57).hex() == "0401aa"
    assert card.call(0x58, 1, data="04").hex() == "040100"
    assert card.call(0x58, 1).hex() == "31030501bb"
    assert card.answer(0x58, 2) == "6B01"
    assert card.call(0x56, data="0c0141").hex() == "300e" + nested[4:] + "0c0141"
    assert card.call(0x59, 1, data="31").hex() == "3009" + "0401aa" + "040100" + "0c0141"
    assert card.answer(0x59, 0, data=b"\x04") == "6B01"
    assert card.answer(0x5A) == "6B01"
    assert card.call(0x5C).hex() == "660b3009" + "0401aa" + "040100" + "0c0141"  # its tag object was changed afterwards
    assert card.call(0x5F, data="0401aa0400").hex() == "e1050401aa0400"
    assert card.answer(0x50, data=bytes.fromhex("30030402aa")) == "6B06"


@pytest.mark.parametrize(
    ("cla", "facts"),
    [(0x00, "0000000101"), (0x0D, "0101000101"), (0x13, "0300010101"), (0x63, "0701000101"), (0x5F, "1300010101"),
     (0x20, "0000000100"), (0x80, "0000000001"), (0xFF, "1301010000")],
)  # fmt: skip
def test_class_bytes(card: Extensions, cla: int, facts: str) -> None:
    """Channel, secure messaging, chaining, interindustry, valid (ISO/IEC 7816-4:2013, 5.4.1)."""
    assert card.call(0x60, cla).hex() == facts


def test_what_this_card_does_not_have(card: Extensions) -> None:
    assert card.answer(0x61) == "6B03"
    assert card.answer(0x62) == "6B01"
