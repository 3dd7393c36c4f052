"""The answer to reset, as far as the card changes it (ISO/IEC 7816-3:2006, 8.2)."""

from __future__ import annotations

from functools import reduce
from operator import xor


def with_historical_bytes(atr: bytes, historical: bytes) -> bytes:
    """The same answer with other historical bytes (at most 15), its check byte made anew where there is one."""
    interface, check = _interface(atr)
    body = bytes((atr[1] & 0xF0 | len(historical),)) + interface + historical
    return atr[:1] + body + (bytes((reduce(xor, body),)) if check else b"")


def _interface(atr: bytes) -> tuple[bytes, bool]:
    """The interface bytes TA1, TB1 ..., and whether a protocol other than T=0 asks for the check byte TCK."""
    position, present, check = 2, atr[1] >> 4, False
    while present:
        position += present.bit_count()
        if not present & 0x8 or position > len(atr):
            break
        following = atr[position - 1]
        present, check = following >> 4, check or following & 0x0F != 0
    return atr[2:position], check
