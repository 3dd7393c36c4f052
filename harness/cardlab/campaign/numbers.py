"""The little number theory that key checks need. Everything is deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import gcd, isqrt

SIEVE_LIMIT = 1 << 16


@cache
def small_primes(limit: int = SIEVE_LIMIT) -> tuple[int, ...]:
    """All primes below ``limit``."""
    sieve = bytearray(b"\1") * limit
    sieve[:2] = b"\0\0"
    for number in range(2, isqrt(limit) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, limit, number)))
    return tuple(number for number, is_prime in enumerate(sieve) if is_prime)


def is_probable_prime(number: int, rounds: int = 40) -> bool:
    """Miller-Rabin (FIPS 186-4, C.3.1) with the first ``rounds`` primes as bases.

    Fixed bases are enough to examine numbers that nobody chose against this test, and they make the result repeatable.
    """
    if number < 2:
        return False
    bases = small_primes()[:rounds]
    if any(number % base == 0 for base in bases):
        return number in bases
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, base, odd, twos) for base in bases)


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    value = pow(base, odd, number)
    if value in (1, number - 1):
        return True
    for _ in range(twos - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


def product(numbers: Sequence[int]) -> int:
    """The product by halves, which is fast for many numbers."""
    if len(numbers) <= 2:
        return numbers[0] * numbers[-1] if len(numbers) == 2 else (numbers[0] if numbers else 1)
    middle = len(numbers) // 2
    return product(numbers[:middle]) * product(numbers[middle:])


@cache
def primorial(limit: int = SIEVE_LIMIT) -> int:
    """The product of all primes below ``limit``."""
    return product(small_primes(limit))


def fermat_factor(number: int, steps: int) -> int | None:
    """A factor of an odd number whose two factors are so close that Fermat's method finds them in ``steps``."""
    half = isqrt(number)
    half += half * half < number
    for _ in range(steps):
        square = half * half - number
        root = isqrt(square)
        if root * root == square:
            return half - root
        half += 1
    return None


def pollard_p_minus_1_factor(number: int, bound: int) -> int | None:
    """A factor p of ``number`` where p - 1 has no prime power above ``bound`` (Pollard, first stage)."""
    found = gcd(pow(2, _exponent(bound), number) - 1, number)
    return found if 1 < found < number else None


@cache
def _exponent(bound: int) -> int:
    """The product of the greatest powers up to ``bound`` of all primes."""
    powers = []
    for prime in small_primes(bound):
        power = prime
        while power * prime <= bound:
            power *= prime
        powers.append(power)
    return product(powers)


def longest_run(number: int) -> int:
    """The length in bits of the longest run of equal bits."""
    bits = f"{number:b}"
    return max(len(run) for digit in "01" for run in bits.split("1" if digit == "0" else "0"))
