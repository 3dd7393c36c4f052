"""RSA keys of the published vectors and of this file, as the engine's keys."""

from __future__ import annotations

from collections.abc import Mapping

from tests.cardlab.runtime.engine.lab import Key, Lab

BITS = (1024, 1536, 2048)


def width(value: int, length: int) -> bytes:
    """A number in so many bytes."""
    return value.to_bytes(length, "big")


def fits(example: Mapping[str, bytes]) -> bool:
    """Whether cards have keys of the length of this example's."""
    return int.from_bytes(example["modulus"], "big").bit_length() in BITS


def public_key(lab: Lab, modulus: int, exponent: int) -> Key:
    """A public key."""
    length = (modulus.bit_length() + 7) // 8
    return lab.key("RSA_PUBLIC", 8 * length, modulus=width(modulus, length), exponent=exponent.to_bytes(4, "big"))


def private_key(lab: Lab, modulus: int, exponent: int) -> Key:
    """A private key as modulus and exponent."""
    length = (modulus.bit_length() + 7) // 8
    return lab.key("RSA_PRIVATE", 8 * length, modulus=width(modulus, length), exponent=width(exponent, length))


def crt_key(lab: Lab, p: int, q: int, d: int) -> Key:
    """A private key as two primes."""
    half = (max(p, q).bit_length() + 7) // 8
    parts = {"p": p, "q": q, "dp1": d % (p - 1), "dq1": d % (q - 1), "pq": pow(q, -1, p)}
    return lab.key("RSA_CRT_PRIVATE", 16 * half, **{name: width(value, half) for name, value in parts.items()})


def keys_of(lab: Lab, example: Mapping[str, bytes]) -> tuple[Key, Key, Key]:
    """Public key, private key, private key with primes."""
    n, e, d, p, q = (
        int.from_bytes(example[name], "big")
        for name in ("modulus", "public exponent", "exponent", "prime 1", "prime 2")
    )
    return public_key(lab, n, e), private_key(lab, n, d), crt_key(lab, p, q, d)
