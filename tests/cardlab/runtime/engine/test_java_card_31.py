"""What Java Card 3.1 and 3.2 add: published vectors of each algorithm, and what the API refuses."""

from __future__ import annotations

import pytest

from tests.cardlab.runtime.engine.curves import BRAINPOOL, default
from tests.cardlab.runtime.engine.lab import DECRYPT, ENCRYPT, SIGN, VERIFY, Key, Lab, Source, _enum, refused
from tests.cardlab.runtime.engine.vectors import text, vectors

EDDSA = ("ALG_NULL", "SIG_CIPHER_EDDSA", "PAD_NULL")
CURVE_BITS = {"X25519": 255, "X448": 448}
# RFC 8032, 7.3 and 7.5: the first vectors of Ed25519ph and Ed448ph without context.
PREHASHED = {
    255: (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
    ),
    448: (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"
        "ef7822e0d5104127dc05d6dbefde69e3ab2cec7c867c6e2c49",
        "259b71c19f83ef77a7abd26524cbdb3161b590a48f7d17de3ee0ba9c52beb743"
        "c09428a131d6b1b57303d90d8132c276d5ed3d5d01c0f53880",
        "822f6901f7480f3d5f562c592994d9693602875614483256505600bbc281ae38"
        "1f54d6bce2ea911574932f52a4e6cadd78769375ec3ffd1b801a0d9b3f4030cd"
        "433964b6457ea39476511214f97469b57dd32dbc560a9a94d00bff07620464a3"
        "ad203df7dc7ce360c3cd3696d9d9fab90f00",
    ),
}


def pair(lab: Lab, kind: str, bits: int, secret: bytes, public: bytes) -> tuple[Key, Key]:
    """A private and a public key on a curve of RFC 7748 or RFC 8032."""
    return lab.key(f"{kind}_PRIVATE", bits, s=secret), lab.key(f"{kind}_PUBLIC", bits, w=public)


@pytest.mark.parametrize("name", CURVE_BITS)
def test_xdh_vectors(lab: Lab, name: str) -> None:
    """RFC 7748, 5.2."""
    used = list(vectors(f"asymmetric/{name}/rfc7748.txt"))
    for one in used:
        key = lab.key("XDH_PRIVATE", CURVE_BITS[name], s=one.octets("INPUT_SCALAR"))
        assert lab.agree("ALG_XDH", key, one.octets("INPUT_U")) == one.octets("OUTPUT_U")
    assert len(used) >= 2


@pytest.mark.parametrize("bits", CURVE_BITS.values())
def test_xdh_between_generated_keys(lab: Lab, bits: int) -> None:
    keys = [(lab.key("XDH_PUBLIC", bits), lab.key("XDH_PRIVATE", bits)) for _ in range(2)]
    for number, (public, private) in enumerate(keys):
        lab.generate(public, private, Source(seed=bytes((number,))))
    (mine, own), (other, theirs) = keys
    shared = lab.agree("ALG_XDH", own, other.part("w") or b"")
    assert shared == lab.agree("ALG_XDH", theirs, mine.part("w") or b"")
    assert own.part("s") != theirs.part("s")


def test_xdh_refuses(lab: Lab) -> None:
    key = lab.key("XDH_PRIVATE", 255, s=bytes(range(32)))
    for wrong in (bytes(32), b"\1" + bytes(31), bytes(31), bytes(33)):  # of small order, of another length
        with refused("ILLEGAL_VALUE"):
            lab.agree("ALG_XDH", key, wrong)
    with refused("UNINITIALIZED_KEY"):
        lab.agree("ALG_XDH", lab.key("XDH_PRIVATE", 255), bytes(32))
    with refused("ILLEGAL_VALUE"):
        lab.agree("ALG_XDH", default(lab, 256).private(lab, 5), bytes(32))
    with refused("ILLEGAL_VALUE"):
        lab.agree("ALG_EC_SVDP_DH_PLAIN", key, bytes(32))
    with refused("ILLEGAL_VALUE"):
        key.set(s=bytes(31))


def test_ed25519_vectors(lab: Lab) -> None:
    """Those of the reference implementation, every tenth."""
    lines = text("asymmetric/Ed25519/sign.input").splitlines()[::10]
    for line in lines:
        secret, public, message, signed = (bytes.fromhex(part) for part in line.split(":")[:4])
        private_key, public_key = pair(lab, "EDDSA", 255, secret[:32], public)
        signature = signed[:64]
        assert lab.signature(*EDDSA).init(private_key, SIGN).sign(message) == signature
        checker = lab.signature("ALG_SHA_512", "SIG_CIPHER_EDDSA_ED25519", "PAD_NULL").init(public_key, VERIFY)
        checker.update(message[:5])
        assert checker.verify(message[5:], signature)
        assert not checker.verify(message + b"\0", signature)
    assert len(lines) > 100


def test_ed448_vectors(lab: Lab) -> None:
    """RFC 8032, 7.4, without context."""
    used = [one for one in vectors("asymmetric/Ed448/rfc8032.txt") if "CONTEXT" not in one]
    for one in used:
        private, public = pair(lab, "EDDSA", 448, one.octets("SECRET"), one.octets("PUBLIC"))
        message, signature = one.octets("MESSAGE"), one.octets("SIGNATURE")
        assert lab.signature(*EDDSA).init(private, SIGN).sign(message) == signature
        assert (
            lab.signature("ALG_NULL", "SIG_CIPHER_EDDSA_ED448", "PAD_NULL")
            .init(public, VERIFY)
            .verify(message, signature)
        )
    assert len(used) >= 5


@pytest.mark.parametrize("bits", PREHASHED)
def test_prehashed_vectors(lab: Lab, bits: int) -> None:
    secret, public, signature = map(bytes.fromhex, PREHASHED[bits])
    private_key, public_key = pair(lab, "EDDSA", bits, secret, public)
    scheme = ("ALG_NULL", "SIG_CIPHER_EDDSAPH", "PAD_NULL")
    signer = lab.signature(*scheme).init(private_key, SIGN)
    signer.update(b"a")
    assert signer.sign(b"bc") == signature
    checker = lab.signature(*scheme).init(public_key, VERIFY)
    assert checker.verify(b"abc", signature)
    assert not checker.verify(b"abd", signature)
    assert not checker.verify(b"abc", signature[:-1])


def test_a_hash_computed_before_is_signed(lab: Lab) -> None:
    secret, public, signature = map(bytes.fromhex, PREHASHED[255])
    private_key, public_key = pair(lab, "EDDSA", 255, secret, public)
    digest = lab.hash("ALG_SHA_512", b"abc")
    scheme = ("ALG_SHA_512", "SIG_CIPHER_EDDSAPH_ED25519", "PAD_NULL")
    signer = lab.signature(*scheme).init(private_key, SIGN)
    assert bytes(signer.java.signPreComputedHash(signer.key, Source().java, digest)) == signature
    checker = lab.signature(*scheme).init(public_key, VERIFY)
    assert checker.java.verifyPreComputedHash(checker.key, digest, signature)
    pure = lab.signature(*EDDSA).init(private_key, SIGN)
    for one, value in ((signer, digest[1:]), (pure, digest)):
        with refused("ILLEGAL_USE"):
            one.java.signPreComputedHash(one.key, Source().java, value)


@pytest.mark.parametrize("bits", [255, 448])
def test_eddsa_with_a_generated_pair(lab: Lab, bits: int) -> None:
    public, private = lab.key("EDDSA_PUBLIC", bits), lab.key("EDDSA_PRIVATE", bits)
    lab.generate(public, private)
    signature = lab.signature(*EDDSA).init(private, SIGN).sign(b"message")
    checker = lab.signature(*EDDSA).init(public, VERIFY)
    copy = checker.copy()
    assert checker.verify(b"message", signature)
    assert not copy.verify(b"massage", signature)


def test_eddsa_refuses(lab: Lab) -> None:
    private, public = lab.key("EDDSA_PRIVATE", 448, s=bytes(57)), lab.key("EDDSA_PUBLIC", 448, w=bytes(57))
    for names, key, mode in (
        (EDDSA, public, SIGN),
        (EDDSA, private, VERIFY),
        (("ALG_NULL", "SIG_CIPHER_EDDSA_ED25519", "PAD_NULL"), private, SIGN),
        (("ALG_SHA_512", "SIG_CIPHER_EDDSA", "PAD_NULL"), private, SIGN),
        (EDDSA, lab.key("XDH_PRIVATE", 448, s=bytes(56)), SIGN),
    ):
        with refused("ILLEGAL_VALUE"):
            lab.signature(*names).init(key, mode)
    with refused("NO_SUCH_ALGORITHM"):
        lab.signature("ALG_SHA_256", "SIG_CIPHER_EDDSA", "PAD_NULL")
    with refused("NO_SUCH_ALGORITHM"):
        lab.signature("ALG_SHA_512", "SIG_CIPHER_EDDSA_ED448", "PAD_NULL")


def test_sm3_vectors(lab: Lab) -> None:
    used = list(vectors("hashes/SM3/oscca.txt"))
    for one in used:
        assert lab.hash("ALG_SM3", one.octets("Msg")[: int(one["Len"]) // 8]) == one.octets("MD")
    assert len(used) > 2


@pytest.mark.parametrize("mode", ["ecb", "cbc"])
def test_sm4_vectors(lab: Lab, mode: str) -> None:
    used = list(vectors(f"ciphers/SM4/draft-ribose-cfrg-sm4-10-{mode}.txt"))
    for one in used:
        key = lab.key("SM4", 128, key=one.octets("KEY"))
        vector = one.octets("IV") if mode == "cbc" else None
        plain, secret = one.octets("PLAINTEXT"), one.octets("CIPHERTEXT")
        names = (f"CIPHER_SM4_{mode.upper()}", "PAD_NOPAD")
        assert lab.cipher(*names).init(key, ENCRYPT, vector).final(plain) == secret
        assert lab.cipher(*names).init(key, DECRYPT, vector).final(secret) == plain
    assert len(used) >= 2


def test_sm4_mac_is_the_last_block_of_cbc(lab: Lab) -> None:
    key = lab.key("SM4", 128, key=bytes(range(16)))
    expected = lab.cipher("CIPHER_SM4_CBC", "PAD_NOPAD").init(key, ENCRYPT).final(bytes(48))[-16:]
    assert lab.signature("ALG_NULL", "SIG_CIPHER_SM4_MAC128", "PAD_NOPAD").init(key, SIGN).sign(bytes(48)) == expected


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_cfb_vectors_of_nist(lab: Lab, bits: int) -> None:
    used = 0
    for kind in ("MMT", "GFSbox", "VarTxt"):
        for one in list(vectors(f"ciphers/AES/CFB/CFB128{kind}{bits}.rsp"))[::3]:
            if "KEY" not in one:
                continue
            key, vector = lab.key("AES", bits, key=one.octets("KEY")), one.octets("IV")
            plain, secret = one.octets("PLAINTEXT"), one.octets("CIPHERTEXT")
            for number, (given, wanted) in {ENCRYPT: (plain, secret), DECRYPT: (secret, plain)}.items():
                cipher = lab.cipher("ALG_AES_CFB").init(key, number, vector)
                assert cipher.update(given[:5]) + cipher.copy().final(given[5:]) == wanted
            used += 1
    assert used > 20


@pytest.mark.parametrize("bits", [128, 256])
def test_xts_vectors_of_nist(lab: Lab, bits: int) -> None:
    """Whole data units, and those whose last block is not whole."""
    used = stolen = 0
    for one in list(vectors(f"ciphers/AES/XTS/tweak-128hexstr/XTSGenAES{bits}.rsp"))[::3]:
        if "key" not in {name.lower() for name in one.values} or int(one["DataUnitLen"]) % 8:
            continue
        key, tweak = lab.key("AES", 2 * bits, key=one.octets("Key")), one.octets("i")
        plain, secret = one.octets("PT"), one.octets("CT")
        cipher = lab.cipher("ALG_AES_XTS").init(key, ENCRYPT, tweak)
        assert cipher.update(plain[:7]) == b""
        assert cipher.copy().final(plain[7:]) == secret
        assert lab.cipher("ALG_AES_XTS").init(key, DECRYPT, tweak).final(secret) == plain
        used, stolen = used + 1, stolen + bool(len(plain) % 16)
    assert used > 20
    assert stolen > 5 or bits == 256  # those of 256 bits are whole, or end within an octet


def test_xts_refuses(lab: Lab) -> None:
    cipher = lab.cipher("CIPHER_AES_XTS", "PAD_NULL")
    for wrong in (lab.key("AES", 128, key=bytes(16)), lab.key("SM4", 128, key=bytes(16))):
        with refused("ILLEGAL_VALUE"):
            cipher.init(wrong, ENCRYPT)
    both = lab.key("AES", 512, key=bytes(range(64)))
    with refused("ILLEGAL_USE"):
        cipher.init(both, ENCRYPT).final(bytes(15))
    with refused("ILLEGAL_VALUE"):
        cipher.init(both, ENCRYPT, bytes(15))
    with refused("ILLEGAL_VALUE"):  # two keys are for XTS alone
        lab.cipher("ALG_AES_BLOCK_128_ECB_NOPAD").init(both, ENCRYPT)


def test_counter_mode_has_a_number_of_its_own(lab: Lab) -> None:
    key, vector = lab.key("AES", 128, key=bytes(16)), bytes(range(16))
    expected = lab.cipher("ALG_AES_CTR").init(key, ENCRYPT, vector).final(bytes(20))
    assert lab.cipher("CIPHER_AES_CTR", "PAD_NULL").init(key, ENCRYPT, vector).final(bytes(20)) == expected


def test_curves_by_name_are_those_of_their_standards(lab: Lab) -> None:
    """SEC 2's of each length, which genKeyPair() takes by default, and RFC 5639's."""
    for name, bits in {"SECP192R1": 192, "SECP256R1": 256, "SECP384R1": 384, "SECP521R1": 521}.items():
        curve, public = default(lab, bits), _enum("NamedCurve", name)
        for part, value in {"FIELD": curve.p, "A": curve.a % curve.p, "B": curve.b, "R": curve.n}.items():
            assert int.from_bytes(bytes(public.part(_enum("KeyPart", part))), "big") == value
    for name, curve in BRAINPOOL.items():
        found = _enum("NamedCurve", name.upper())
        for part, value in {"FIELD": curve.p, "A": curve.a, "B": curve.b, "R": curve.n}.items():
            assert int.from_bytes(bytes(found.part(_enum("KeyPart", part))), "big") == value
        assert bytes(found.part(_enum("KeyPart", "G"))) == curve.octets(curve.g)


@pytest.mark.parametrize("number", [0, 1, 260, 4096, 8194, 8207])
def test_other_numbers_name_no_curve(lab: Lab, number: int) -> None:
    with refused("NO_SUCH_ALGORITHM"):
        lab.engine.curve(number)


def test_cards_of_java_card_30_have_none_of_it(lab: Lab) -> None:
    old = Lab(lab.engine.with_(lab._set("without", ()).ofJavaCard30()))
    for refuse in (
        lambda: old.hash("ALG_SM3", b""),
        lambda: old.cipher("ALG_AES_CFB"),
        lambda: old.cipher("CIPHER_AES_XTS", "PAD_NULL"),
        lambda: old.cipher("CIPHER_AES_CTR", "PAD_NULL"),
        lambda: old.cipher("CIPHER_SM4_ECB", "PAD_NOPAD"),
        lambda: old.signature(*EDDSA),
        lambda: old.signature("ALG_SM3", "SIG_CIPHER_ECDSA", "PAD_NULL"),
        lambda: old.engine.agreement(8),
        lambda: old.engine.curve(257),
        lambda: old.key("SM4", 128),
        lambda: old.key("GENERIC_SECRET", 128),
        lambda: old.key("AES", 512),
    ):
        with refused("NO_SUCH_ALGORITHM"):
            refuse()
    assert old.cipher("ALG_AES_CTR").java is not None
