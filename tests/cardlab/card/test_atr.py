"""Other historical bytes in an answer to reset (ISO/IEC 7816-3:2006, 8.2): interface bytes stay, TCK is made anew."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest

from cardlab.card.manager.atr import with_historical_bytes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("3B 00", "3B 02 A1A2"),
        ("3B 03 010203", "3B 02 A1A2"),
        ("3B 10 95", "3B 12 95 A1A2"),  # TA1
        ("3B F1 95 96 97 00 01", "3B F2 95 96 97 00 A1A2"),  # TA1 to TD1 of T=0: no TCK
        ("3B 80 01 81", "3B 82 01 A1A2 80"),  # TD1 of T=1
        ("3B 81 81 31 20 55 01 E4", "3B 82 81 31 20 55 A1A2 44"),  # TD1, TD2, TA3, TB3 of T=1
        ("3B 80 80 01 01", "3B 82 80 01 A1A2 00"),  # first T=0, then T=1
        ("3B 80 81 00 01", "3B 82 81 00 A1A2 00"),  # first T=1, then T=0: the check byte is there all the same
        ("3B 80", "3B 82 A1A2"),  # cut off before TD1
        ("3B 81 80", "3B 82 80 A1A2"),  # and before TD2
    ],
)
def test_other_historical_bytes(before: str, after: str) -> None:
    assert with_historical_bytes(bytes.fromhex(before), b"\xa1\xa2") == bytes.fromhex(after)


def test_the_check_byte_makes_the_sum_nothing() -> None:
    for atr in ("3B8001 81", "3B818131205501E4", "3B80800101"):
        made = with_historical_bytes(bytes.fromhex(atr), b"cardlab")
        assert reduce(xor, made[1:]) == 0


def test_fifteen_historical_bytes_and_none() -> None:
    assert with_historical_bytes(bytes.fromhex("3B03010203"), bytes(15)) == bytes.fromhex("3B0F") + bytes(15)
    assert with_historical_bytes(bytes.fromhex("3B03010203"), b"") == bytes.fromhex("3B00")
