"""Every key a card generates passes FIPS 186-4 and the attacks on weak generators (F2, A1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm

import pytest

from cardlab.campaign.keys import PUBLIC_EXPONENT, PrivateKey, check_private, check_public, check_together
from cardlab.campaign.randomness import SAMPLE_BYTES, fips_140_findings
from cardlab.pytest_plugin import CardSource, LabCard
from cardlab.runtime.inspector import CardObject
from jpki.client.commands import rsa_key
from jpki.client.constants import Slot
from jpki.package import jpki_library, jpki_package
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.heap import applet_object

CARDS = {"quick": 1, "default": 3, "thorough": 100}
_HALF = 128  # bytes of a prime


@dataclass(frozen=True, slots=True)
class Generated:
    """A key pair: where it was made, what the card gave out, and what is inside the simulated card."""

    origin: str
    n: int
    e: int
    inside: PrivateKey
    crt: tuple[int, int, int]


def component(key: CardObject, name: str) -> int:
    """One number of a Java Card RSA CRT key."""
    return int.from_bytes(key.field(name), "big")


def look_inside(card: LabCard, slot: Slot, n: int, e: int) -> tuple[PrivateKey, tuple[int, int, int]]:
    """The private key of a slot in the heap of the simulated card."""
    key = applet_object(card.simulated).field(slot.name.lower()).field("keyPair").field("privateKey")
    p, q = component(key, "P"), component(key, "Q")
    private = PrivateKey(p, q, pow(e, -1, lcm(p - 1, q - 1)), n, e)
    return private, (component(key, "DP1"), component(key, "DQ1"), component(key, "PQ"))


def generate(jpki: JpkiCard, origin: str) -> Iterator[Generated]:
    """Both slots of a card, the signing one again for a new holder and again for the same."""
    tsm = jpki.tsm()
    steps = [(Slot.SIGNING, False), (Slot.AUTHENTICATION, False), (Slot.SIGNING, False), (Slot.SIGNING, True)]
    for number, (slot, renew) in enumerate(steps):
        public = rsa_key(tsm.generate_key_pair(slot, renew=renew)).public_numbers()
        inside, crt = look_inside(jpki.card, slot, public.n, public.e)
        yield Generated(
            f"{origin}, {number}: {slot.name.lower()}{' renewed' if renew else ''}", public.n, public.e, inside, crt
        )


@pytest.fixture(scope="module")
def keys(request: pytest.FixtureRequest, card_source: CardSource) -> list[Generated]:
    """Keys of different cards, of both slots of a card, and of one slot one after the other."""
    made: list[Generated] = []
    for number in range(CARDS[request.config.getoption("--profile")]):
        with card_source.open(jpki_library(), seed=f"key quality {number}") as card:
            jpki = JpkiCard(card)
            jpki.load()
            jpki.install()
            made += generate(jpki, f"card {number}")
    return made


@pytest.mark.needs("inside")
def test_public_keys_have_no_findings(keys: list[Generated]) -> None:
    """FIPS 186-4, 5.1 and B.3.1, as far as a public key shows it (F2)."""
    for key in keys:
        assert check_public(key.n, key.e) == (), key.origin


@pytest.mark.needs("inside")
def test_private_keys_have_no_findings(keys: list[Generated]) -> None:
    """FIPS 186-4, B.3.1: range and distance of the primes, the private exponent (F2)."""
    for key in keys:
        assert check_private(key.inside) == (), key.origin


@pytest.mark.needs("inside")
def test_private_keys_are_those_of_the_public_keys(keys: list[Generated]) -> None:
    """What signs belongs to what was given out: CRT parameters of RFC 8017, 3.2."""
    for key in keys:
        p, q, d = key.inside.p, key.inside.q, key.inside.d
        assert key.n == p * q, key.origin
        assert key.e == PUBLIC_EXPONENT, key.origin
        assert key.crt == (d % (p - 1), d % (q - 1), pow(q, -1, p)), key.origin


@pytest.mark.needs("inside")
def test_keys_have_nothing_in_common(keys: list[Generated]) -> None:
    """No modulus twice, no prime in two moduli: between cards, slots, and generations of one slot (A4)."""
    assert check_together([key.n for key in keys]) == ()


def test_no_code_of_the_applet_knows_what_a_private_key_is_made_of() -> None:
    """A1: it holds private keys as PrivateKey, which has no getter; nor can anything hand one in."""
    code = b"".join(jpki_package().classes.values())
    assert b"javacard/security/PrivateKey" in code, "names of classes stand in class files as they are"
    for name in (b"RSAPrivateCrtKey", b"RSAPrivateKey", b"javacard/framework/Shareable"):
        assert name not in code, name


def test_challenges_pass_the_statistical_tests(blank: JpkiCard) -> None:
    """F2: the card's random numbers, by the tests of FIPS 140-2."""
    sample = b"".join(blank.send(0x00, 0x84, 0, 0, le=32).data for _ in range(SAMPLE_BYTES // 32 + 1))
    assert fips_140_findings(sample[:SAMPLE_BYTES]) == ()
    assert len({sample[at : at + 32] for at in range(0, len(sample), 32)}) == len(sample) // 32
