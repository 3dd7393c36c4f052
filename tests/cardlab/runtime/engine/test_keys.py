"""Keys: lengths, what may be set, when they can be used, and generation with given and with default parameters."""

from __future__ import annotations

import math

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cardlab.runtime import jvm
from tests.cardlab.runtime.engine.constants import KEY_BUILDER, KEY_PAIR, constants
from tests.cardlab.runtime.engine.curves import BRAINPOOL, Curve, default
from tests.cardlab.runtime.engine.lab import SIGN, VERIFY, Lab, Source, refused

TYPES = constants(KEY_BUILDER, "TYPE_")
ALG_TYPES = constants(KEY_BUILDER, "ALG_TYPE_")
LENGTHS = constants(KEY_BUILDER, "LENGTH_")
NAMED: dict[int, ec.EllipticCurve | None] = {
    192: ec.SECP192R1(),
    224: ec.SECP224R1(),
    256: ec.SECP256R1(),
    384: ec.SECP384R1(),
    521: ec.SECP521R1(),
    320: None,
    512: ec.BrainpoolP512R1(),
}


@pytest.mark.parametrize("name", sorted(TYPES.keys() - {"TYPE_XEC"}))  # not for buildKey()
def test_key_types_are_those_of_the_api(lab: Lab, name: str) -> None:
    found = jvm.java_class("cardlab.engine.KeyType").of(TYPES[name])
    memory = str(found.memory().name())
    suffix = "" if memory == "PERSISTENT" else f"_{memory}"
    family = str(found.family().name())
    assert name == f"TYPE_{family}{suffix}"
    assert found.number() == TYPES[name]
    number, place = ALG_TYPES[f"ALG_TYPE_{family}"], int(found.memory().ordinal())
    by_parts = jvm.java_class("cardlab.engine.KeyType").of(number, place)
    assert by_parts.equals(found)


@pytest.mark.parametrize("number", [0, 44, -1, 127])
def test_key_types_that_do_not_exist(lab: Lab, number: int) -> None:
    with refused("NO_SUCH_ALGORITHM"):
        jvm.java_class("cardlab.engine.KeyType").of(number)
    with refused("NO_SUCH_ALGORITHM"):
        jvm.java_class("cardlab.engine.KeyType").of(number, 0)
    with refused("NO_SUCH_ALGORITHM"):
        jvm.java_class("cardlab.engine.KeyType").of(1, 3)


@pytest.mark.parametrize("name", LENGTHS)
def test_every_length_of_the_api_exists(lab: Lab, name: str) -> None:
    kind = name.removeprefix("LENGTH_")
    family = next(
        family
        for start, family in (
            ("DES", "DES"),
            ("RSA", "RSA_CRT_PRIVATE"),
            ("DSA", "DSA_PUBLIC"),
            ("AES", "AES"),
            ("EC_FP", "EC_FP_PRIVATE"),
            ("EC_F2M", "EC_F2M_PUBLIC"),
            ("KOREAN", "KOREAN_SEED"),
            ("HMAC", "HMAC"),
            ("SM4", "SM4"),
            ("DH", "DH_PUBLIC"),
        )
        if kind.startswith(start)
    )
    assert not lab.key(family, LENGTHS[name]).is_initialized()


@pytest.mark.parametrize(
    ("family", "bits"),
    [
        ("AES", 100),
        ("AES", 0),
        ("AES", 64),
        ("DES", 112),
        ("DES", 56),
        ("KOREAN_SEED", 192),
        ("RSA_PUBLIC", 1000),
        ("RSA_PRIVATE", 8192),
        ("EC_FP_PUBLIC", 255),
        ("EC_F2M_PRIVATE", 256),
        ("DSA_PUBLIC", 2048),
        ("DH_PUBLIC", 512),
        ("HMAC", 0),
        ("HMAC", 7),
        ("HMAC", -8),
        ("HMAC", 1032),
    ],
)
def test_lengths_that_are_none(lab: Lab, family: str, bits: int) -> None:
    with refused("NO_SUCH_ALGORITHM"):
        lab.key(family, bits)


@pytest.mark.parametrize(
    ("family", "bits", "part", "length"),
    [
        ("AES", 128, "key", 15),
        ("AES", 128, "key", 17),
        ("DES", 64, "key", 16),
        ("HMAC", 64, "key", 65),
        ("HMAC", 64, "key", 0),
        ("HMAC", 256, "key", 33),
        ("RSA_PUBLIC", 512, "modulus", 65),
        ("RSA_PUBLIC", 512, "exponent", 0),
        ("RSA_CRT_PRIVATE", 512, "p", 33),
        ("EC_FP_PRIVATE", 256, "s", 1),
        ("EC_FP_PRIVATE", 256, "s", 31),
        ("EC_FP_PRIVATE", 256, "s", 34),
        ("EC_FP_PUBLIC", 256, "w", 33),
        ("EC_FP_PUBLIC", 256, "w", 64),
        ("EC_FP_PUBLIC", 256, "w", 66),
        ("EC_FP_PUBLIC", 256, "g", 64),
        ("EC_FP_PUBLIC", 256, "field", 33),
        ("EC_F2M_PUBLIC", 163, "field", 4),
        ("DSA_PRIVATE", 1024, "x", 21),
    ],
)
def test_parts_of_a_length_that_cannot_be(lab: Lab, family: str, bits: int, part: str, length: int) -> None:
    value = b"\4" + b"\1" * (length - 1) if length else b""
    with refused("ILLEGAL_VALUE"):
        lab.key(family, bits).set(**{part: value})


def test_points_that_are_compressed_and_private_values_of_zero(lab: Lab) -> None:
    for first in (0, 2, 3, 6, 7):
        with refused("ILLEGAL_VALUE"):
            lab.key("EC_FP_PUBLIC", 256).set(w=bytes([first]) + bytes(64))
    with refused("ILLEGAL_VALUE"):
        lab.key("EC_FP_PRIVATE", 256).set(s=bytes(32))


def test_hmac_keys_of_block_length_take_a_block(lab: Lab) -> None:
    for bits, most in ((64, 64), (128, 128), (512, 64), (1024, 128)):
        assert lab.key("HMAC", bits, key=bytes(most)).is_initialized()


def test_initialized_when_everything_needed_is_set(lab: Lab) -> None:
    curve = BRAINPOOL["brainpoolP256r1"]
    parts = curve.domain(cofactor=None) | {"s": (5).to_bytes(32, "big")}
    for left_out in parts:
        key = lab.key("EC_FP_PRIVATE", 256, **{name: value for name, value in parts.items() if name != left_out})
        assert not key.is_initialized(), left_out
    key = lab.key("EC_FP_PRIVATE", 256, **parts)
    assert key.is_initialized()  # without K
    key.java.clear()
    assert not key.is_initialized()
    assert key.parts() == {}
    dh = lab.key("DH_PRIVATE", 1024, p=b"\7", g=b"\2", x=b"\3")
    assert dh.is_initialized()  # without Q
    assert not lab.key("DSA_PRIVATE", 1024, p=b"\7", g=b"\2", x=b"\3").is_initialized()


@pytest.mark.parametrize("bits", [112, 128, 160, *NAMED])
def test_default_curves_are_the_standard_ones(lab: Lab, bits: int) -> None:
    curve = default(lab, bits)
    assert curve.times(curve.n, curve.g) is None
    public, private = lab.key("EC_FP_PUBLIC", bits), lab.key("EC_FP_PRIVATE", bits)
    lab.generate(public, private)
    value = int.from_bytes(private.part("s") or b"", "big")
    point = curve.times(value, curve.g)
    assert public.part("w") == curve.octets(point)
    assert {**private.parts(), "s": b""} == {**{k: v for k, v in public.parts().items() if k != "w"}, "s": b""}
    if (named := NAMED.get(bits)) is not None:
        numbers = ec.derive_private_key(value, named).public_key().public_numbers()
        assert (numbers.x, numbers.y) == point


@pytest.mark.parametrize("bits", [113, 131, 163, 193])
def test_binary_curves(lab: Lab, bits: int) -> None:
    public, private = lab.key("EC_F2M_PUBLIC", bits), lab.key("EC_F2M_PRIVATE", bits)
    lab.generate(public, private)
    made = lab.signature("ALG_ECDSA_SHA").init(private, SIGN).sign(b"abc")
    assert lab.signature("ALG_ECDSA_SHA").init(public, VERIFY).verify(b"abc", made)
    other = lab.key("EC_F2M_PUBLIC", bits), lab.key("EC_F2M_PRIVATE", bits)
    lab.generate(*other, Source(seed=b"other"))
    one = lab.agree("ALG_EC_SVDP_DH_PLAIN", private, other[0].part("w") or b"")
    assert one == lab.agree("ALG_EC_SVDP_DH_PLAIN", other[1], public.part("w") or b"")


@pytest.mark.parametrize("holder", ["public", "private"])
def test_keys_are_generated_on_the_curve_that_is_set(lab: Lab, holder: str) -> None:
    curve: Curve = BRAINPOOL["brainpoolP384r1"]
    pair = {"public": lab.key("EC_FP_PUBLIC", 384), "private": lab.key("EC_FP_PRIVATE", 384)}
    pair[holder].set(**curve.domain())
    lab.generate(pair["public"], pair["private"])
    value = int.from_bytes(pair["private"].part("s") or b"", "big")
    assert pair["public"].part("w") == curve.octets(curve.times(value, curve.g))
    for key in pair.values():
        assert key.part("a") == curve.domain()["a"]


def test_half_a_domain_is_refused(lab: Lab) -> None:
    curve = BRAINPOOL["brainpoolP256r1"]
    public = lab.key("EC_FP_PUBLIC", 256, field=curve.domain()["field"])
    with refused("ILLEGAL_VALUE"):
        lab.generate(public, lab.key("EC_FP_PRIVATE", 256))


@pytest.mark.parametrize(("bits", "exponent"), [(512, None), (736, 3), (1024, 65537), (1024, 17), (2048, None)])
def test_rsa_keys(lab: Lab, bits: int, exponent: int | None) -> None:
    for family in ("RSA_PRIVATE", "RSA_CRT_PRIVATE"):
        public, private = lab.key("RSA_PUBLIC", bits), lab.key(family, bits)
        if exponent:
            public.set(exponent=exponent.to_bytes(4, "big"))
        lab.generate(public, private)
        n, e = (int.from_bytes(public.parts()[name], "big") for name in ("modulus", "exponent"))
        assert n.bit_length() == bits
        assert e == (exponent or 65537)
        parts = {name: int.from_bytes(value, "big") for name, value in private.parts().items()}
        if family == "RSA_CRT_PRIVATE":
            p, q = parts["p"], parts["q"]
            d = pow(e, -1, math.lcm(p - 1, q - 1))
            assert p * q == n
            _check_primes(p, q, bits)
            assert (parts["dp1"], parts["dq1"], parts["pq"]) == (d % (p - 1), d % (q - 1), pow(q, -1, p))
        else:
            assert parts["modulus"] == n
            p, q = rsa.rsa_recover_prime_factors(n, e, parts["exponent"])
            assert p * q == n
            _check_primes(p, q, bits)


def _check_primes(p: int, q: int, bits: int) -> None:
    """FIPS 186-5, A.1.3: primes, each above the square root of 2 times a power of 2, and far apart."""
    assert all(
        pow(base, one - 1, one) == 1 for one in (p, q) for base in (2, 3, 5, 7)
    )  # composites pass by design only
    assert all(one**2 >> (bits - 1) for one in (p, q))
    assert abs(p - q) > 1 << (bits // 2 - 100)


@pytest.mark.parametrize("exponent", [0, 1, 2, 65536])
def test_exponents_that_are_refused(lab: Lab, exponent: int) -> None:
    public = lab.key("RSA_PUBLIC", 512, exponent=exponent.to_bytes(4, "big"))
    with refused("ILLEGAL_VALUE"):
        lab.generate(public, lab.key("RSA_PRIVATE", 512))


@pytest.mark.parametrize("bits", [512, 768, 1024])
def test_dsa_keys(lab: Lab, bits: int) -> None:
    public, private = lab.key("DSA_PUBLIC", bits), lab.key("DSA_PRIVATE", bits)
    lab.generate(public, private)
    parts = {name: int.from_bytes(value, "big") for name, value in (public.parts() | private.parts()).items()}
    assert parts["p"].bit_length() == bits
    assert (parts["p"] - 1) % parts["q"] == 0
    assert pow(parts["g"], parts["q"], parts["p"]) == 1
    assert pow(parts["g"], parts["x"], parts["p"]) == parts["y"]
    made = lab.signature("ALG_DSA_SHA").init(private, SIGN).sign(b"abc")
    assert lab.signature("ALG_DSA_SHA").init(public, VERIFY).verify(b"abc", made)


@pytest.mark.parametrize("bits", [1024, 2048])
def test_diffie_hellman_keys(lab: Lab, bits: int) -> None:
    pairs = []
    for seed in (b"one", b"two"):
        public, private = lab.key("DH_PUBLIC", bits), lab.key("DH_PRIVATE", bits)
        lab.generate(public, private, Source(seed=seed))
        pairs.append((public, private))
    secrets = {lab.agree("ALG_DH_PLAIN", pairs[i][1], pairs[1 - i][0].part("y") or b"") for i in (0, 1)}
    assert len(secrets) == 1
    assert len(secrets.pop()) == bits // 8


def test_the_source_decides_the_keys(lab: Lab) -> None:
    made = []
    for seed in (b"a", b"a", b"b"):
        public, private = lab.key("EC_FP_PUBLIC", 256), lab.key("EC_FP_PRIVATE", 256)
        lab.generate(public, private, Source(seed=seed))
        made.append(public.part("w"))
    assert made[0] == made[1]
    assert made[1] != made[2]


def test_keys_that_are_no_pair(lab: Lab) -> None:
    pairs = [
        ("EC_FP_PUBLIC", 256, "EC_FP_PRIVATE", 384),
        ("RSA_PUBLIC", 512, "EC_FP_PRIVATE", 256),
        ("EC_F2M_PUBLIC", 163, "EC_FP_PRIVATE", 160),
    ]
    for public, bits, private, other in pairs:
        with refused("ILLEGAL_VALUE"):
            lab.generate(lab.key(public, bits), lab.key(private, other))
    assert len(constants(KEY_PAIR, "ALG_")) == 6
