"""Class bytes with and without secure messaging (GPCS Tables 11-11 and 11-12), bit by bit."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.scp03 import is_secured, plain_class, secured_class


def bits(cla: int) -> str:
    """From b8 to b1."""
    return f"{cla:08b}"


@pytest.mark.parametrize(
    ("plain", "secured"),
    [(0x80, 0x84), (0x81, 0x85), (0x83, 0x87), (0x00, 0x04), (0x02, 0x06), (0xC0, 0xE0), (0xCF, 0xEF), (0x45, 0x65)],
)
def test_from_one_to_the_other(plain: int, secured: int) -> None:
    assert (secured_class(plain), plain_class(secured)) == (secured, plain)
    assert (is_secured(plain), is_secured(secured)) == (False, True)
    assert (secured_class(secured), plain_class(plain)) == (secured, plain)


def test_every_class_byte() -> None:
    """b7 tells which table holds: in the one b4 b3 say 01 for GlobalPlatform's, in the other b6. The rest stays."""
    for cla in range(0x100):
        text = bits(cla)
        further = text[1] == "1"
        assert is_secured(cla) is (text[2] == "1" if further else text[4:6] == "01"), text
        secured, plain = bits(secured_class(cla)), bits(plain_class(cla))
        assert secured == (text[:2] + "1" + text[3:] if further else text[:4] + "01" + text[6:])
        assert plain == (text[:2] + "0" + text[3:] if further else text[:4] + "00" + text[6:])
