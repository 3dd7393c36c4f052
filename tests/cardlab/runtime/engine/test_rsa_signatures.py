"""RSA signatures: published vectors, schemes written out in Python, and what the API refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cardlab.runtime.engine.lab import SIGN, VERIFY, Lab, Source, refused
from tests.cardlab.runtime.engine.rsa_keys import crt_key, fits, keys_of, private_key, public_key
from tests.cardlab.runtime.engine.vectors import examples, vectors

HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "SHA": hashes.SHA1,
    "MD5": hashes.MD5,
    "SHA_224": hashes.SHA224,
    "SHA_256": hashes.SHA256,
    "SHA_384": hashes.SHA384,
    "SHA_512": hashes.SHA512,
}
PYTHON = {"SHA": "sha1", "MD5": "md5", "RIPEMD160": "ripemd160"}


@pytest.fixture(scope="module")
def pair() -> rsa.RSAPrivateNumbers:
    """A key of 1536 bits."""
    return rsa.generate_private_key(65537, 1536).private_numbers()  # noqa: S505


def test_pkcs1_vectors(lab: Lab) -> None:
    used = [one for one in examples("asymmetric/RSA/pkcs1v15sign-vectors.txt", "signature") if fits(one)][::7]
    for one in used:
        public, private, crt = keys_of(lab, one)
        message, signature = one["message to be signed"], one["signature"]
        for key in (private, crt):
            assert lab.signature("ALG_RSA_SHA_PKCS1").init(key, SIGN).sign(message) == signature
        verifier = lab.signature("ALG_RSA_SHA_PKCS1").init(public, VERIFY)
        assert verifier.verify(message, signature)
        assert not verifier.verify(message + b"x", signature)
        assert not verifier.verify(message, signature[1:])
        assert not verifier.verify(message, b"\xff" * len(signature))
    assert len(used) > 5


def test_pss_vectors_have_a_salt_of_20_bytes(lab: Lab) -> None:
    used = [one for one in examples("asymmetric/RSA/pkcs-1v2-1d2-vec/pss-vect.txt", "signature") if fits(one)][::2]
    for one in used:
        public, private, crt = keys_of(lab, one)
        message, signature = one["message to be signed"], one["signature"]
        for key in (private, crt):
            made = lab.signature("ALG_RSA_SHA_PKCS1_PSS").init(key, SIGN).sign(message, Source(one["salt"]))
            assert made == signature
        assert lab.signature("ALG_RSA_SHA_PKCS1_PSS").init(public, VERIFY).verify(message, signature)
        assert not lab.signature("ALG_RSA_SHA_PKCS1_PSS").init(public, VERIFY).verify(message[1:], signature)
    assert len(used) > 5


def test_verification_vectors_of_nist(lab: Lab) -> None:
    used = 0
    for one in vectors("asymmetric/RSA/FIPS_186-2/SigVer15_186-3.rsp", keep=("n", "e", "p", "q")):
        if "Result" not in one or one.octets("n")[0] < 0x80 or len(one.octets("n")) not in (128, 256):
            continue
        algorithm = f"ALG_RSA_{one['SHAAlg'].replace('SHA', 'SHA_').replace('SHA_1', 'SHA')}_PKCS1"
        key = public_key(lab, int(one["n"], 16), int(one["e"], 16))
        good = (
            lab.signature(algorithm).init(key, VERIFY).verify(one.octets("Msg"), one.octets("S", len(one.octets("n"))))
        )
        assert good == one["Result"].startswith("P"), one["Result"]
        used += 1
    assert used > 50


@pytest.mark.parametrize("scheme", ["PKCS1", "PKCS1_PSS"])
@pytest.mark.parametrize("digest", HASHES)
def test_every_digest_against_another_library(lab: Lab, pair: rsa.RSAPrivateNumbers, digest: str, scheme: str) -> None:
    algorithm, other = f"ALG_RSA_{digest}_{scheme}", HASHES[digest]()
    pads = padding.PKCS1v15() if scheme == "PKCS1" else padding.PSS(padding.MGF1(other), other.digest_size)
    message, public = b"message of " + algorithm.encode(), pair.public_numbers
    key = crt_key(lab, pair.p, pair.q, pair.d)
    signature = lab.signature(algorithm).init(key, SIGN)
    public.public_key().verify(signature.sign(message), message, pads, other)
    verifier = lab.signature(algorithm).init(public_key(lab, public.n, public.e), VERIFY)
    assert verifier.verify(message, pair.private_key().sign(message, pads, other))
    precomputed = bytes(signature.java.signPreComputedHash(key.java, Source().java, lab.hash(f"ALG_{digest}", message)))
    public.public_key().verify(precomputed, message, pads, other)
    assert verifier.java.verifyPreComputedHash(verifier.key, lab.hash(f"ALG_{digest}", message), precomputed)


def test_ripemd160_and_sha3_against_the_scheme_written_out(lab: Lab, pair: rsa.RSAPrivateNumbers) -> None:
    """EMSA-PKCS1-v1_5 with the DigestInfo of RIPEMD-160 (1.3.36.3.2.1) and of SHA3-256 (2.16.840.1.101.3.4.2.8)."""
    infos = {
        "ALG_RIPEMD160": "3021300906052b2403020105000414",
        "ALG_SHA3_256": "3031300d060960864801650304020805000420",
    }
    for digest, prefix in infos.items():
        private = private_key(lab, pair.public_numbers.n, pair.d)
        signature = lab.signature(digest, "SIG_CIPHER_RSA", "PAD_PKCS1").init(private, SIGN)
        block = recovered(pair, signature.sign(b"abc"))
        tail = b"\0" + bytes.fromhex(prefix) + lab.hash(digest, b"abc")
        assert block == b"\0\1" + b"\xff" * (192 - 2 - len(tail)) + tail


def recovered(pair: rsa.RSAPrivateNumbers, signature: bytes) -> bytes:
    public = pair.public_numbers
    return pow(int.from_bytes(signature, "big"), public.e, public.n).to_bytes(len(signature), "big")


@pytest.mark.parametrize("digest", ["SHA", "MD5"])
def test_rfc2409_has_no_digest_info(lab: Lab, pair: rsa.RSAPrivateNumbers, digest: str) -> None:
    algorithm = f"ALG_RSA_{digest}_RFC2409"
    signature = lab.signature(algorithm).init(private_key(lab, pair.public_numbers.n, pair.d), SIGN).sign(b"abc")
    tail = b"\0" + hashlib.new(PYTHON[digest], b"abc").digest()
    assert recovered(pair, signature) == b"\0\1" + b"\xff" * (192 - 2 - len(tail)) + tail
    public = public_key(lab, pair.public_numbers.n, pair.public_numbers.e)
    assert lab.signature(algorithm).init(public, VERIFY).verify(b"abc", signature)
    assert not lab.signature("ALG_RSA_SHA_PKCS1").init(public, VERIFY).verify(b"abc", signature)


def iso9796(digest: str, message: bytes, length: int) -> bytes:
    """ISO/IEC 9796-2, scheme 1, trailer BC: header, padding, beginning of the message, digest of all of it."""
    value = hashlib.new(PYTHON[digest], message).digest()
    room = length - len(value) - 2
    inside = message[:room]
    more = 0x60 if len(message) > room else 0x40
    fill = length - 1 - len(value) - len(inside)
    head = bytes([more | 0x0A]) if fill == 1 else bytes([more | 0x0B]) + b"\xbb" * (fill - 2) + b"\xba"
    return head + inside + value + b"\xbc"


@pytest.mark.parametrize("digest", ["SHA", "RIPEMD160"])
@settings(max_examples=12)
@given(length=st.one_of(st.integers(0, 400), st.sampled_from([169, 170, 171])))
def test_iso9796_2_with_and_without_recovery(lab: Lab, pair: rsa.RSAPrivateNumbers, digest: str, length: int) -> None:
    import jpype

    message = bytes(i * 7 & 0xFF for i in range(length))
    private = crt_key(lab, pair.p, pair.q, pair.d)
    public = public_key(lab, pair.public_numbers.n, pair.public_numbers.e)
    signature = lab.signature(f"ALG_RSA_{digest}_ISO9796").init(private, SIGN).sign(message)
    assert recovered(pair, signature) == iso9796(digest, message, 192)
    verifier = lab.signature(f"ALG_RSA_{digest}_ISO9796").init(public, VERIFY)
    assert verifier.verify(message, signature)
    assert not verifier.verify(message + b"x", signature)
    assert not verifier.verify(b"x" + message, signature)

    signer = lab.signature(f"ALG_RSA_{digest}_ISO9796_MR").init(private, SIGN)
    inside = jpype.JArray(jpype.JShort)(1)
    assert bytes(signer.java.sign(private.java, message, 0, length, inside)) == signature
    assert inside[0] == min(length, 170)
    recovery = lab.signature(f"ALG_RSA_{digest}_ISO9796_MR").init(public, VERIFY)
    assert bytes(recovery.java.beginVerify(public.java, signature)) == message[:170]
    assert recovery.copy().java.verify(public.java, message[170:], 0, max(0, length - 170))
    assert not recovery.java.verify(public.java, message[170:] + b"x", 0, max(0, length - 170) + 1)


def test_recovery_wants_the_signature_first(lab: Lab, pair: rsa.RSAPrivateNumbers) -> None:
    public = public_key(lab, pair.public_numbers.n, pair.public_numbers.e)
    recovery = lab.signature("ALG_RSA_SHA_ISO9796_MR").init(public, VERIFY)
    with refused("INVALID_INIT"):
        recovery.update(b"x")
    with refused("ILLEGAL_USE"):
        recovery.java.beginVerify(public.java, bytes(192))
    with refused("ILLEGAL_USE"):
        recovery.java.beginVerify(public.java, bytes(100))


@pytest.mark.parametrize(
    ("algorithm", "bits"),
    [
        ("ALG_RSA_SHA_512_PKCS1", 512),
        ("ALG_RSA_SHA_512_PKCS1_PSS", 1024),
        ("ALG_RSA_SHA_384_PKCS1_PSS", 736),
        ("ALG_RSA_SHA_384_PKCS1", 512),
    ],
)
def test_hash_too_long_for_the_key(lab: Lab, algorithm: str, bits: int) -> None:
    modulus = (1 << bits) - 569
    with refused("ILLEGAL_VALUE"):
        lab.signature(algorithm).init(private_key(lab, modulus, 3), SIGN)


def test_private_keys_sign_and_public_keys_verify(lab: Lab, pair: rsa.RSAPrivateNumbers) -> None:
    public = public_key(lab, pair.public_numbers.n, pair.public_numbers.e)
    private = private_key(lab, pair.public_numbers.n, pair.d)
    for algorithm in ("ALG_RSA_SHA_PKCS1", "ALG_RSA_SHA_ISO9796"):
        with refused("ILLEGAL_VALUE"):
            lab.signature(algorithm).init(public, SIGN)
        with refused("ILLEGAL_VALUE"):
            lab.signature(algorithm).init(private, VERIFY)


def test_hashes_of_another_length(lab: Lab, pair: rsa.RSAPrivateNumbers) -> None:
    private = private_key(lab, pair.public_numbers.n, pair.d)
    for length in (19, 21, 0):
        with refused("ILLEGAL_USE"):
            signer = lab.signature("ALG_RSA_SHA_PKCS1").init(private, SIGN)
            signer.java.signPreComputedHash(private.java, Source().java, bytes(length))
    with refused("ILLEGAL_USE"):
        lab.signature("ALG_RSA_SHA_ISO9796_MR").init(private, SIGN).java.signPreComputedHash(
            private.java, None, bytes(20)
        )


def test_a_digest_begun_elsewhere(lab: Lab, pair: rsa.RSAPrivateNumbers) -> None:
    message = b"begun elsewhere"
    first = message + b"\x80" + bytes(64 - 9 - len(message)) + (8 * len(message)).to_bytes(8, "big")
    private = private_key(lab, pair.public_numbers.n, pair.d)
    signer = lab.signature("ALG_RSA_SHA_256_PKCS1").init(private, SIGN)
    signer.java.setInitialDigest(private.java, hashlib.sha256(message).digest(), b"\x40")
    pair.public_numbers.public_key().verify(signer.sign(b"rest"), first + b"rest", padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("bits", [512, 1024])
def test_moduli_with_small_factors_compute(lab: Lab, bits: int) -> None:
    """A card raises to a power; it does not ask of what the modulus is made."""
    modulus = 3 * 5 * 7 * ((1 << bits - 6) // 105 * 63 + 1)
    modulus |= 1 << bits - 1
    while modulus % 3 or not modulus & 1:
        modulus += 1
    signature = lab.signature("ALG_RSA_SHA_PKCS1").init(private_key(lab, modulus, 12345), SIGN).sign(b"abc")
    tail = b"\0" + bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(b"abc").digest()  # noqa: S324
    block = b"\0\1" + b"\xff" * (bits // 8 - 2 - len(tail)) + tail
    assert int.from_bytes(signature, "big") == pow(int.from_bytes(block, "big"), 12345, modulus)
