"""The sample card: made once in a process, restored for each test."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.runtime.interface import Media
from jpki.client.constants import Profile, Slot
from jpki.client.sample import install_applet, personalise_sample
from jpki.package import jpki_library


@dataclass(frozen=True)
class SampleCard:
    """A card with test PINs, keys and certificates (DER)."""

    card: SimulatedCard
    certificates: Mapping[Slot, bytes]
    ca_certificates: Mapping[Slot, bytes]


@dataclass(frozen=True)
class Original:
    """What sample cards are restored from."""

    file: Path
    certificates: Mapping[Slot, bytes]
    ca_certificates: Mapping[Slot, bytes]

    @classmethod
    def make(cls, file: Path) -> Original:
        """Make the card and save it."""
        with SimulatedCard(CardConfig(), seed="sample", classes=jpki_library()) as card:
            install_applet(card, DEFAULT_KEYS, Profile.CARD)
            sample = personalise_sample(card, DEFAULT_KEYS, now=datetime.datetime.now(datetime.UTC))
            card.save(file)
        authorities = {slot: authority.certificate_der for slot, authority in sample.authorities.items()}
        return cls(file, sample.certificates, authorities)

    def restore(self, media: Media = Media.CONTACT) -> SampleCard:
        """Another such card."""
        return SampleCard(SimulatedCard.restore(self.file, media=media), self.certificates, self.ca_certificates)
