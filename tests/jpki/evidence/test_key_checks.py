"""Every key check fails on a key made bad in just that way, and passes an ordinary one (F2)."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from math import lcm
from random import Random

import pytest

from cardlab.campaign.keys import (
    PUBLIC_EXPONENT,
    Check,
    Finding,
    PrivateKey,
    check_private,
    check_public,
    check_together,
)
from cardlab.campaign.numbers import is_probable_prime, longest_run, primorial, small_primes
from cardlab.campaign.randomness import fips_140_findings

BITS = 1024  # half the size of the card's keys, so that crafting one takes no time
HALF = BITS // 2


def prime_from(start: int, step: int = 2) -> int:
    """The first prime at or after ``start`` in steps."""
    return next(number for number in count(start | 1, step) if is_probable_prime(number, 5))


def random_prime(seed: int) -> int:
    """A prime of 512 bits with its two highest bits set."""
    return prime_from(Random(seed).getrandbits(HALF) | 3 << (HALF - 2))


def private_key(p: int, q: int, e: int = PUBLIC_EXPONENT) -> PrivateKey:
    return PrivateKey(p, q, pow(e, -1, lcm(p - 1, q - 1)), p * q, e)


P, Q, OTHER = random_prime(1), random_prime(2), random_prime(3)
GOOD = private_key(P, Q)


def checks(findings: tuple[Finding, ...]) -> set[Check]:
    return {finding.check for finding in findings}


def roca_prime(seed: int) -> int:
    """A prime of the shape k M + (65537^a mod M), M the product of the primes below 168."""
    draw, m = Random(seed), primorial(168)
    while True:
        k = draw.randrange((3 << (HALF - 2)) // m + 1, (1 << HALF) // m)
        candidate = k * m + pow(PUBLIC_EXPONENT, draw.getrandbits(64), m)
        if is_probable_prime(candidate, 5):
            return candidate


def smooth_prime(seed: int) -> int:
    """A prime p of 512 bits for which p - 1 is a product of primes below 2^13."""
    draw, primes = Random(seed), [prime for prime in small_primes(1 << 13) if prime > 2]
    while True:
        number = 2
        for prime in draw.sample(primes, 100):
            number *= prime
            if number.bit_length() >= HALF - 13:
                break
        rest = (3 << (HALF - 2)) // number
        if rest < 1 << 13 and is_probable_prime(number * rest + 1, 5):
            return number * rest + 1


def test_an_ordinary_key_has_no_findings() -> None:
    assert check_public(GOOD.n, GOOD.e, bits=BITS) == ()
    assert check_private(GOOD, bits=BITS) == ()
    assert check_together([P * Q, OTHER * random_prime(4)]) == ()


@pytest.mark.parametrize(
    ("n", "e", "expected"),
    [
        pytest.param(GOOD.n >> 1 | 1, PUBLIC_EXPONENT, Check.SIZE, id="a bit short"),
        pytest.param(GOOD.n, 3, Check.EXPONENT, id="exponent 3"),
        pytest.param(GOOD.n - 1, PUBLIC_EXPONENT, Check.ODD, id="even"),
        pytest.param(P * P, PUBLIC_EXPONENT, Check.COMPOSITE, id="square"),
        pytest.param(prime_from(3 << (BITS - 2)), PUBLIC_EXPONENT, Check.COMPOSITE, id="prime"),
        pytest.param(
            65521 * prime_from(P * Q // 65521), PUBLIC_EXPONENT, Check.SMALL_FACTOR, id="largest small factor"
        ),
        pytest.param(roca_prime(1) * roca_prime(2), PUBLIC_EXPONENT, Check.ROCA, id="CVE-2017-15361"),
        pytest.param(P * prime_from(P + 2), PUBLIC_EXPONENT, Check.CLOSE_PRIMES, id="next prime"),
        pytest.param(smooth_prime(1) * Q, PUBLIC_EXPONENT, Check.SMOOTH, id="smooth p-1"),
        pytest.param((1 << BITS - 1) + (1 << 700) + 15, PUBLIC_EXPONENT, Check.WEIGHT, id="few bits"),
        pytest.param((1 << BITS) - (1 << 700) - 9, PUBLIC_EXPONENT, Check.WEIGHT, id="many bits"),
        pytest.param(GOOD.n & ~(((1 << 70) - 1) << 300), PUBLIC_EXPONENT, Check.PATTERN, id="run of zeros"),
        pytest.param(
            int.from_bytes(bytes.fromhex("C3A5B1940F6E2D87") * (BITS // 64), "big"),
            PUBLIC_EXPONENT,
            Check.PATTERN,
            id="repeated block",
        ),
    ],
)
def test_a_bad_public_key_is_found(n: int, e: int, expected: Check) -> None:
    """FIPS 186-4, 5.1 and B.3.1, and the attacks on weak generators."""
    assert expected in checks(check_public(n, e, bits=BITS))


LOW = prime_from(1 << (HALF - 1))  # below sqrt(2) 2^511


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(replace(GOOD, p=P + 2), Check.PRIMES, id="p not prime"),
        pytest.param(replace(GOOD, n=GOOD.n + 2), Check.PRIMES, id="another modulus"),
        pytest.param(private_key(LOW, Q), Check.PRIME_RANGE, id="p too small"),
        pytest.param(private_key(prime_from(1 << HALF), Q), Check.PRIME_RANGE, id="p too large"),
        pytest.param(private_key(P, prime_from(P + (1 << 400))), Check.PRIME_DISTANCE, id="too close"),
        pytest.param(
            replace(GOOD, p=prime_from(1 + 65537 * 2 * (Q // 131074), 131074)), Check.COPRIME, id="p-1 divisible by e"
        ),
        pytest.param(replace(GOOD, d=GOOD.d + 2), Check.PRIVATE_EXPONENT, id="wrong d"),
        pytest.param(
            replace(GOOD, d=3, e=pow(3, -1, lcm(P - 1, Q - 1))) if (P - 1) % 3 and (Q - 1) % 3 else replace(GOOD, d=3),
            Check.PRIVATE_EXPONENT,
            id="small d",
        ),
    ],
)
def test_a_bad_private_key_is_found(key: PrivateKey, expected: Check) -> None:
    """FIPS 186-4, B.3.1."""
    assert expected in checks(check_private(key, bits=BITS))


def test_keys_with_something_in_common_are_found() -> None:
    shared, repeated = check_together([P * Q, P * OTHER]), check_together([GOOD.n, OTHER * LOW, GOOD.n])
    assert [(finding.check, finding.key) for finding in shared] == [(Check.SHARED_PRIME, 0), (Check.SHARED_PRIME, 1)]
    assert [(finding.check, finding.key) for finding in repeated] == [(Check.REPEATED, 0), (Check.REPEATED, 2)]


def test_a_finding_reads_as_a_sentence() -> None:
    (finding,) = check_public(GOOD.n, 3, bits=BITS, key=7)
    assert str(finding) == "key 7: public exponent (FIPS 186-4, B.3.1, criterion 1): 3, not 65537"


def test_longest_run_counts_both_digits() -> None:
    assert longest_run(0b1000011) == 4
    assert longest_run(0b1011111) == 5


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        pytest.param(bytes(2500), "monobit", id="zeros"),
        pytest.param(b"\x55" * 2500, "poker", id="alternating"),
        pytest.param(Random(5).randbytes(2490) + b"\xff" * 10, "long run", id="stuck at the end"),
        pytest.param(
            bytes(byte & 0xFE | byte >> 1 & 1 for byte in Random(5).randbytes(2500)), "runs", id="a bit twice"
        ),
    ],
)
def test_a_bad_generator_is_found(sample: bytes, expected: str) -> None:
    """FIPS 140-2, 4.9.1."""
    assert any(finding.startswith(expected) for finding in fips_140_findings(sample))


def test_an_ordinary_generator_passes() -> None:
    assert fips_140_findings(Random(1).randbytes(2500)) == ()


def test_only_the_agreed_sample_size_is_taken() -> None:
    with pytest.raises(ValueError, match="exactly 2500"):
        fips_140_findings(bytes(2499))
