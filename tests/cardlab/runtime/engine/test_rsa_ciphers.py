"""RSA ciphers: published vectors, all OAEP digests, blocks without padding, and what the API refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.cardlab.runtime.engine.lab import DECRYPT, ENCRYPT, Key, Lab, Source, refused
from tests.cardlab.runtime.engine.rsa_keys import crt_key, fits, keys_of, private_key, public_key
from tests.cardlab.runtime.engine.vectors import examples

OAEP: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "": hashes.SHA1,
    "_SHA224": hashes.SHA224,
    "_SHA256": hashes.SHA256,
    "_SHA384": hashes.SHA384,
    "_SHA512": hashes.SHA512,
}
OAEP_SHA3 = {"_SHA3_224": "sha3_224", "_SHA3_256": "sha3_256", "_SHA3_384": "sha3_384", "_SHA3_512": "sha3_512"}


@pytest.fixture(scope="module")
def pair() -> rsa.RSAPrivateNumbers:
    """A key of 2048 bits."""
    return rsa.generate_private_key(65537, 2048).private_numbers()


@pytest.fixture
def keys(lab: Lab, pair: rsa.RSAPrivateNumbers) -> tuple[Key, Key]:
    """Public and private key."""
    public = pair.public_numbers
    return public_key(lab, public.n, public.e), crt_key(lab, pair.p, pair.q, pair.d)


@pytest.mark.parametrize(
    ("file", "algorithm"),
    [
        ("asymmetric/RSA/pkcs1v15crypt-vectors.txt", "ALG_RSA_PKCS1"),
        ("asymmetric/RSA/pkcs-1v2-1d2-vec/oaep-vect.txt", "ALG_RSA_PKCS1_OAEP"),
    ],
)
def test_published_vectors(lab: Lab, file: str, algorithm: str) -> None:
    used = [one for one in examples(file, "encryption") if fits(one) and len(one["encryption"]) in (128, 192, 256)][::3]
    for one in used:
        public, private, crt = keys_of(lab, one)
        made = lab.cipher(algorithm).init(public, ENCRYPT).final(one["message"], Source(one["seed"]))
        assert made == one["encryption"]
        for key in (private, crt):
            assert lab.cipher(algorithm).init(key, DECRYPT).final(one["encryption"]) == one["message"]
    assert len(used) > 5


@pytest.mark.parametrize("variant", OAEP)
def test_oaep_digests_against_another_library(
    lab: Lab, pair: rsa.RSAPrivateNumbers, keys: tuple[Key, Key], variant: str
) -> None:
    digest = OAEP[variant]()
    pads = padding.OAEP(padding.MGF1(digest), digest, None)
    names = ("CIPHER_RSA", f"PAD_PKCS1_OAEP{variant}")
    secret = lab.cipher(*names).init(keys[0], ENCRYPT).final(b"message")
    assert pair.private_key().decrypt(secret, pads) == b"message"
    other = pair.public_numbers.public_key().encrypt(b"another", pads)
    assert lab.cipher(*names).init(keys[1], DECRYPT).final(other) == b"another"


def masked(digest: str, seed: bytes, data: bytes) -> bytes:
    """Data under MGF1 (RFC 8017, B.2.1)."""
    blocks = range(1 + len(data) // hashlib.new(digest).digest_size)
    mask = b"".join(hashlib.new(digest, seed + i.to_bytes(4, "big")).digest() for i in blocks)
    return bytes(a ^ b for a, b in zip(data, mask, strict=False))


@pytest.mark.parametrize("variant", OAEP_SHA3)
def test_oaep_with_sha3_against_its_definition(
    lab: Lab, pair: rsa.RSAPrivateNumbers, keys: tuple[Key, Key], variant: str
) -> None:
    """EME-OAEP decoding (RFC 8017, 7.1.2, step 3); the other library has it with SHA-1 and SHA-2 only."""
    digest, size = OAEP_SHA3[variant], hashlib.new(OAEP_SHA3[variant]).digest_size
    names = ("CIPHER_RSA", f"PAD_PKCS1_OAEP{variant}")
    secret = lab.cipher(*names).init(keys[0], ENCRYPT).final(b"message")
    block = pow(int.from_bytes(secret, "big"), pair.d, pair.public_numbers.n).to_bytes(256, "big")
    seed = masked(digest, block[1 + size :], block[1 : 1 + size])
    data = masked(digest, seed, block[1 + size :])
    assert block[0] == 0
    assert data == hashlib.new(digest).digest() + bytes(len(data) - size - 8) + b"\1message"
    assert lab.cipher(*names).init(keys[1], DECRYPT).final(secret) == b"message"


def test_blocks_keep_their_leading_zeros(lab: Lab, pair: rsa.RSAPrivateNumbers, keys: tuple[Key, Key]) -> None:
    """256 bytes in, 256 bytes out, whatever the numbers are."""
    public = pair.public_numbers
    for plain in (bytes(255) + b"\x02", bytes(256), bytes(30) + bytes(range(226))):
        secret = lab.cipher("ALG_RSA_NOPAD").init(keys[0], ENCRYPT).final(plain)
        assert secret == pow(int.from_bytes(plain, "big"), public.e, public.n).to_bytes(256, "big")
        assert lab.cipher("ALG_RSA_NOPAD").init(keys[1], DECRYPT).final(secret) == plain


def test_block_type_1_with_private_keys(lab: Lab, pair: rsa.RSAPrivateNumbers, keys: tuple[Key, Key]) -> None:
    secret = lab.cipher("ALG_RSA_PKCS1").init(keys[1], ENCRYPT).final(b"message")
    block = pow(int.from_bytes(secret, "big"), pair.public_numbers.e, pair.public_numbers.n).to_bytes(256, "big")
    assert block == b"\0\1" + b"\xff" * 246 + b"\0message"
    assert lab.cipher("ALG_RSA_PKCS1").init(keys[0], DECRYPT).final(secret) == b"message"
    with refused("ILLEGAL_USE"):  # block type 2 is for private keys
        lab.cipher("ALG_RSA_PKCS1").init(keys[0], DECRYPT).final(
            pow(int.from_bytes(b"\0\2" + b"\xff" * 246 + b"\0message", "big"), pair.d, pair.public_numbers.n).to_bytes(
                256, "big"
            )
        )


def test_pieces_are_collected(lab: Lab, keys: tuple[Key, Key]) -> None:
    cipher = lab.cipher("ALG_RSA_PKCS1").init(keys[0], ENCRYPT)
    assert cipher.update(b"mes") == b""
    copy = cipher.copy()
    cipher.update(b"other")
    assert lab.cipher("ALG_RSA_PKCS1").init(keys[1], DECRYPT).final(copy.final(b"sage")) == b"message"
    cipher.java.reset()
    assert lab.cipher("ALG_RSA_PKCS1").init(keys[1], DECRYPT).final(cipher.final(b"new")) == b"new"


@pytest.mark.parametrize("length", [0, 1, 255, 257])
def test_blocks_of_another_length(lab: Lab, keys: tuple[Key, Key], length: int) -> None:
    for key, mode in ((keys[0], ENCRYPT), (keys[1], DECRYPT)):
        with refused("ILLEGAL_USE"):
            lab.cipher("ALG_RSA_NOPAD").init(key, mode).final(bytes(length))


def test_messages_that_are_too_long_or_too_large(lab: Lab, keys: tuple[Key, Key]) -> None:
    with refused("ILLEGAL_USE"):
        lab.cipher("ALG_RSA_PKCS1").init(keys[0], ENCRYPT).final(bytes(246))
    with refused("ILLEGAL_USE"):
        lab.cipher("ALG_RSA_PKCS1_OAEP").init(keys[0], ENCRYPT).final(bytes(215))
    with refused("ILLEGAL_USE"):
        lab.cipher("ALG_RSA_NOPAD").init(keys[0], ENCRYPT).final(b"\xff" * 256)
    lab.cipher("ALG_RSA_PKCS1").init(keys[0], ENCRYPT).final(bytes(245))


@pytest.mark.parametrize("algorithm", ["ALG_RSA_PKCS1", "ALG_RSA_PKCS1_OAEP"])
def test_blocks_that_are_not_padded(lab: Lab, keys: tuple[Key, Key], algorithm: str) -> None:
    secret = lab.cipher("ALG_RSA_NOPAD").init(keys[0], ENCRYPT).final(b"\0\2" + bytes(254))
    with refused("ILLEGAL_USE"):
        lab.cipher(algorithm).init(keys[1], DECRYPT).final(secret)


def test_oaep_is_for_public_keys_to_encrypt(lab: Lab, keys: tuple[Key, Key]) -> None:
    with refused("ILLEGAL_VALUE"):
        lab.cipher("ALG_RSA_PKCS1_OAEP").init(keys[1], ENCRYPT)
    with refused("ILLEGAL_VALUE"):
        lab.cipher("ALG_RSA_PKCS1_OAEP").init(keys[0], DECRYPT)


def test_keys_too_short_for_the_padding_and_parameters(lab: Lab, keys: tuple[Key, Key]) -> None:
    with refused("ILLEGAL_VALUE"):
        lab.cipher("CIPHER_RSA", "PAD_PKCS1_OAEP_SHA512").init(public_key(lab, (1 << 1024) - 105, 3), ENCRYPT)
    with refused("ILLEGAL_VALUE"):
        lab.cipher("ALG_RSA_PKCS1").init(keys[0], ENCRYPT, b"\0")


@pytest.mark.parametrize("modulus", [0x10001 * 3 << 1000, 1 << 1023, 15 << 1020 | 15])
def test_any_modulus_computes(lab: Lab, modulus: int) -> None:
    """Small factors, even numbers: a card computes."""
    plain = bytes(127) + b"\x07"
    secret = lab.cipher("ALG_RSA_NOPAD").init(private_key(lab, modulus, 77), ENCRYPT).final(plain)
    assert int.from_bytes(secret, "big") == pow(7, 77, modulus)


@pytest.mark.parametrize("family", ["RSA_PUBLIC", "RSA_PRIVATE"])
def test_blocks_are_as_long_as_the_modulus_that_was_set(lab: Lab, family: str) -> None:
    """A modulus shorter than its key, prime: no key of RSA, but applets that multiply numbers by cards' RSA set it."""
    modulus, base = 2**255 - 19, 2**254 + 12345
    key = lab.key(family, 512, modulus=modulus.to_bytes(32, "big"), exponent=b"\x02")
    for mode in (ENCRYPT, DECRYPT):
        made = lab.cipher("ALG_RSA_NOPAD").init(key, mode).final(base.to_bytes(32, "big"))
        assert made == pow(base, 2, modulus).to_bytes(32, "big")
    with refused("ILLEGAL_USE"):
        lab.cipher("ALG_RSA_NOPAD").init(key, ENCRYPT).final(base.to_bytes(64, "big"))


def test_leading_zeros_of_a_modulus_count(lab: Lab) -> None:
    modulus, base = 2**255 - 19, 2**254 + 12345
    key = lab.key("RSA_PUBLIC", 512, modulus=modulus.to_bytes(64, "big"), exponent=b"\x02")
    made = lab.cipher("ALG_RSA_NOPAD").init(key, ENCRYPT).final(base.to_bytes(64, "big"))
    assert made == pow(base, 2, modulus).to_bytes(64, "big")
