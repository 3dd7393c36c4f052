"""Every constant of the API: what it names can be had, or is on the list of what cannot; and cards that have less."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from tests.cardlab.runtime.engine.constants import (
    AEAD,
    AGREEMENT,
    CHECKSUM,
    CIPHER,
    DIGEST,
    KEY_PAIR,
    RANDOM,
    SIGNATURE,
    constants,
)
from tests.cardlab.runtime.engine.lab import Lab, refused

MISSING = {
    "MessageDigest.ALG_NULL", "Cipher.ALG_RSA_ISO14888", "Cipher.ALG_RSA_ISO9796", "KeyAgreement.ALG_SM2",
    "KeyAgreement.ALG_SM2_WITH_CONFIRMATION",
}  # fmt: skip
FACTORIES: dict[str, Callable[[Lab, int], object]] = {
    DIGEST: lambda lab, n: lab.engine.digest(n),
    SIGNATURE: lambda lab, n: lab.engine.signature(n),
    CIPHER: lambda lab, n: lab.engine.cipher(n),
    AEAD: lambda lab, n: lab.engine.cipher(n),
    AGREEMENT: lambda lab, n: lab.engine.agreement(n),
    CHECKSUM: lambda lab, n: lab.engine.checksum(n),
    RANDOM: lambda lab, n: lab.engine.random(n),
}
ALGORITHMS = [(owner, name) for owner in FACTORIES for name in constants(owner, "ALG_")]


def title(owner: str, name: str) -> str:
    """The name in an AlgorithmSet; constants that are the same number have one name."""
    plain = name.removesuffix("_KDF") if owner == AGREEMENT else name
    return f"{owner.rpartition('/')[2].replace('AEAD', '')}.{plain}"


@pytest.mark.parametrize(("owner", "name"), ALGORITHMS)
def test_every_algorithm_is_there_or_is_none(lab: Lab, owner: str, name: str) -> None:
    number = constants(owner)[name]
    if title(owner, name) in MISSING:
        with refused("NO_SUCH_ALGORITHM"):
            FACTORIES[owner](lab, number)
    else:
        assert FACTORIES[owner](lab, number) is not None
        assert FACTORIES[owner](lab.only(title(owner, name)), number) is not None
        with refused("NO_SUCH_ALGORITHM"):
            FACTORIES[owner](lab.without(title(owner, name)), number)
        with refused("NO_SUCH_ALGORITHM"):
            FACTORIES[owner](lab.only("Signature.ALG_NONE"), number)


@pytest.mark.parametrize("owner", FACTORIES)
def test_every_other_number_is_none(lab: Lab, owner: str) -> None:
    known = set(constants(owner, "ALG_").values()) | set(constants(AEAD, "ALG_").values() if owner == CIPHER else ())
    known |= set(constants(CIPHER, "ALG_").values() if owner == AEAD else ())
    for number in set(range(-128, 128)) - known:
        with refused("NO_SUCH_ALGORITHM"):
            FACTORIES[owner](lab, number)


def test_signatures_by_parts_are_those_of_the_constants(lab: Lab) -> None:
    """RSA, ECDSA, HMAC: parts that have a constant are on a card that has the constant alone."""
    cases = {
        ("ALG_SHA_256", "SIG_CIPHER_RSA", "PAD_PKCS1"): "ALG_RSA_SHA_256_PKCS1",
        ("ALG_SHA_384", "SIG_CIPHER_ECDSA", "PAD_NULL"): "ALG_ECDSA_SHA_384",
        ("ALG_SHA", "SIG_CIPHER_HMAC", "PAD_NULL"): "ALG_HMAC_SHA1",
        ("ALG_NULL", "SIG_CIPHER_DES_MAC8", "PAD_PKCS5"): "ALG_DES_MAC8_PKCS5",
        ("ALG_NULL", "SIG_CIPHER_AES_CMAC128", "PAD_NULL"): "ALG_AES_CMAC_128",
    }
    for names, constant in cases.items():
        assert lab.only(f"Signature.{constant}").signature(*names).java is not None
        with refused("NO_SUCH_ALGORITHM"):
            lab.without(f"Signature.{constant}").signature(*names)
    assert (
        lab.only("Signature.ALG_SHA3_256/SIG_CIPHER_ECDSA_PLAIN/PAD_NULL")
        .signature("ALG_SHA3_256", "SIG_CIPHER_ECDSA_PLAIN", "PAD_NULL")
        .java
        is not None
    )


def test_parts_that_do_not_go_together(lab: Lab) -> None:
    wrong = [
        ("ALG_NULL", "SIG_CIPHER_RSA", "PAD_PKCS1"),
        ("ALG_NULL", "SIG_CIPHER_ECDSA_PLAIN", "PAD_NULL"),
        ("ALG_SHA", "SIG_CIPHER_DES_MAC8", "PAD_NOPAD"),
        ("ALG_SHA", "SIG_CIPHER_ECDSA", "PAD_PKCS1"),
        ("ALG_SHA", "SIG_CIPHER_RSA", "PAD_NOPAD"),
        ("ALG_SHA_256", "SIG_CIPHER_RSA", "PAD_RFC2409"),
        ("ALG_NULL", "SIG_CIPHER_HMAC", "PAD_NULL"),
        ("ALG_NULL", "SIG_CIPHER_AES_MAC128", "PAD_ISO9797_1_M2_ALG3"),
    ]
    for names in wrong:
        with refused("NO_SUCH_ALGORITHM"):
            lab.signature(*names)


def test_ciphers_by_parts(lab: Lab) -> None:
    """What getInstance with three arguments has: blocks with four paddings, RSA with none, PKCS #1 and OAEP, AEAD."""
    ciphers, pads = constants(CIPHER, "CIPHER_") | constants(AEAD, "CIPHER_"), constants(CIPHER, "PAD_")
    block = {"PAD_NOPAD", "PAD_ISO9797_M1", "PAD_ISO9797_M2", "PAD_PKCS5"}
    for (cipher, first), (padding, second) in itertools.product(ciphers.items(), pads.items()):
        good = padding in block
        if cipher == "CIPHER_RSA":
            good = padding in ("PAD_NOPAD", "PAD_PKCS1") or ("OAEP" in padding and "EXT" not in padding)
        elif cipher.endswith(("GCM", "CCM")):
            good = padding == "PAD_NULL"
        elif cipher.endswith(("CTR", "CFB", "XTS")):
            good = padding in ("PAD_NULL", "PAD_NOPAD")
        elif cipher == "CIPHER_SM2":
            good = False
        if good:
            assert lab.engine.cipher(first, second) is not None
        else:
            with refused("NO_SUCH_ALGORITHM"):
                lab.engine.cipher(first, second)


def test_key_lengths_and_generation_can_be_missing(lab: Lab) -> None:
    small = lab.without("KeyBuilder.ALG_TYPE_AES/256", "KeyPair.ALG_EC_FP")
    assert not small.key("AES", 128).is_initialized()

    with refused("NO_SUCH_ALGORITHM"):
        small.key("AES", 256)
    with refused("NO_SUCH_ALGORITHM"):
        small.generate(small.key("EC_FP_PUBLIC", 256), small.key("EC_FP_PRIVATE", 256))
    assert set(constants(KEY_PAIR, "ALG_").values()) == set(range(1, 7))
