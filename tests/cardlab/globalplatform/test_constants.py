"""Privileges and states against the specification's tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.globalplatform.constants import ISD_PRIVILEGES, Privilege

# GPCS Table 6-1: privilege number to name; the numbers count bits from the first byte's highest.
NUMBERS = {
    0: "SECURITY_DOMAIN",
    1: "DAP_VERIFICATION",
    2: "DELEGATED_MANAGEMENT",
    3: "CARD_LOCK",
    4: "CARD_TERMINATE",
    5: "CARD_RESET",
    6: "CVM_MANAGEMENT",
    7: "MANDATED_DAP_VERIFICATION",
    8: "TRUSTED_PATH",
    9: "AUTHORIZED_MANAGEMENT",
    10: "TOKEN_VERIFICATION",
    11: "GLOBAL_DELETE",
    12: "GLOBAL_LOCK",
    13: "GLOBAL_REGISTRY",
    14: "FINAL_APPLICATION",
    15: "GLOBAL_SERVICE",
    16: "RECEIPT_GENERATION",
    17: "CIPHERED_LOAD_FILE",
    18: "CONTACTLESS_ACTIVATION",
    19: "CONTACTLESS_SELF_ACTIVATION",
}
IMPLIED = {1: {0}, 2: {0}, 7: {0, 1}}  # Table 11-7: bits that must be set with it


@pytest.mark.parametrize("number", NUMBERS)
def test_bits(number: int) -> None:
    bits = {number} | IMPLIED.get(number, set())
    assert int(Privilege[NUMBERS[number]]) == sum(0x800000 >> bit for bit in bits)


def test_the_issuer_domain_has_the_privileges_of_gpcs_6_6_2() -> None:
    """9EFE80 is also what GlobalPlatformPro's TestParseTags expects of an ISD."""
    assert ISD_PRIVILEGES.to_bytes3().hex().upper() == "9EFE80"
    assert len(ISD_PRIVILEGES.names) == 13


@given(st.integers(0, 0xFFFFF).map(lambda bits: bits << 4))
def test_privileges_come_back(value: int) -> None:
    assert int(Privilege.parse(value.to_bytes(3, "big"))) == value
    assert Privilege(value).to_bytes3() == value.to_bytes(3, "big")


def test_one_byte_leaves_the_others_zero_and_rfu_bits_are_dropped() -> None:
    assert Privilege.parse(b"\x80") == Privilege.SECURITY_DOMAIN
    assert Privilege.parse(b"\0\0\x0f") == Privilege.NONE


@pytest.mark.parametrize("raw", [b"", b"\0\0", b"\0\0\0\0"])
def test_other_lengths(raw: bytes) -> None:
    with pytest.raises(ValueError, match="1 or 3 bytes"):
        Privilege.parse(raw)
