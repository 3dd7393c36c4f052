"""Java Card 3.1 on the machine: keys on named curves, sensitive arrays and results, compared with another library."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, x448, x25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cardlab.cap.exports import builtin
from cardlab.runtime.vm.classes import NATIVES
from cardlab.toolchain import places
from cardlab.toolchain.api_jar import api_jar_file
from cardlab.toolchain.compile import compile_java
from tests.cardlab.runtime.vm.machines import Card, class_bytes, load_file

SOURCES = Path(__file__).with_name("applets31")
SPEC = {f.name: f.constant for f in builtin("3.1").find("javacard/security/NamedParameterSpec").fields}  # type: ignore[union-attr]
CURVES: Mapping[str, ec.EllipticCurve] = {
    "SECP192R1": ec.SECP192R1(),
    "SECP224R1": ec.SECP224R1(),
    "SECP256R1": ec.SECP256R1(),
    "SECP384R1": ec.SECP384R1(),
    "SECP521R1": ec.SECP521R1(),
    "BRAINPOOLP256R1": ec.BrainpoolP256R1(),
    "BRAINPOOLP384R1": ec.BrainpoolP384R1(),
    "BRAINPOOLP512R1": ec.BrainpoolP512R1(),
}
PLAIN, XDH = 3, 8
ECDSA_PLAIN, EDDSA, SHA_256, NO_DIGEST = 9, 13, 4, 0
WITHOUT_JAVA_CARD_31 = "6B03"


@pytest.fixture(scope="module")
def prepared() -> Card:
    """A card of Java Card 3.2 with the applet selected."""
    out = places.build_folder() / "classes" / "tests-vm-31"
    made = compile_java(SOURCES, out, classpath=[api_jar_file("3.2")], target="1.7", warnings_are_errors=False)
    card = Card.fresh(NATIVES, "3.2")
    card.load(load_file(class_bytes(made), ["named.Named"], java_card="3.2")[0])
    card.install("Named")
    card.select("Named")
    return card


@pytest.fixture
def card(prepared: Card) -> Card:
    """A copy of it."""
    return Card(prepared.machine.fork(None))


def sent(card: Card, ins: int, number: int = 0, data: bytes = b"") -> str:
    return card.send(bytes((0x80, ins)) + number.to_bytes(2, "big", signed=True) + bytes((len(data),)) + data)


def built(card: Card, name: str) -> bytes:
    """Keys on a curve; what they say of themselves."""
    answer = bytes.fromhex(sent(card, 1, SPEC[name] or 0))
    assert answer[-2:] == b"\x90\x00"
    return answer[:-2]


def generated(card: Card, name: str, split: int) -> tuple[bytes, bytes]:
    """A pair, public and private."""
    built(card, name)
    answer = bytes.fromhex(sent(card, 2))
    assert answer[-2:] == b"\x90\x00"
    return answer[:split], answer[split:-2]


@pytest.mark.parametrize("name", SPEC)
def test_keys_tell_what_they_are(name: str, card: Card) -> None:
    told = built(card, name)
    bits, public, private = (int.from_bytes(told[at : at + 2], "big") for at in (2, 4, 6))
    expected = {"ED25519": (255, 32, 32), "X25519": (255, 32, 32), "ED448": (448, 57, 57), "X448": (448, 56, 56)}
    size = int("".join(filter(str.isdigit, name[-6:-2])) or 256) if name not in expected else 0
    assert (bits, public, private) == expected.get(name, (size, 2 * ((size + 7) // 8) + 1, (size + 7) // 8))
    assert int.from_bytes(told[:2], "big") == SPEC[name]
    assert told[8:] == bytes((0xFF, 1, 1, 0))  # TYPE_XEC; CLEAR_ON_RESET; its parameters; not initialised


@pytest.mark.parametrize("name", CURVES)
def test_a_generated_pair_agrees_and_signs(name: str, card: Card) -> None:
    curve = CURVES[name]
    width = (curve.key_size + 7) // 8
    public, _ = generated(card, name, 2 * width + 1)
    other = ec.generate_private_key(curve)
    theirs = other.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    mine = ec.EllipticCurvePublicKey.from_encoded_point(curve, public)
    assert sent(card, 4, PLAIN, theirs) == other.exchange(ec.ECDH(), mine).hex().upper() + "9000"
    answer = bytes.fromhex(sent(card, 5, SHA_256 << 8 | ECDSA_PLAIN, b"a message"))
    signature, sw = answer[:-2], answer[-2:]
    assert sw == b"\x90\x00"
    r, s = (int.from_bytes(signature[at : at + len(signature) // 2], "big") for at in (0, len(signature) // 2))
    mine.verify(encode_dss_signature(r, s), b"a message", ec.ECDSA(hashes.SHA256()))
    for message, verdict in ((b"a message", "01"), (b"another", "00")):
        data = bytes((len(signature),)) + signature + message
        assert sent(card, 6, SHA_256 << 8 | ECDSA_PLAIN, data) == verdict + "9000"


@pytest.mark.parametrize(("name", "kind"), [("ED25519", ed25519.Ed25519PublicKey), ("ED448", ed448.Ed448PublicKey)])
def test_eddsa(name: str, kind: type[ed25519.Ed25519PublicKey | ed448.Ed448PublicKey], card: Card) -> None:
    width = 32 if name == "ED25519" else 57
    public, _ = generated(card, name, width)
    signature = bytes.fromhex(sent(card, 5, NO_DIGEST << 8 | EDDSA, b"a message"))[:-2]
    kind.from_public_bytes(public).verify(signature, b"a message")
    data = bytes((len(signature),)) + signature + b"a massage"
    assert sent(card, 6, NO_DIGEST << 8 | EDDSA, data) == "009000"


@pytest.mark.parametrize(("name", "kind"), [("X25519", x25519.X25519PrivateKey), ("X448", x448.X448PrivateKey)])
def test_xdh_with_a_key_that_is_set(
    name: str, kind: type[x25519.X25519PrivateKey | x448.X448PrivateKey], card: Card
) -> None:
    width = 32 if name == "X25519" else 56
    built(card, name)
    secret = hashlib.shake_256(b"secret").digest(width)
    assert sent(card, 3, 0, secret) == secret.hex().upper() + "9000"
    other = kind.generate()
    theirs = other.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    mine = kind.from_private_bytes(secret).public_key()
    assert sent(card, 4, XDH, theirs) == other.exchange(mine).hex().upper() + "9000"  # type: ignore[arg-type]
    assert sent(card, 4, XDH, bytes(width)) == "6B01"  # a point of small order
    assert sent(card, 13) == "009000"  # cleared
    assert sent(card, 4, XDH, theirs) == "6B02"


@pytest.mark.parametrize(
    ("ins", "number", "data", "answer"),
    [
        (1, 0, b"", "6B03"),
        (1, 4096, b"", "6B03"),
        (3, 0, bytes(31), "6B01"),
        (3, 0, bytes(33), "6B01"),
        (3, 0, b"\0" + bytes(range(32)), "6B01"),
        (3, 0, bytes(32), "6B01"),  # 0 is no private value
        (4, XDH, bytes(32), "6B01"),  # not a key for XDH
        (4, PLAIN, bytes(65), "6B02"),  # not set
        (5, NO_DIGEST << 8 | EDDSA, b"x", "6B01"),
        (12, 4100, b"", "6B01"),  # another curve than that of the keys
        (12, 4099, b"", "9000"),
        (4, 9, bytes(32), "6B03"),  # SM2
    ],
)
def test_what_is_refused(ins: int, number: int, data: bytes, answer: str, card: Card) -> None:
    built(card, "SECP256R1")
    assert sent(card, ins, number, data) == answer


def test_transient_keys_end_with_a_reset(card: Card) -> None:
    built(card, "X25519")
    sent(card, 3, 0, bytes(range(32)))
    card.reset()
    card.select("Named")
    assert sent(card, 4, XDH, bytes(range(32))) == "6B02"


def test_other_new_keys(card: Card) -> None:
    assert sent(card, 7) == "000102" + "2B" + "29" + "9000"
    assert sent(card, 8, 16, b"secret") == b"secret".hex().upper() + "9000"
    assert sent(card, 8, 16, bytes(17)) == "6B01"


def test_memory_in_bytes_and_the_version(card: Card) -> None:
    used, whole = card.machine.memory()
    assert sent(card, 9) == f"{whole - used:08X}" + "0305" + "9000"


def test_a_method_that_a_class_and_its_superclass_number_otherwise(card: Card) -> None:
    """MessageDigest has it as 6, InitializedMessageDigest as 7: ILLEGAL_USE, as this card supports none."""
    assert sent(card, 14) == "6B05"


def test_sensitive_arrays(card: Card) -> None:
    assert sent(card, 10, 0) == "030001" + "9000"
    card.reset()
    card.select("Named")
    assert sent(card, 10, 1) == "0100" + "0707070707" + "9000"  # the mark is in the header of the array
    assert sent(card, 10, 2) == "0000000000" + "9000"  # clearArray() is no part of a transaction
    assert sent(card, 10, 3) == "6C01"
    assert sent(card, 10, 6) == "6C01"


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
def test_assertions_that_fail(step: int, card: Card) -> None:
    assert sent(card, 11, step) == "6982"


@pytest.mark.parametrize("step", [0, 6])
def test_assertions_that_hold(step: int, card: Card) -> None:
    assert sent(card, 11, step) == "9000"
