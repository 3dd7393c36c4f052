"""The OneShot classes of javacard.security and javacardx.crypto (Java Card API 3.0.5)."""

from __future__ import annotations

import pytest

from cardlab.runtime.vm.classes import NATIVES
from tests.cardlab.runtime.engine.lab import ENCRYPT, SIGN, Lab
from tests.cardlab.runtime.vm.machines import Card, compiled, load_file


@pytest.fixture(scope="module")
def prepared() -> Card:
    """A card with the applet selected."""
    card = Card.fresh(NATIVES)
    card.load(load_file(compiled("oneshottest"), ["oneshottest.Shots"])[0])
    card.install("Shots")
    card.select("Shots")
    return card


@pytest.fixture
def card(prepared: Card) -> Card:
    """A copy of it."""
    return Card(prepared.machine.fork(None))


def sent(card: Card, ins: int) -> str:
    return card.send(bytes((0x80, ins, 0, 0, 0)))


def test_they_do_what_the_others_do(card: Card) -> None:
    lab = Lab.started()
    key, message = lab.key("AES", 128, key=bytes(16)), b"abc".ljust(16, b"\0")
    expected = {
        1: lab.hash("ALG_SHA_256", b"abc"),
        3: lab.signature("ALG_AES_CMAC_128").init(key, SIGN).sign(b"abc"),
        4: lab.cipher("ALG_AES_BLOCK_128_CBC_NOPAD").init(key, ENCRYPT).final(message),
        9: lab.hash("ALG_SHA_256", b"abc\x80" + bytes(59) + b"\x18" + b"abc"),
        12: b"\1",
    }
    for ins, value in expected.items():
        assert sent(card, ins) == value.hex().upper() + "9000", ins
    assert len(sent(card, 2)) == 36


@pytest.mark.parametrize(
    ("ins", "answer", "why"),
    [
        (5, "6982", "a temporary entry point is not stored"),
        (6, "6C05", "there is one of each: NO_RESOURCE"),
        (7, "6B05", "closed: ILLEGAL_USE"),
        (8, "6B05", "update() is not for them"),
        (10, "6B05", "update() is not for them"),
        (11, "6B03", "NO_SUCH_ALGORITHM"),
        (13, "6B04", "INVALID_INIT before init()"),
    ],
)
def test_what_is_refused(card: Card, ins: int, answer: str, why: str) -> None:
    assert sent(card, ins) == answer, why


def test_the_end_of_a_command_closes_them(card: Card) -> None:
    for _ in range(2):
        assert sent(card, 8) == "6B05"  # leaves one open
        assert len(sent(card, 1)) == 68


def test_they_take_no_memory(card: Card) -> None:
    before = card.machine.memory()[0]
    for ins in (1, 2, 3, 4, 9, 12):
        sent(card, ins)
    grown = int(card.machine.memory()[0] - before)
    card.reset()
    assert grown <= 16  # the array that initialized() makes
