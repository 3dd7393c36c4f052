"""How long chips take for a key pair: the trial's, and six cards that can be bought (F3, F5).

Cards: mean, least and most of the fixed-data measurements of JCAlgTest (crocs-muni/jcalgtest_results, MIT), seconds;
signatures are RSA-2048 CRT with SHA-1 there. A key pair takes a chip its least time, and then as long as it takes to
find two primes: a gamma distribution of shape 2 about the mean.

``CURVE_CARDS`` are those of them that could carry the suite on P-384, an assumption about the next card: signatures are
ECDSA on P-384 with SHA-1 there; Athena IDProtect has none with SHA-384. A key pair is one multiplication of a point, as
a signature is, and is taken to last as long; measured it is on the J3R180 alone, 0.0388 s. No prime is looked for, so
nothing is spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from jpki.client.constants import Suite
from jpki.parties.recorder import Section
from jpki.timing.model import Chip
from jpki.timing.reference import REFERENCE
from jpki.timing.trace import Share

_PRIMES = 2


@dataclass(frozen=True, slots=True)
class KeyTime:
    """Seconds for a key pair."""

    mean: float
    least: float
    most: float | None = None

    def draw(self, random: Random) -> float:
        """One key pair's."""
        if self.mean <= self.least:
            return self.least
        return self.least + random.gammavariate(_PRIMES, (self.mean - self.least) / _PRIMES)


@dataclass(frozen=True, slots=True)
class ChipFamily:
    """A chip, or several of which a phone has one: equally often each."""

    name: str
    key_times: tuple[KeyTime, ...]
    signature: float = 0.2

    @property
    def mean(self) -> float:
        """Seconds for a key pair, over all of them."""
        return sum(one.mean for one in self.key_times) / len(self.key_times)

    @property
    def chip(self) -> Chip:
        """For the prediction of one run."""
        return Chip(self.mean, self.signature)

    def pick(self, random: Random) -> KeyTime:
        """One phone's."""
        return random.choice(self.key_times)


def _trial() -> ChipFamily:
    """Four products: about 2 s on three; one spreads widely, and its mean is what the mean of the table leaves it."""
    sections = (Section.SIGNING_KEY, Section.AUTHENTICATION_KEY)
    mean = sum(REFERENCE[section][Share.REMOTE] for section in sections) / len(sections)
    usual, least, products = 2.0, 0.5, 4
    wide = mean * products - usual * (products - 1)
    return ChipFamily("the trial's", (KeyTime(usual, least),) * (products - 1) + (KeyTime(wide, least),))


TRIAL = _trial()
CARDS: Sequence[ChipFamily] = (
    ChipFamily("NXP J3R180", (KeyTime(5.225, 0.596, 17.320),), 0.0607),
    ChipFamily("NXP J3H145", (KeyTime(5.821, 1.934, 11.674),), 0.2009),
    ChipFamily("Infineon SECORA ID X", (KeyTime(13.287, 4.291, 22.083),), 0.1159),
    ChipFamily("Feitian H19CR", (KeyTime(3.131, 0.976, 6.032),), 0.0663),
    ChipFamily("G+D SmartCafe 7", (KeyTime(3.913, 1.306, 8.820),), 0.1139),
    ChipFamily("Athena IDProtect", (KeyTime(28.020, 6.660, 86.893),), 0.446),
)


def _on_curve(name: str, signature: float, key: float | None = None) -> ChipFamily:
    seconds = signature if key is None else key
    return ChipFamily(f"{name}, P-384", (KeyTime(seconds, seconds, seconds),), signature)


CURVE_CARDS: Sequence[ChipFamily] = (
    _on_curve("NXP J3R180", 0.0453, key=0.0388),
    _on_curve("NXP J3H145", 0.0929),
    _on_curve("Infineon SECORA ID X", 0.0924),
    _on_curve("Feitian H19CR", 0.0272),
    _on_curve("G+D SmartCafe 7", 0.0753),
)


def families(suite: Suite) -> Sequence[ChipFamily]:
    """The chips that an issuance is predicted on. The trial's have no figures for P-384."""
    return CURVE_CARDS if suite is Suite.P_384 else (TRIAL, *CARDS)


def usual_chip(suite: Suite) -> Chip:
    """For the prediction of single flows: most chips of the trial, or the mean of the five cards with P-384."""
    if suite is Suite.RSA_2048:
        return Chip()
    keys, signatures = [one.mean for one in CURVE_CARDS], [one.signature for one in CURVE_CARDS]
    return Chip(sum(keys) / len(keys), sum(signatures) / len(signatures))
