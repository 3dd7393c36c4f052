"""HMAC, CMAC and the CBC-MACs: published vectors, the package ``cryptography``, and what the API refuses."""

from __future__ import annotations

import hmac

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import SEED, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Reference
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cardlab.runtime.engine import rijndael
from tests.cardlab.runtime.engine.lab import SIGN, VERIFY, Lab, refused
from tests.cardlab.runtime.engine.test_block_ciphers import pad
from tests.cardlab.runtime.engine.vectors import vectors

HMAC = {
    "ALG_HMAC_MD5": "rfc-2202-md5",
    "ALG_HMAC_SHA1": "rfc-2202-sha1",
    "ALG_HMAC_RIPEMD160": "rfc-2286-ripemd160",
    "ALG_HMAC_SHA_256": "rfc-4231-sha256",
    "ALG_HMAC_SHA_384": "rfc-4231-sha384",
    "ALG_HMAC_SHA_512": "rfc-4231-sha512",
}


@pytest.mark.parametrize("algorithm", HMAC)
def test_hmac_of_the_rfcs(lab: Lab, algorithm: str) -> None:
    used = [one for one in vectors(f"HMAC/{HMAC[algorithm]}.txt") if "Key" in one and len(one["Key"]) <= 256]
    for one in used:
        key = lab.key("HMAC", 128, key=one.octets("Key"))
        mac, message = one.octets("MD"), one.octets("Msg")
        assert lab.signature(algorithm).init(key, SIGN).sign(message)[: len(mac)] == mac
        full = lab.signature(algorithm).init(key, SIGN).sign(message)
        assert lab.signature(algorithm).init(key, VERIFY).verify(message, full)
        assert not lab.signature(algorithm).init(key, VERIFY).verify(message + b"x", full)
    assert used


@pytest.mark.parametrize(("digest", "name"), [("ALG_SHA_224", "sha224"), ("ALG_SHA3_256", "sha3_256")])
@settings(max_examples=15)
@given(key=st.binary(min_size=1, max_size=128), message=st.binary(max_size=300), cut=st.integers(0, 300))
def test_hmac_of_digests_without_a_constant(
    lab: Lab, digest: str, name: str, key: bytes, message: bytes, cut: int
) -> None:
    signature = lab.signature(digest, "SIG_CIPHER_HMAC", "PAD_NULL").init(lab.key("HMAC", 128, key=key), SIGN)
    signature.update(message[:cut])
    copy = signature.copy()
    signature.update(b"something else")
    assert copy.sign(message[cut:]) == hmac.new(key, message, name).digest()
    assert copy.sign(message) == hmac.new(key, message, name).digest()  # ready for the next one


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_cmac_of_nist(lab: Lab, bits: int) -> None:
    used = list(vectors(f"CMAC/nist-800-38b-aes{bits}.txt"))
    for one in used:
        message, key = one.octets("MESSAGE"), lab.key("AES", bits, key=one.octets("KEY"))
        for cut in {0, 1, 16, len(message)}:
            signature = lab.signature("ALG_AES_CMAC_128").init(key, SIGN)
            signature.update(message[:cut])
            copy = signature.copy()
            signature.update(b"something else")
            assert copy.sign(message[cut:]) == one.octets("OUTPUT")
    assert used


def chained(kind: type, key: bytes, vector: bytes, data: bytes) -> bytes:
    """The last block of CBC: ISO/IEC 9797-1, algorithm 1."""
    context = Reference(kind(key), modes.CBC(vector)).encryptor()
    return context.update(data)[-len(vector) :]


def single_des(key: bytes, data: bytes, *, decrypt: bool = False) -> bytes:
    cipher = Reference(TripleDES(3 * key), modes.ECB())  # noqa: S305
    return (cipher.decryptor() if decrypt else cipher.encryptor()).update(data)


MACS = {
    "ALG_DES_MAC4_NOPAD": ("DES", "", 4),
    "ALG_DES_MAC8_NOPAD": ("DES", "", 8),
    "ALG_DES_MAC4_ISO9797_M1": ("DES", "PAD_ISO9797_M1", 4),
    "ALG_DES_MAC8_ISO9797_M1": ("DES", "PAD_ISO9797_M1", 8),
    "ALG_DES_MAC4_ISO9797_M2": ("DES", "PAD_ISO9797_M2", 4),
    "ALG_DES_MAC8_ISO9797_M2": ("DES", "PAD_ISO9797_M2", 8),
    "ALG_DES_MAC4_PKCS5": ("DES", "PAD_PKCS5", 4),
    "ALG_DES_MAC8_PKCS5": ("DES", "PAD_PKCS5", 8),
    "ALG_AES_MAC_128_NOPAD": ("AES", "", 16),
    "ALG_KOREAN_SEED_MAC_NOPAD": ("KOREAN_SEED", "", 16),
}
KINDS = {"DES": TripleDES, "AES": algorithms.AES, "KOREAN_SEED": SEED}


@pytest.mark.parametrize("algorithm", MACS)
@settings(max_examples=15)
@given(
    key=st.binary(min_size=16, max_size=16),
    message=st.binary(min_size=1, max_size=60),
    cut=st.integers(0, 60),
    vector=st.binary(min_size=16, max_size=16),
)
def test_chained_macs(lab: Lab, algorithm: str, key: bytes, message: bytes, cut: int, vector: bytes) -> None:
    family, padding, length = MACS[algorithm]
    block = 8 if family == "DES" else 16
    vector = vector[:block]
    message = message if padding else pad("PAD_ISO9797_M1", message, block)
    whole = pad(padding, message, block) if padding else message
    reference = key + key[:8] if family == "DES" else key
    expected = chained(KINDS[family], reference, vector, whole)[:length]
    signature = lab.signature(algorithm).init(lab.key(family, 128, key=key), SIGN, vector)
    signature.update(message[:cut])
    copy = signature.copy()
    signature.update(b"something else")
    assert copy.sign(message[cut:]) == expected
    assert copy.sign(message) == chained(KINDS[family], reference, bytes(block), whole)[:length]  # vector of zeros now


@pytest.mark.parametrize("method", ["M1", "M2"])
@pytest.mark.parametrize("length", [4, 8])
@settings(max_examples=15)
@given(key=st.binary(min_size=16, max_size=16), message=st.binary(min_size=1, max_size=60))
def test_retail_macs(lab: Lab, method: str, length: int, key: bytes, message: bytes) -> None:
    """ISO/IEC 9797-1, algorithm 3: single DES, and all three keys in the last step."""
    handle, name = lab.key("DES", 128, key=key), f"ALG_DES_MAC{length}_ISO9797_1_{method}_ALG3"
    last = chained(TripleDES, 3 * key[:8], bytes(8), pad(f"PAD_ISO9797_{method}", message, 8))
    expected = single_des(key[:8], single_des(key[8:], last, decrypt=True))[:length]
    assert lab.signature(name).init(handle, SIGN).sign(message) == expected
    assert lab.signature(name).init(handle, VERIFY).verify(message, expected)


@pytest.mark.parametrize("bits", [192, 256])
def test_macs_of_rijndael_with_longer_blocks(lab: Lab, bits: int) -> None:
    key, message = bytes(range(16)), bytes(range(bits // 4))
    block = bits // 8
    first = rijndael.encrypt(key, message[:block])
    expected = rijndael.encrypt(key, bytes(a ^ b for a, b in zip(first, message[block:], strict=True)))
    signature = lab.signature(f"ALG_AES_MAC_{bits}_NOPAD").init(lab.key("AES", 128, key=key), SIGN)
    assert signature.sign(message) == expected


@pytest.mark.parametrize("padding", ["PAD_ISO9797_M1", "PAD_ISO9797_M2", "PAD_PKCS5"])
def test_an_empty_message_is_padded_to_a_block(lab: Lab, padding: str) -> None:
    key = lab.key("AES", 128, key=bytes(16))
    block = pad(padding, b"", 16) or bytes(16)
    signature = lab.signature("ALG_NULL", "SIG_CIPHER_AES_MAC128", padding).init(key, SIGN)
    assert signature.sign(b"") == chained(algorithms.AES, bytes(16), bytes(16), block)


def test_messages_that_cannot_be_signed_without_padding(lab: Lab) -> None:
    key = lab.key("AES", 128, key=bytes(16))
    for message in (b"", bytes(15)):
        with refused("ILLEGAL_USE"):
            lab.signature("ALG_AES_MAC_128_NOPAD").init(key, SIGN).sign(message)


@pytest.mark.parametrize(
    ("algorithm", "family", "bits", "length"),
    [
        ("ALG_AES_MAC_128_NOPAD", "AES", 128, 15),
        ("ALG_DES_MAC8_NOPAD", "DES", 128, 7),
        ("ALG_AES_CMAC_128", "AES", 128, 17),
        ("ALG_HMAC_SHA_256", "HMAC", 64, 16),
    ],
)
def test_vectors_of_another_length(lab: Lab, algorithm: str, family: str, bits: int, length: int) -> None:
    with refused("ILLEGAL_VALUE"):
        lab.signature(algorithm).init(lab.key(family, bits, key=bytes(16)), SIGN, bytes(length))


@pytest.mark.parametrize("bits", [64, 192])
def test_retail_mac_takes_two_keys(lab: Lab, bits: int) -> None:
    with refused("ILLEGAL_VALUE"):
        lab.signature("ALG_DES_MAC8_ISO9797_1_M2_ALG3").init(lab.key("DES", bits, key=bytes(bits // 8)), SIGN)


@pytest.mark.parametrize(
    ("algorithm", "family"),
    [
        ("ALG_HMAC_SHA_256", "AES"),
        ("ALG_AES_CMAC_128", "HMAC"),
        ("ALG_AES_MAC_128_NOPAD", "HMAC"),
        ("ALG_DES_MAC8_NOPAD", "AES"),
    ],
)
def test_keys_are_not_mixed_up(lab: Lab, algorithm: str, family: str) -> None:
    with refused("ILLEGAL_VALUE"):
        lab.signature(algorithm).init(lab.key(family, 128, key=bytes(16)), SIGN)


def test_signing_and_verifying_are_kept_apart(lab: Lab) -> None:
    key = lab.key("HMAC", 64, key=b"key")
    with refused("INVALID_INIT"):
        lab.signature("ALG_HMAC_SHA_256").init(key, VERIFY).sign(b"")
    with refused("INVALID_INIT"):
        lab.signature("ALG_HMAC_SHA_256").init(key, SIGN).verify(b"", bytes(32))
    unused = lab.signature("ALG_HMAC_SHA_256")
    unused._key = key
    with refused("INVALID_INIT"):
        unused.update(b"")
    with refused("INVALID_INIT"):
        unused.java.length(key.java)


def test_no_hash_computed_before_and_no_initial_digest(lab: Lab) -> None:
    key = lab.key("HMAC", 64, key=b"key")
    signature = lab.signature("ALG_HMAC_SHA_256").init(key, SIGN)
    with refused("ILLEGAL_USE"):
        signature.java.signPreComputedHash(key.java, None, bytes(32))
    with refused("ILLEGAL_USE"):
        signature.java.setInitialDigest(key.java, bytes(32), b"\x40")


def test_a_reset_forgets_the_message(lab: Lab) -> None:
    for name, family in (("ALG_HMAC_SHA_256", "HMAC"), ("ALG_AES_CMAC_128", "AES"), ("ALG_DES_MAC8_PKCS5", "DES")):
        key = lab.key(family, 128, key=bytes(16))
        signature = lab.signature(name).init(key, SIGN)
        signature.update(b"part of a message that is gone")
        signature.java.reset()
        assert signature.sign(b"abc") == lab.signature(name).init(key, SIGN).sign(b"abc")
