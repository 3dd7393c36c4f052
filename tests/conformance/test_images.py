"""A card saved as bytes and restored: in this process, in another one, and damaged."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.errors import HarnessError, IntegrityError
from cardlab.runtime.feature import Feature
from tests.conformance.cards import LIBRARY_AID, PACKAGE_AID, RuntimeCard, client, install_data, library, module_aid
from tests.conformance.conftest import MakeCard

NEEDS = frozenset((Feature.APPLETS, Feature.IMAGES))

SIGN, ENCIPHER, DIGEST, AGREE, RANDOM, CHECK_PIN, STATE, WRITE, UPDATE, FEED, PUBLIC_KEY = range(1, 12)
DETERMINISTIC_SIGNATURES = (0, 2, 4, 5, 6)  # PKCS #1 and MACs; PSS is 1, ECDSA is 3
BLOCK = bytes(range(16))
PEER = ec.derive_private_key(12345, ec.SECP256R1())


@pytest.fixture
def card(make_card: MakeCard) -> RuntimeCard:
    card = make_card("Engines")
    card.start("Engines")
    return card


def peer_point() -> bytes:
    return PEER.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def everything(card: RuntimeCard) -> dict[str, bytes]:
    """What every engine of the card answers; they were initialized when the applet was installed."""
    answers = {f"signature {i}": card.ask(SIGN, BLOCK, p1=i) for i in (*DETERMINISTIC_SIGNATURES, 1, 3)}
    answers |= {f"cipher {i}": card.ask(ENCIPHER, BLOCK, p1=i) for i in range(5)}
    answers |= {f"digest {i}": card.ask(DIGEST, BLOCK, p1=i) for i in range(3)}
    answers["agreement"] = card.ask(AGREE, peer_point())
    answers["random"] = card.ask(RANDOM)
    return answers


def test_a_restored_card_goes_on_as_the_saved_one(card: RuntimeCard) -> None:
    """Keys, initialized engines and the random generator: every answer is the same from here on.

    Both after a reset, which ends the initial vectors of init() (Java Card API 3.0.5, Cipher).
    """
    other = card.restored()
    for one in (other, card):
        one.reset()
        one.select("Engines")
    assert everything(other) == everything(card)
    assert everything(other) == everything(card), "and again, with the randomness that came next"


def test_objects_keep_their_identity(card: RuntimeCard) -> None:
    """Cycles, objects referred to twice, inner classes, the runtime environment's AIDs, arrays of constants."""
    card.ask(WRITE, p1=0x42)
    card.ask(CHECK_PIN, b"1234")
    card.ask(CHECK_PIN, b"\x5a" * 4)
    card.ask(CHECK_PIN, b"1234")
    before = card.ask(STATE)
    assert before[:5] == b"\x01" * 5
    assert before[5:8] == b"\x01\x02\x00", "transient arrays are transient"
    assert before[8:14] == b"\x42\x42\x42\x42\x02\x00"
    after = card.restored(["Engines"]).ask(STATE)
    assert after[:8] == before[:8]
    assert after[8:10] == b"\x00\x00", "what was transient is cleared"
    assert after[10:14] == before[10:14]
    assert int.from_bytes(after[14:], "big") == int.from_bytes(before[14:], "big") + 1, "static fields"


def test_a_validated_pin_is_not_validated_any_more(card: RuntimeCard) -> None:
    card.ask(CHECK_PIN, b"\x5a" * 4)
    assert card.ask(STATE)[12:14] == b"\x03\x01"
    assert card.restored(["Engines"]).ask(STATE)[12:14] == b"\x03\x00"


def test_memory_is_the_same(card: RuntimeCard) -> None:
    aid = module_aid("Engines")
    assert card.restored().runtime.used_memory(aid) == card.runtime.used_memory(aid)


def test_a_saved_card_can_be_saved_again(card: RuntimeCard) -> None:
    saved = card.runtime.save()
    assert card.runtime.save() == saved
    assert card.restored().runtime.save() == saved


def test_restored_cards_are_independent(card: RuntimeCard) -> None:
    other = card.restored(["Engines"])
    other.ask(WRITE, p1=0x42)
    card.select("Engines")
    assert card.ask(STATE)[10:12] == b"\x01\x5a"


def test_a_card_with_packages_that_use_each_other(make_card: MakeCard) -> None:
    card = make_card(also=(library(), client()))
    card.load(library())
    card.load(client())
    server = LIBRARY_AID + b"\x01"
    card.runtime.install(LIBRARY_AID, server, server, install_data(server))
    card.start("Client")
    card.ask(0x01, server)
    assert card.ask(0x00) == b"\x00\x01"
    other = card.restored(["Client"])
    assert other.ask(0x00) == b"\x00\x02"
    other.ask(0x03)
    other.runtime.delete(server)
    other.runtime.delete(module_aid("Client"))
    other.runtime.unload(PACKAGE_AID)
    other.runtime.unload(LIBRARY_AID)


def test_reset_ends_unfinished_work(card: RuntimeCard) -> None:
    """Signature and MessageDigest, Java Card API 3.0.4: back to the state after init()."""
    expected = {i: card.ask(SIGN, BLOCK, p1=i) for i in DETERMINISTIC_SIGNATURES}
    for i in DETERMINISTIC_SIGNATURES:
        card.ask(UPDATE, b"unfinished here.", p1=i)
    card.ask(FEED, b"unfinished", p1=1)
    card.reset()
    card.select("Engines")
    assert {i: card.ask(SIGN, BLOCK, p1=i) for i in DETERMINISTIC_SIGNATURES} == expected
    assert card.ask(DIGEST, BLOCK, p1=1) == sha256(BLOCK).digest()


def test_what_a_restored_card_signs_verifies(card: RuntimeCard) -> None:
    """By the public keys that the card told before it was saved, with other random numbers every time."""
    modulus = int.from_bytes(card.ask(PUBLIC_KEY, p1=0), "big")
    point = card.ask(PUBLIC_KEY, p1=1)
    other = card.restored(["Engines"])
    rsa_key = rsa.RSAPublicNumbers(65537, modulus).public_key()
    ec_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    signed = [(other.ask(SIGN, BLOCK, p1=1), other.ask(SIGN, BLOCK, p1=3)) for _ in range(3)]
    for by_rsa, by_ec in signed:
        rsa_key.verify(by_rsa, BLOCK, pss, hashes.SHA256())
        ec_key.verify(by_ec, BLOCK, ec.ECDSA(hashes.SHA256()))
    assert len(set(signed)) == 3
    assert other.ask(AGREE, peer_point()) == PEER.exchange(ec.ECDH(), ec_key)


ANOTHER_PROCESS = """
import sys
from pathlib import Path
from cardlab.runtime import choose
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.interface import Media, TransmissionProtocol
from tests.conformance.cards import FakeServices, select_command
services = FakeServices()
runtime = choose(sys.argv[1]).open(RuntimeOrder(services, bytes(32)))
runtime.restore(Path(sys.argv[2]).read_bytes())
runtime.reset(TransmissionProtocol.T1, Media.CONTACT)
aid = bytes.fromhex(sys.argv[3])
assert runtime.select(aid, select_command(aid)) == b"\\x90\\x00"
for command in sys.argv[4:]:
    print(runtime.process(bytes.fromhex(command)).hex())
"""


def test_in_another_process(card: RuntimeCard, tmp_path: Path) -> None:
    """Another virtual machine, nothing left of this one."""
    file = tmp_path / "card"
    file.write_bytes(card.runtime.save())
    commands = [bytes((0, ins, p1, 0, 16)) + BLOCK + b"\0" for ins in (SIGN, DIGEST) for p1 in range(3)]
    commands.append(bytes((0, RANDOM, 0, 0, 0)))
    expected = [card.runtime.process(command).hex() for command in commands]
    arguments = [card.backend.name, str(file), module_aid("Engines").hex(), *[command.hex() for command in commands]]
    found = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert found.stdout.split() == expected


# Damage


def assert_refused(make_card: MakeCard, image: bytes) -> None:
    """The restore fails, and the runtime is as fresh as before."""
    card = make_card()
    with pytest.raises(IntegrityError):
        card.runtime.restore(image)


def test_what_is_no_card_is_refused(make_card: MakeCard) -> None:
    assert_refused(make_card, b"")
    assert_refused(make_card, b"something else entirely" * 10)


@settings(max_examples=60)
@given(data=st.data())
def test_every_flipped_bit_is_noticed(make_card_always: MakeCard, small: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(small) - 1))
    bit = data.draw(st.integers(0, 7))
    damaged = bytearray(small)
    damaged[position] ^= 1 << bit
    assert_refused(make_card_always, bytes(damaged))


@pytest.fixture(scope="module")
def small(make_card_always: MakeCard) -> bytes:
    """A small saved card."""
    card = make_card_always("Statics", "TransientKeys")
    card.start("Statics")
    card.ask(0)
    card.install("TransientKeys")
    return card.runtime.save()


def test_only_a_fresh_runtime_can_be_restored(card: RuntimeCard, small: bytes) -> None:
    with pytest.raises(HarnessError, match="fresh"):
        card.runtime.restore(small)
    assert card.ask(STATE)
