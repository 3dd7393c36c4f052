"""Checksums and random numbers."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.runtime import jvm
from tests.cardlab.runtime.engine.constants import CHECKSUM, RANDOM, constants, number
from tests.cardlab.runtime.engine.lab import Lab, refused


def checksum(lab: Lab, bits: int) -> Any:
    return lab.engine.checksum(number(CHECKSUM, f"ALG_ISO3309_CRC{bits}"))


def crc(bits: int, initial: int, data: bytes) -> bytes:
    """ISO/IEC 13239, 4.2.5: bits from the lowest on, result complemented."""
    polynomial, value = {16: 0x8408, 32: 0xEDB88320}[bits], initial
    for one in data:
        value ^= one
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
    return (value ^ (1 << bits) - 1).to_bytes(bits // 8, "big")


@given(data=st.binary(max_size=100), cut=st.integers(0, 100))
def test_crc32_started_with_ones_is_that_of_pkzip(lab: Lab, data: bytes, cut: int) -> None:
    one = checksum(lab, 32)
    one.init(b"\xff" * 4)
    for _ in range(2):  # the end begins again
        one.update(data[:cut], 0, len(data[:cut]))
        assert bytes(one.doFinal(data[cut:], 0, len(data[cut:]))) == zlib.crc32(data).to_bytes(4, "big")


def test_crc16_started_with_ones_is_that_of_x25(lab: Lab) -> None:
    """The check value of CRC-16/X-25 for "123456789"."""
    one = checksum(lab, 16)
    one.init(b"\xff\xff")
    assert bytes(one.doFinal(b"123456789", 0, 9)).hex() == "906e"


@pytest.mark.parametrize("bits", [16, 32])
@given(data=st.binary(max_size=60), initial=st.integers(0, 2**32 - 1))
def test_any_initial_value_and_zero_without_one(lab: Lab, bits: int, data: bytes, initial: int) -> None:
    initial &= (1 << bits) - 1
    one = checksum(lab, bits)
    assert bytes(one.doFinal(data, 0, len(data))) == crc(bits, 0, data)
    one.init(initial.to_bytes(bits // 8, "big"))
    one.update(data, 0, len(data))
    copy = one.copy()
    one.reset()
    assert bytes(copy.doFinal(data, 0, len(data))) == crc(bits, initial, data + data)
    assert bytes(one.doFinal(data, 0, len(data))) == crc(bits, initial, data)


@pytest.mark.parametrize(("bits", "length"), [(16, 4), (16, 1), (32, 2), (32, 0)])
def test_initial_values_of_another_length(lab: Lab, bits: int, length: int) -> None:
    with refused("ILLEGAL_VALUE"):
        checksum(lab, bits).init(bytes(length))


@pytest.mark.parametrize("name", constants(RANDOM, "ALG_"))
def test_random_algorithms(lab: Lab, name: str) -> None:
    assert str(lab.engine.random(number(RANDOM, name)).name()) == name


def test_no_random_bytes_are_refused(lab: Lab) -> None:
    with refused("ILLEGAL_VALUE"):
        jvm.java_class("cardlab.engine.RandomAlgorithm").checkLength(0)
