"""Keys, nonces and random numbers: different wherever they must be, the same where a seed says so (F2)."""

from __future__ import annotations

import hashlib
import hmac
import threading

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.runtime import choose
from cardlab.runtime.feature import Feature
from tests.conformance.cards import SEED, RuntimeCard
from tests.conformance.conftest import MakeCard

NEEDS = frozenset((Feature.APPLETS,))
RSA_KEY, EC_KEY, ECDSA, RANDOM, SET_SEED, RSA_SIGN, MODULUS, SHORTER, MANY = range(1, 10)
DRAWING = (RANDOM, RSA_KEY, RANDOM, EC_KEY, ECDSA, RANDOM, RSA_KEY, RANDOM)
OTHER_SEED = bytes(32)
MESSAGE = b"the same message"


def new_card(make_card: MakeCard, seed: bytes = SEED) -> RuntimeCard:
    card = make_card("Cryptography", seed=seed)
    card.start("Cryptography")
    return card


def test_every_rsa_key_is_another_one(make_card: MakeCard) -> None:
    first, second = new_card(make_card), new_card(make_card, OTHER_SEED)
    keys = [first.ask(RSA_KEY), first.ask(RSA_KEY), second.ask(RSA_KEY)]
    assert len(set(keys)) == 3
    assert all(len(key) == 128 for key in keys)


def test_every_ec_key_is_another_one(make_card: MakeCard) -> None:
    first, second = new_card(make_card), new_card(make_card, OTHER_SEED)
    assert len({first.ask(EC_KEY), first.ask(EC_KEY), second.ask(EC_KEY)}) == 3


def test_no_nonce_is_used_twice(make_card: MakeCard) -> None:
    """Two signatures with one nonce would give the private key away."""
    card = new_card(make_card)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), card.ask(EC_KEY))
    nonces = set()
    for _ in range(5):
        signature = card.ask(ECDSA, MESSAGE)
        public.verify(signature, MESSAGE, ec.ECDSA(hashes.SHA256()))
        nonces.add(decode_dss_signature(signature)[0])
    assert len(nonces) == 5


def test_random_data_do_not_start_from_a_fixed_value(make_card: MakeCard) -> None:
    first, second = new_card(make_card), new_card(make_card, OTHER_SEED)
    assert len({first.ask(RANDOM), first.ask(RANDOM), second.ask(RANDOM), second.ask(RANDOM)}) == 4


def everything(card: RuntimeCard) -> list[bytes]:
    return [card.ask(RANDOM), card.ask(RSA_KEY), card.ask(EC_KEY), card.ask(ECDSA, MESSAGE), card.ask(RANDOM)]


def test_the_same_seed_makes_the_same_card(make_card: MakeCard) -> None:
    assert everything(new_card(make_card)) == everything(new_card(make_card))


def test_the_same_seed_makes_the_same_card_whatever_executes_it(make_card: MakeCard) -> None:
    """So that runtimes can be compared: keys, nonces and random data, and nothing drawn that does not show."""
    usual = RuntimeCard(choose(), "Cryptography")
    usual.start("Cryptography")
    cards = (new_card(make_card), usual)
    shown = [[card.ask(ins, MESSAGE if ins == ECDSA else b"") for ins in DRAWING] for card in cards]
    assert shown[0] == shown[1]
    usual.runtime.close()


def test_cards_do_not_disturb_each_other(make_card: MakeCard) -> None:
    alone = everything(new_card(make_card))
    card, other = new_card(make_card), new_card(make_card, OTHER_SEED)
    interleaved = []
    for ins, data in [(RANDOM, b""), (RSA_KEY, b""), (EC_KEY, b""), (ECDSA, MESSAGE), (RANDOM, b"")]:
        interleaved.append(card.ask(ins, data))
        other.ask(RANDOM)
        other.ask(EC_KEY)
    assert interleaved == alone


def test_two_threads_with_two_cards(make_card: MakeCard) -> None:
    expected = {seed: everything(new_card(make_card, seed)) for seed in (SEED, OTHER_SEED)}
    cards = {seed: new_card(make_card, seed) for seed in (SEED, OTHER_SEED)}
    found: dict[bytes, list[bytes]] = {}

    def use(seed: bytes) -> None:
        found[seed] = everything(cards[seed])

    threads = [threading.Thread(target=use, args=(seed,)) for seed in cards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_set_seed_adds_and_never_replaces(make_card: MakeCard) -> None:
    """RandomData.setSeed() with the same bytes on two cards: still different numbers."""
    plain = new_card(make_card)
    first, second = new_card(make_card), new_card(make_card, OTHER_SEED)
    for card in (first, second):
        card.ask(SET_SEED, b"\x11" * 16)
    assert len({plain.ask(RANDOM), first.ask(RANDOM), second.ask(RANDOM)}) == 3


def test_a_request_for_nothing_is_an_error(make_card: MakeCard) -> None:
    """RandomData.generateData(): CryptoException.ILLEGAL_VALUE."""
    card = new_card(make_card)
    assert card.send(MANY).sw == 0x6F00
    assert "CryptoException" in card.runtime.unknown_cause()


def test_a_shorter_component_leaves_nothing_of_a_longer_one(make_card: MakeCard) -> None:
    """Of RSA keys that replace another one, 1 in 100 has one."""
    card = new_card(make_card)
    card.ask(RSA_KEY)
    assert card.ask(SHORTER) == b"\x01"


def test_generated_rsa_keys_sign(make_card: MakeCard) -> None:
    card = new_card(make_card)
    for _ in range(10):
        key = rsa.RSAPublicNumbers(65537, int.from_bytes(card.ask(RSA_KEY), "big")).public_key()
        key.verify(card.ask(RSA_SIGN, MESSAGE), MESSAGE, padding.PKCS1v15(), hashes.SHA256())


class HmacDrbg:
    """HMAC_DRBG with SHA-256 once more, from NIST SP 800-90A Rev. 1, 10.1.2."""

    def __init__(self, seed: bytes) -> None:
        self.key, self.value = bytes(32), b"\x01" * 32
        self.update(seed)

    def mac(self, data: bytes) -> bytes:
        return hmac.new(self.key, data, hashlib.sha256).digest()

    def update(self, data: bytes) -> None:
        self.key = self.mac(self.value + b"\x00" + data)
        self.value = self.mac(self.value)
        if data:
            self.key = self.mac(self.value + b"\x01" + data)
            self.value = self.mac(self.value)

    def generate(self, count: int) -> bytes:
        made = b""
        while len(made) < count:
            self.value = self.mac(self.value)
            made += self.value
        self.update(b"")
        return made[:count]


@settings(max_examples=30)
@given(seed=st.binary(min_size=32, max_size=100), seeds=st.lists(st.binary(min_size=1, max_size=100), max_size=3))
def test_the_generator_is_hmac_drbg(make_card_always: MakeCard, seed: bytes, seeds: list[bytes]) -> None:
    """F2: every runtime draws from the same deterministic generator, so cards with one seed can be compared."""
    card = make_card_always("Cryptography", seed=seed)
    card.start("Cryptography")
    expected = HmacDrbg(seed)
    for more in seeds:
        assert card.ask(RANDOM) == expected.generate(32)
        card.ask(SET_SEED, more)
        expected.update(more)
    assert card.ask(RANDOM) == expected.generate(32)
    card.runtime.close()
