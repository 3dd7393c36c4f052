"""How long chips take for an RSA-2048 key pair: the trial's, and six cards that can be bought (F3, F5).

Cards: mean, least and most of the fixed-data measurements of JCAlgTest (crocs-muni/jcalgtest_results, MIT), seconds;
signatures are RSA-2048 CRT with SHA-1 there. A key pair takes a chip its least time, and then as long as it takes to
find two primes: a gamma distribution of shape 2 about the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

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
