"""What FIPS 186-4 and known attacks say about an RSA key, as findings in words (F2).

``check_public`` needs the modulus and exponent only and so works for keys from any card; ``check_private`` needs the
primes and is for keys whose inside can be seen; ``check_together`` compares the keys of many cards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from math import gcd, isqrt, lcm, sqrt

from cardlab.campaign.numbers import (
    SIEVE_LIMIT,
    fermat_factor,
    is_probable_prime,
    longest_run,
    pollard_p_minus_1_factor,
    primorial,
    product,
    small_primes,
)

MODULUS_BITS = 2048
PUBLIC_EXPONENT = 65537
_FERMAT_STEPS = 256
_ROUNDS = 10  # FIPS 186-4, Table C.3, asks for 5 at this size
_P_MINUS_1_BOUND = 1 << 13
_RUN_LIMIT = 64  # a run this long happens by chance in one of 2^52 moduli
_DEVIATIONS = 7  # from the mean Hamming weight; by chance in fewer than one of 10^11 moduli
# The primes below 168 have enough subgroups that a modulus passes all of them by chance once in 2^27
# (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, 3.1).
_ROCA_LIMIT = 168


@unique
class Check(Enum):
    """What a finding is about."""

    SIZE = "modulus of the agreed size (FIPS 186-4, 5.1)"
    EXPONENT = "public exponent (FIPS 186-4, B.3.1, criterion 1)"
    ODD = "odd modulus"
    SMALL_FACTOR = "no small factor"
    COMPOSITE = "composite modulus, no square"
    ROCA = "not of the generator with CVE-2017-15361"
    CLOSE_PRIMES = "primes not found by Fermat's method (FIPS 186-4, B.3.1, criterion 2(d))"
    SMOOTH = "primes not found by Pollard's p-1 method"
    WEIGHT = "ordinary Hamming weight"
    PATTERN = "no long run of equal bits, no repeated block"
    REPEATED = "every modulus only once"
    SHARED_PRIME = "no prime in two moduli"
    PRIMES = "two primes whose product is the modulus (FIPS 186-4, B.3.1, criterion 2)"
    PRIME_RANGE = (
        "primes of at least sqrt(2) 2^(bits/2-1) and at most 2^(bits/2) - 1 (FIPS 186-4, B.3.1, criterion 2(c))"
    )
    PRIME_DISTANCE = "primes more than 2^(bits/2-100) apart (FIPS 186-4, B.3.1, criterion 2(d))"
    COPRIME = "p-1 and q-1 prime to the exponent (FIPS 186-4, B.3.1, criterion 2(a))"
    PRIVATE_EXPONENT = "2^(bits/2) < d < lcm(p-1, q-1), d the inverse of e (FIPS 186-4, B.3.1, criterion 3)"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a key; ``key`` is its place in what was checked, counted from 0."""

    check: Check
    detail: str
    key: int = 0

    def __str__(self) -> str:
        return f"key {self.key}: {self.check.value}: {self.detail}"


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An RSA key with its inside."""

    p: int
    q: int
    d: int
    n: int
    e: int = PUBLIC_EXPONENT


def check_public(n: int, e: int = PUBLIC_EXPONENT, *, bits: int = MODULUS_BITS, key: int = 0) -> tuple[Finding, ...]:
    """Everything that a modulus and an exponent show; empty when nothing is wrong."""
    basic = tuple(_basic(n, e, bits))
    found = basic or tuple(_attacks(n))  # the attacks take a modulus that is one
    return tuple(Finding(check, detail, key) for check, detail in found)


def _basic(n: int, e: int, bits: int) -> Iterable[tuple[Check, str]]:
    if n.bit_length() != bits:
        yield Check.SIZE, f"{n.bit_length()} bits, not {bits}"
    if e != PUBLIC_EXPONENT:
        yield Check.EXPONENT, f"{e}, not {PUBLIC_EXPONENT}"
    if n % 2 == 0:
        yield Check.ODD, "even"
    if n <= 1 or isqrt(n) ** 2 == n:
        yield Check.COMPOSITE, "a square"
    elif is_probable_prime(n, 5):
        yield Check.COMPOSITE, "prime"


def _attacks(n: int) -> Iterable[tuple[Check, str]]:
    shared = gcd(n, primorial())
    if shared != 1:
        small = next(prime for prime in small_primes() if shared % prime == 0)
        yield Check.SMALL_FACTOR, f"divisible by {small}, which is below {SIEVE_LIMIT}"
    if has_roca_fingerprint(n):
        yield Check.ROCA, f"in the group of 65537 modulo every prime below {_ROCA_LIMIT}"
    if fermat_factor(n, _FERMAT_STEPS) is not None:
        yield Check.CLOSE_PRIMES, f"factored in {_FERMAT_STEPS} steps"
    if shared == 1 and pollard_p_minus_1_factor(n, _P_MINUS_1_BOUND) is not None:
        yield Check.SMOOTH, f"p-1 has no prime power above {_P_MINUS_1_BOUND}"
    yield from _shape(n)


def _shape(n: int) -> Iterable[tuple[Check, str]]:
    bits, weight = n.bit_length(), n.bit_count()
    if abs(weight - bits / 2) > _DEVIATIONS * sqrt(bits) / 2:
        yield Check.WEIGHT, f"{weight} of {bits} bits are set"
    if longest_run(n) >= _RUN_LIMIT:
        yield Check.PATTERN, f"{longest_run(n)} equal bits in a row"
    raw = n.to_bytes((bits + 7) // 8, "big")
    blocks = [raw[at : at + 8] for at in range(0, len(raw), 8)]
    if len(set(blocks)) != len(blocks):
        yield Check.PATTERN, "a block of eight bytes occurs twice"


def has_roca_fingerprint(n: int) -> bool:
    """Whether n is a power of 65537 modulo every small odd prime, as moduli of the vulnerable generator are."""
    return all(n % prime in _powers_of_65537(prime) for prime in small_primes(_ROCA_LIMIT)[1:])


def _powers_of_65537(prime: int) -> set[int]:
    powers, value = {1}, PUBLIC_EXPONENT % prime
    while value not in powers:
        powers.add(value)
        value = value * PUBLIC_EXPONENT % prime
    return powers


def check_private(key: PrivateKey, *, bits: int = MODULUS_BITS, number: int = 0) -> tuple[Finding, ...]:
    """What FIPS 186-4, B.3.1 asks of primes and private exponent; empty when nothing is wrong."""
    return tuple(Finding(check, detail, number) for check, detail in _inside(key, bits))


def _inside(key: PrivateKey, bits: int) -> Iterable[tuple[Check, str]]:
    p, q, half = key.p, key.q, bits // 2
    for name, prime in (("p", p), ("q", q)):
        if not is_probable_prime(prime, _ROUNDS):
            yield Check.PRIMES, f"{name} is not prime"
        if prime * prime < 1 << (bits - 1) or prime >> half:
            yield Check.PRIME_RANGE, f"{name} has {prime.bit_length()} bits and is out of range"
        if gcd(prime - 1, key.e) != 1:
            yield Check.COPRIME, f"{name} - 1 and e have a common factor"
    if p * q != key.n:
        yield Check.PRIMES, "p q is not the modulus"
    if abs(p - q) <= 1 << (half - 100):
        yield Check.PRIME_DISTANCE, f"|p - q| has {abs(p - q).bit_length()} bits"
    order = lcm(p - 1, q - 1)
    if not 1 << half < key.d < order or key.d * key.e % order != 1:
        yield Check.PRIVATE_EXPONENT, f"d has {key.d.bit_length()} bits"


def check_together(moduli: Sequence[int]) -> tuple[Finding, ...]:
    """What keys have in common that they must not (Heninger et al., "Mining your Ps and Qs", 2012)."""
    found = []
    for number, n in enumerate(moduli):
        others = [*moduli[:number], *moduli[number + 1 :]]
        if n in others:
            found.append(Finding(Check.REPEATED, "another key has the same modulus", number))
        elif gcd(n, product(others) % n) != 1:
            found.append(Finding(Check.SHARED_PRIME, "has a prime of another key", number))
    return tuple(found)
