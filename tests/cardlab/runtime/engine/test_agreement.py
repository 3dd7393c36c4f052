"""KeyAgreement: published vectors, every variant by the textbook, and what the API refuses."""

from __future__ import annotations

import pytest

from tests.cardlab.runtime.engine.curves import BRAINPOOL, Curve, default
from tests.cardlab.runtime.engine.lab import Key, Lab, refused
from tests.cardlab.runtime.engine.vectors import vectors

CURVES = {"EA": 192, "EB": 224, "EC": 256, "ED": 384, "EE": 521}


@pytest.fixture(scope="module")
def p256(lab: Lab) -> Curve:
    """P-256."""
    return default(lab, 256)


@pytest.mark.parametrize("role", ["init", "resp"])
def test_validity_vectors_of_nist(lab: Lab, role: str) -> None:
    """Right values agree; refused are points off the curve and private values not below the order."""
    curves = {name: default(lab, bits) for name, bits in CURVES.items()}
    used = refusals = 0
    file = f"asymmetric/ECDH/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_{role}.fax"
    for one in [one for one in vectors(file) if "Result" in one][::3]:
        curve = curves[one.section.split(" ")[0]]
        private = curve.private(lab, int(one["dsIUT"], 16))
        x, y = int(one["QsCAVSx"], 16), int(one["QsCAVSy"], 16)
        valid = (y * y - x**3 - curve.a * x - curve.b) % curve.p == 0 and int(one["dsIUT"], 16) < curve.n
        if not valid:
            assert one["Result"].startswith("F")
            refusals += 1
            with refused("ILLEGAL_VALUE"):
                lab.agree("ALG_EC_SVDP_DH_PLAIN", private, curve.octets((x, y)))
        elif one["Result"].startswith("P"):
            assert lab.agree("ALG_EC_SVDP_DH_PLAIN", private, curve.octets((x, y))) == one.octets("Z", curve.width)
        used += 1
    assert used > 35
    assert refusals > 1


def test_brainpool_vectors(lab: Lab) -> None:
    used = [one for one in vectors("asymmetric/ECDH/brainpool.txt") if one.values.get("curve") in BRAINPOOL]
    for one in used:
        curve = BRAINPOOL[one["curve"]]
        for own, other in (("A", "B"), ("B", "A")):
            private = curve.private(lab, int(one[f"d{own}"], 16))
            public = curve.octets((int(one[f"x_q{other}"], 16), int(one[f"y_q{other}"], 16)))
            assert lab.agree("ALG_EC_SVDP_DH_PLAIN", private, public) == one.octets("x_Z", curve.width)
            whole = b"\4" + one.octets("x_Z", curve.width) + one.octets("y_Z", curve.width)
            assert lab.agree("ALG_EC_SVDP_DH_PLAIN_XY", private, public) == whole
    assert {one["curve"] for one in used} == set(BRAINPOOL)


def test_every_variant_by_the_textbook(lab: Lab, p256: Curve) -> None:
    secret = 0xFEDCBA9876543210
    private, other = p256.private(lab, secret), p256.times(77, p256.g)
    shared = p256.times(secret, other)
    assert shared is not None
    x = shared[0].to_bytes(32, "big")
    digest = lab.hash("ALG_SHA", x)
    expected = {
        "ALG_EC_SVDP_DH_PLAIN": x,
        "ALG_EC_SVDP_DHC_PLAIN": x,
        "ALG_EC_SVDP_DH": digest,
        "ALG_EC_SVDP_DHC": digest,
        "ALG_EC_SVDP_DH_KDF": digest,
        "ALG_EC_SVDP_DHC_KDF": digest,
        "ALG_EC_SVDP_DH_PLAIN_XY": p256.octets(shared),
        "ALG_EC_PACE_GM": p256.octets(p256.add(p256.times(secret, p256.g), other)),
    }
    for name, value in expected.items():
        assert lab.agree(name, private, p256.octets(other)) == value, name


def test_cofactor_is_multiplied_in(lab: Lab) -> None:
    """A curve of order 4·n over 112 bits (secp112r2, SEC 2): DHC multiplies by 4, DH does not."""
    curve = Curve(
        112,
        0xDB7C2ABF62E35E668076BEAD208B,
        0x6127C24C05F38A0AAAF65C0EF02C,
        0x51DEF1815DB5ED74FCC34C85D709,
        (0x4BA30AB5E892B4E1649DD0928643, 0xADCD46F5882E3747DEF36E956E97),
        0x36DF0AAFD8B8D7597CA10520D04B,
    )
    parts = curve.domain(cofactor=4)
    private = lab.key("EC_FP_PRIVATE", 112, **parts, s=(1234567).to_bytes(14, "big"))
    other = curve.times(99, curve.g)
    for name, factor in (("ALG_EC_SVDP_DH_PLAIN", 1), ("ALG_EC_SVDP_DHC_PLAIN", 4)):
        shared = curve.times(1234567 * factor, other)
        assert shared is not None
        assert lab.agree(name, private, curve.octets(other)) == shared[0].to_bytes(14, "big")


def test_a_cleared_key_with_new_parameters_and_no_cofactor(lab: Lab, p256: Curve) -> None:
    """K need not be set: it counts as 1."""
    private = p256.private(lab, 5)
    private.java.clear()
    other = BRAINPOOL["brainpoolP256r1"]
    private.set(**other.domain(cofactor=None), s=(7).to_bytes(32, "big"))
    shared = other.times(7 * 3, other.g)
    assert shared is not None
    point = other.octets(other.times(3, other.g))
    assert lab.agree("ALG_EC_SVDP_DHC_PLAIN", private, point) == shared[0].to_bytes(32, "big")


def test_points_that_are_refused(lab: Lab, p256: Curve) -> None:
    private = p256.private(lab, 5)
    good = p256.octets(p256.times(3, p256.g))
    off = good[:-1] + bytes([good[-1] ^ 1])
    for point in (
        off,
        good[:-1],
        good[:33],
        good + b"\0",
        b"",
        b"\0",
        b"\2" + good[1:33],
        b"\6" + good[1:],
        b"\4" + bytes(64),
    ):
        with refused("ILLEGAL_VALUE"):
            lab.agree("ALG_EC_SVDP_DH_PLAIN", private, point)


def test_keys_that_are_refused(lab: Lab, p256: Curve) -> None:
    point = p256.octets(p256.g)
    with refused("ILLEGAL_VALUE"):
        lab.agree("ALG_EC_SVDP_DH_PLAIN", p256.public(lab, p256.g), point)
    with refused("ILLEGAL_VALUE"):
        lab.agree("ALG_EC_SVDP_DH_PLAIN", lab.key("DH_PRIVATE", 1024), point)
    with refused("UNINITIALIZED_KEY"):
        lab.agree("ALG_EC_SVDP_DH_PLAIN", lab.key("EC_FP_PRIVATE", 256, **p256.domain()), point)
    with refused("ILLEGAL_VALUE"):
        lab.agree("ALG_DH_PLAIN", p256.private(lab, 5), point)


def test_domains_that_are_no_curve(lab: Lab, p256: Curve) -> None:
    for part, value in (("field", bytes(31) + b"\x0f"), ("b", bytes(32)), ("g", b"\4" + b"\1" * 64)):
        key = lab.key("EC_FP_PRIVATE", 256, **p256.domain() | {part: value}, s=(5).to_bytes(32, "big"))
        with refused("ILLEGAL_VALUE"):
            lab.agree("ALG_EC_SVDP_DH_PLAIN", key, p256.octets(p256.g))


def dh_key(lab: Lab, p: int, g: int, x: int) -> Key:
    length = p.bit_length() // 8
    return lab.key(
        "DH_PRIVATE", 8 * length, p=p.to_bytes(length, "big"), g=bytes([g]), x=x.to_bytes(length, "big").lstrip(b"\0")
    )


@pytest.mark.parametrize("role", ["init", "resp"])
def test_diffie_hellman_vectors_of_nist(lab: Lab, role: str) -> None:
    used = 0
    file = f"asymmetric/DH/KASValidityTest_FFCStatic_NOKC_ZZOnly_{role}.fax"
    for one in vectors(file, keep=("P", "Q", "G")):
        if "Result" in one and one["Result"].startswith("P"):
            length = len(one.octets("P"))
            domain = {name: one.octets(name.upper()) for name in ("p", "q", "g")}
            private = lab.key("DH_PRIVATE", 8 * length, **domain, x=one.octets("XstatIUT"))
            assert lab.agree("ALG_DH_PLAIN", private, one.octets("YstatCAVS")) == one.octets("Z", length)
            used += 1
    assert used > 20


def test_public_values_that_diffie_hellman_refuses(lab: Lab) -> None:
    p = next(int(one["P"]) for one in vectors("asymmetric/DH/vec.txt") if int(one["P"]).bit_length() == 1024)
    private = dh_key(lab, p, 2, 12345)
    for value in (0, 1, p - 1, p, p + 2):
        with refused("ILLEGAL_VALUE"):
            lab.agree("ALG_DH_PLAIN", private, value.to_bytes(129, "big"))
