"""JCint, and ArrayLogic with int arrays, in load files made by hand: no compiler here has int."""

from __future__ import annotations

import pytest

from cardlab.runtime.vm.classes import NATIVES
from tests.cardlab.runtime.vm.handmade import APPLET, Hand
from tests.cardlab.runtime.vm.machines import PACKAGE, Card

HALVES = "istore 3; iload 3; bipush 16; ishr; i2s; iload 3; i2s; sxor"
"""An int on the stack as the exclusive or of its halves."""
BYTES = "bspush 8; newarray byte; astore 5; "
INTS = "bspush 4; newarray int; astore 6; "


def value(code: str) -> int:
    """The short that the code leaves."""
    card = Card.fresh(NATIVES)
    card.load(Hand(code).block())
    card.machine.install(PACKAGE, APPLET, APPLET, bytes((len(APPLET),)) + APPLET + b"\0\0")
    answer = card.select_aid(APPLET).hex()
    assert answer.endswith("9000"), f"{answer}: {card.why}"
    return int.from_bytes(bytes.fromhex(answer[:4]), "big", signed=True)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"sspush 0x1234; sspush 0x5678; invokestatic @JCint.makeInt(SS)I; {HALVES}", 0x1234 ^ 0x5678),
        (f"bspush 1; bspush -2; bspush 3; bspush -4; invokestatic @JCint.makeInt(BBBB)I; {HALVES}", 0x01FE ^ 0x03FC),
        (BYTES + "aload 5; sconst_2; iipush 0x12345678; invokestatic @JCint.setInt", 6),
        (
            BYTES + "aload 5; sconst_2; iipush 0x12345678; invokestatic @JCint.setInt; pop;"
            f"aload 5; sconst_2; invokestatic @JCint.getInt; {HALVES}",
            0x1234 ^ 0x5678,
        ),
        ("sconst_3; sconst_1; invokestatic @JCint.makeTransientIntArray; arraylength", 3),
        (
            INTS + "aload 6; sconst_1; bipush 7; iastore; aload 6; sconst_0; sconst_4; aload 6; sconst_1;"
            "invokestatic @ArrayLogic.arrayFillGeneric; pop; aload 6; sconst_3; iaload; i2s",
            7,
        ),
        (
            INTS
            + BYTES
            + "aload 6; sconst_2; iipush 0x00010203; iastore; aload 6; sconst_2; sconst_1; aload 5; sconst_3;"
            "invokestatic @ArrayLogic.arrayCopyRepack; pop; aload 5; bspush 6; baload",
            3,
        ),
        (
            INTS + "aload 6; sconst_1; iconst_m1; iastore; aload 6; sconst_1; aload 6; sconst_0; sconst_1;"
            "invokestatic @ArrayLogic.arrayCompareGeneric",
            -1,
        ),
        (
            INTS + BYTES + "aload 6; sconst_3; bipush 9; iastore; aload 5; sconst_3; bspush 9; bastore;"
            "aload 6; sconst_1; aload 5; sconst_0; invokestatic @ArrayLogic.arrayFindGeneric",
            3,
        ),
    ],
)
def test_what_they_leave(code: str, expected: int) -> None:
    assert value(code) == expected
