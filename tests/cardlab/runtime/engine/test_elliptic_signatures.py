"""ECDSA and DSA: published vectors with their nonces, verification vectors, and what the API refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.cardlab.runtime.engine.curves import BRAINPOOL, default
from tests.cardlab.runtime.engine.lab import SIGN, VERIFY, Key, Lab, Source, refused
from tests.cardlab.runtime.engine.vectors import Vector, vectors

DIGESTS = {"SHA-1": "SHA", "SHA-224": "SHA_224", "SHA-256": "SHA_256", "SHA-384": "SHA_384", "SHA-512": "SHA_512"}
PRIME = {"P-192": 192, "P-224": 224, "P-256": 256, "P-384": 384, "P-521": 521}

HASHED_BY_APPLET = ("ALG_NULL", "SIG_CIPHER_ECDSA", "PAD_NULL")


def width(nonce: int) -> bytes:
    """As the engine draws it for a curve of 256 bits."""
    return nonce.to_bytes(32, "big")


def parts(section: str) -> tuple[str, str]:
    """Curve and digest of a section of vectors."""
    curve, digest = section.split(",")
    return curve, DIGESTS[digest]


def numbers(one: Vector) -> tuple[int, int]:
    return int(one["R"], 16), int(one["S"], 16)


@pytest.fixture(scope="module")
def domains(lab: Lab) -> dict[str, dict[str, bytes]]:
    """The domain parameters of NIST's prime curves."""
    return {name: default(lab, bits).domain() for name, bits in PRIME.items()}


def test_signatures_of_nist_with_their_nonces(lab: Lab, domains: dict[str, dict[str, bytes]]) -> None:
    used = [one for one in vectors("asymmetric/ECDSA/FIPS_186-3/SigGen.txt") if one.section.split(",")[0] in PRIME][::9]
    for one in used:
        curve, digest = parts(one.section)
        bits, domain = PRIME[curve], domains[curve]
        width = (bits + 7) // 8
        private = lab.key("EC_FP_PRIVATE", bits, **domain, s=one.octets("d", width))
        public = lab.key("EC_FP_PUBLIC", bits, **domain, w=b"\4" + one.octets("Qx", width) + one.octets("Qy", width))
        nonce, message = one.octets("k", width), one.octets("Msg")
        made = lab.signature(f"ALG_ECDSA_{digest}").init(private, SIGN).sign(message, Source(nonce))
        assert decode_dss_signature(made) == numbers(one)
        plain = (f"ALG_{digest}", "SIG_CIPHER_ECDSA_PLAIN", "PAD_NULL")
        r_and_s = lab.signature(*plain).init(private, SIGN).sign(message, Source(nonce))
        assert r_and_s == one.octets("R", width) + one.octets("S", width)
        assert lab.signature(f"ALG_ECDSA_{digest}").init(public, VERIFY).verify(message, made)
        by_applet = lab.hash(f"ALG_{digest}", message)
        assert lab.signature(*HASHED_BY_APPLET).init(private, SIGN).sign(by_applet, Source(nonce)) == made
        assert lab.signature(*HASHED_BY_APPLET).init(public, VERIFY).verify(by_applet, made)
        assert lab.signature(*plain).init(public, VERIFY).verify(message, r_and_s)
        assert not lab.signature(*plain).init(public, VERIFY).verify(message, r_and_s[:-1])
        assert not lab.signature(*plain).init(public, VERIFY).verify(message, r_and_s[1:] + r_and_s[:1])
    assert len(used) > 30


def binary_domain(lab: Lab) -> dict[str, bytes]:
    public, private = lab.key("EC_F2M_PUBLIC", 163), lab.key("EC_F2M_PRIVATE", 163)
    lab.generate(public, private)
    return {name: value for name, value in public.parts().items() if name != "w"}


def test_verification_vectors_of_nist(lab: Lab, domains: dict[str, dict[str, bytes]]) -> None:
    """The prime curves, and B-163 for binary fields."""
    known = domains | {"B-163": binary_domain(lab)}
    used = [
        one
        for one in vectors("asymmetric/ECDSA/FIPS_186-3/SigVer.rsp")
        if one.section.split(",")[0] in known and one.section.split(",")[1] in DIGESTS
    ][::5]
    for one in used:
        curve, digest = parts(one.section)
        family, bits = ("EC_FP_PUBLIC", PRIME[curve]) if curve in PRIME else ("EC_F2M_PUBLIC", 163)
        width = (bits + 7) // 8
        point = b"\4" + one.octets("Qx", width) + one.octets("Qy", width)
        key = lab.key(family, bits, **known[curve], w=point)
        signature = encode_dss_signature(*numbers(one))
        good = lab.signature(f"ALG_ECDSA_{digest}").init(key, VERIFY).verify(one.octets("Msg"), signature)
        assert good == one["Result"].startswith("P"), one
    assert len(used) > 60


@pytest.mark.parametrize("name", BRAINPOOL)
def test_brainpool_curves_of_every_length(lab: Lab, name: str) -> None:
    curve, value = BRAINPOOL[name], 0x1234567
    private = curve.private(lab, value)
    public = curve.public(lab, curve.times(value, curve.g))
    signature = lab.signature("ALG_ECDSA_SHA_512").init(private, SIGN).sign(b"abc")
    assert lab.signature("ALG_ECDSA_SHA_512").init(public, VERIFY).verify(b"abc", signature)
    assert not lab.signature("ALG_ECDSA_SHA_512").init(public, VERIFY).verify(b"abd", signature)


@pytest.mark.parametrize(("bits", "most"), [(160, 48), (192, 56), (256, 72), (384, 104), (521, 139)])
def test_length_is_the_most_that_a_signature_has(lab: Lab, bits: int, most: int) -> None:
    public, private = lab.key("EC_FP_PUBLIC", bits), lab.key("EC_FP_PRIVATE", bits)
    lab.generate(public, private)
    signature = lab.signature("ALG_ECDSA_SHA").init(private, SIGN)
    assert signature.java.length(private.java) == most
    assert max(len(signature.sign(bytes([i]), Source(seed=bytes([i])))) for i in range(20)) <= most


def ec_pair(lab: Lab, bits: int = 256) -> tuple[Key, Key]:
    pair = lab.key("EC_FP_PUBLIC", bits), lab.key("EC_FP_PRIVATE", bits)
    lab.generate(*pair)
    return pair


def test_without_digest_the_message_is_as_long_as_a_hash(lab: Lab) -> None:
    """In parts as well; what is longer than the order of any curve is no hash."""
    public, private = ec_pair(lab)
    hashed = lab.hash("ALG_SHA_256", b"abc")
    signer = lab.signature(*HASHED_BY_APPLET).init(private, SIGN)
    signer.update(hashed[:9])
    made = signer.sign(hashed[9:])
    assert lab.signature("ALG_ECDSA_SHA_256").init(public, VERIFY).verify(b"abc", made)
    signer.sign(bytes(128))
    with refused("ILLEGAL_USE"):
        signer.sign(bytes(129))
    assert lab.signature(*HASHED_BY_APPLET).init(public, VERIFY).verify(hashed, signer.sign(hashed))


def test_hash_computed_before(lab: Lab) -> None:
    public, private = ec_pair(lab)
    signer = lab.signature("ALG_ECDSA_SHA_256").init(private, SIGN)
    made = bytes(signer.java.signPreComputedHash(private.java, Source().java, lab.hash("ALG_SHA_256", b"abc")))
    verifier = lab.signature("ALG_ECDSA_SHA_256").init(public, VERIFY)
    assert verifier.verify(b"abc", made)
    assert verifier.java.verifyPreComputedHash(public.java, lab.hash("ALG_SHA_256", b"abc"), made)
    assert not verifier.java.verifyPreComputedHash(public.java, lab.hash("ALG_SHA_256", b"abd"), made)
    with refused("ILLEGAL_USE"):
        verifier.java.verifyPreComputedHash(public.java, bytes(31), made)


def test_signatures_in_another_encoding_are_wrong(lab: Lab) -> None:
    public, private = ec_pair(lab)
    made = lab.signature("ALG_ECDSA_SHA_256").init(private, SIGN).sign(b"abc")
    r, s = decode_dss_signature(made)
    verifier = lab.signature("ALG_ECDSA_SHA_256").init(public, VERIFY)
    forms = [
        b"",
        b"\x30",
        made[:-1],
        made + b"\0",
        b"\x31" + made[1:],
        b"\x30\x81" + made[1:],
        encode_dss_signature(0, s),
        encode_dss_signature(r, 0),
        encode_dss_signature(r + (1 << 256), s),
        made[:1] + bytes([made[1] + 1]) + made[2:3] + bytes([made[3] + 1]) + b"\0" + made[4:],
    ]
    assert not any(verifier.verify(b"abc", one) for one in forms)
    assert verifier.verify(b"abc", made)


def test_points_that_are_not_on_the_curve(lab: Lab) -> None:
    public, private = ec_pair(lab)
    wrong = bytearray(public.part("w") or b"")
    wrong[-1] ^= 1
    with refused("ILLEGAL_VALUE"):
        lab.signature("ALG_ECDSA_SHA_256").init(public.set(w=bytes(wrong)), VERIFY)
    with refused("ILLEGAL_VALUE"):
        lab.signature("ALG_ECDSA_SHA_256").init(private.set(s=private.part("r") or b""), SIGN)


@pytest.mark.parametrize("algorithm", ["ALG_ECDSA_SHA_256", "ALG_DSA_SHA"])
def test_keys_of_the_wrong_side_or_kind(lab: Lab, algorithm: str) -> None:
    public, private = ec_pair(lab)
    for key, mode in ((public, SIGN), (private, VERIFY)):
        with refused("ILLEGAL_VALUE"):
            lab.signature(algorithm).init(key, mode)
    with refused("ILLEGAL_VALUE"):
        lab.signature(algorithm).init(lab.key("AES", 128, key=bytes(16)), SIGN)
    with refused("ILLEGAL_VALUE"):
        lab.signature(algorithm).init(lab.key("EC_FP_PARAMETERS", 256), VERIFY)


def test_dsa_of_nist(lab: Lab) -> None:
    used = 0
    kept = ("P", "Q", "G")
    for one in vectors("asymmetric/DSA/FIPS_186-3/SigGen.txt", keep=kept):
        if one.section != "mod = L=1024, N=160, SHA-1" or "Msg" not in one:
            continue
        domain = {"p": one.octets("P"), "q": one.octets("Q"), "g": one.octets("G", 128)}
        private = lab.key("DSA_PRIVATE", 1024, **domain, x=one.octets("X"))
        public = lab.key("DSA_PUBLIC", 1024, **domain, y=one.octets("Y", 128))
        made = lab.signature("ALG_DSA_SHA").init(private, SIGN).sign(one.octets("Msg"), Source(one.octets("K", 20)))
        assert decode_dss_signature(made) == numbers(one)
        assert lab.signature("ALG_DSA_SHA").init(public, VERIFY).verify(one.octets("Msg"), made)
        assert len(made) <= lab.signature("ALG_DSA_SHA").init(public, VERIFY).java.length(public.java) == 48
        used += 1
    assert used > 10


def test_dsa_verification_of_nist(lab: Lab) -> None:
    used = 0
    for one in vectors("asymmetric/DSA/FIPS_186-3/SigVer.rsp", keep=("P", "Q", "G")):
        if one.section != "mod = L=1024, N=160, SHA-1" or "Msg" not in one:
            continue
        domain = {"p": one.octets("P"), "q": one.octets("Q"), "g": one.octets("G", 128)}
        public = lab.key("DSA_PUBLIC", 1024, **domain, y=one.octets("Y", 128))
        used += 1
        signature = encode_dss_signature(*numbers(one))
        if pow(int(one["Y"], 16), int(one["Q"], 16), int(one["P"], 16)) != 1:  # no member of the group
            assert one["Result"].startswith("F")
            with refused("ILLEGAL_VALUE"):
                lab.signature("ALG_DSA_SHA").init(public, VERIFY)
            continue
        good = lab.signature("ALG_DSA_SHA").init(public, VERIFY).verify(one.octets("Msg"), signature)
        assert good == one["Result"].startswith("P")
    assert used > 10


def test_a_composite_order_ends_in_a_signature_or_a_refusal(lab: Lab) -> None:
    """A nonce or a number of a signature that shares a factor with the order has no inverse."""
    curve = replace(default(lab, 256), n=3 * 5 * 7 * 11 * 13 * (2**240 + 1))
    private = curve.private(lab, 12345)
    lab.signature("ALG_ECDSA_SHA_256").init(private, SIGN).sign(b"", Source(width(2**200)))
    with refused("ILLEGAL_VALUE"):
        lab.signature("ALG_ECDSA_SHA_256").init(private, SIGN).sign(b"", Source(width(2 * 3 * 5)))
    public = curve.public(lab, curve.times(12345, curve.g))
    without_inverse = encode_dss_signature(15 * 14, 15 * 14)
    assert not lab.signature("ALG_ECDSA_SHA_256").init(public, VERIFY).verify(b"", without_inverse)


def test_an_even_order_is_refused_in_use(lab: Lab) -> None:
    curve = replace(default(lab, 256), n=2**255 + 2**200)
    with refused("ILLEGAL_VALUE"):
        lab.signature("ALG_ECDSA_SHA_256").init(curve.private(lab, 12345), SIGN).sign(b"")


@pytest.mark.parametrize("order", [0, 1, 2, 3, 0x7FFFFFFF])
def test_groups_without_room_for_a_key_are_refused(lab: Lab, order: int) -> None:
    """A search for a nonce or a private value below an order of 1 would not end."""
    elliptic = default(lab, 256).domain() | {"r": order.to_bytes(4, "big")}
    with refused("ILLEGAL_VALUE"):
        lab.signature("ALG_ECDSA_SHA_256").init(lab.key("EC_FP_PRIVATE", 256, **elliptic, s=bytes(31) + b"\1"), SIGN)
    with refused("ILLEGAL_VALUE"):
        lab.generate(lab.key("EC_FP_PUBLIC", 256, **elliptic), lab.key("EC_FP_PRIVATE", 256, **elliptic))
    domain = {"p": (2**1023 + 1155).to_bytes(128, "big"), "q": order.to_bytes(4, "big"), "g": b"\2"}
    with refused("ILLEGAL_VALUE"):
        lab.signature("ALG_DSA_SHA").init(lab.key("DSA_PRIVATE", 1024, **domain, x=b"\1"), SIGN)
    with refused("ILLEGAL_VALUE"):
        lab.generate(lab.key("DSA_PUBLIC", 1024, **domain), lab.key("DSA_PRIVATE", 1024, **domain))
