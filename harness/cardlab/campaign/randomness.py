"""The statistical tests of FIPS 140-2 (4.9.1, before its change notice 2) on 20,000 bits (F2).

They find a broken generator, not a weak one; AIS 20/31 asks for far more.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby

SAMPLE_BYTES = 2500
_ONES = range(9726, 10275)
_POKER = (2.16, 46.17)
_LONG_RUN = 26
_RUNS = {1: range(2315, 2686), 2: range(1114, 1387), 3: range(527, 724), 4: range(240, 385), 5: range(103, 210)}
_LONGEST_CLASS = 6
_RUNS_LONG = range(103, 210)


def fips_140_findings(sample: bytes) -> tuple[str, ...]:
    """What the monobit, poker, runs and long-run tests find; empty when all four pass.

    Takes exactly 2,500 bytes, raises ValueError for any other length.
    """
    if len(sample) != SAMPLE_BYTES:
        raise ValueError(f"{len(sample)} bytes, the tests are for exactly {SAMPLE_BYTES}")
    bits = "".join(f"{byte:08b}" for byte in sample)
    return tuple(text for text in (_monobit(bits), _poker(sample), _runs(bits)) if text)


def _monobit(bits: str) -> str:
    ones = bits.count("1")
    return "" if ones in _ONES else f"monobit: {ones} ones, expected {_ONES.start} to {_ONES.stop - 1}"


def _poker(sample: bytes) -> str:
    counts = Counter(nibble for byte in sample for nibble in (byte >> 4, byte & 0xF))
    value = 16 / (2 * SAMPLE_BYTES) * sum(count * count for count in counts.values()) - 2 * SAMPLE_BYTES
    low, high = _POKER
    return "" if low < value < high else f"poker: {value:.2f}, expected {low} to {high}"


def _runs(bits: str) -> str:
    lengths = [(digit, len(list(run))) for digit, run in groupby(bits)]
    longest = max(length for _, length in lengths)
    if longest >= _LONG_RUN:
        return f"long run: {longest} equal bits, allowed are {_LONG_RUN - 1}"
    counts = Counter((digit, min(length, _LONGEST_CLASS)) for digit, length in lengths)
    for digit in "01":
        for length, allowed in (_RUNS | {_LONGEST_CLASS: _RUNS_LONG}).items():
            if counts[digit, length] not in allowed:
                return f"runs: {counts[digit, length]} of {length} times {digit}, expected {allowed}"
    return ""
