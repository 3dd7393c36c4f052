"""How long the card takes to generate keys and to sign (F3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cardlab.bench.measure import Sample, times, work_clock
from jpki.bench.subject import PINS, card_with_applet, personalise
from jpki.client.constants import Slot
from jpki.client.user import JpkiClient

_MESSAGE_HASH = sha256(b"what is signed").digest()


@dataclass(frozen=True, slots=True)
class Keys:
    """RSA-2048 on the card, as the client sees it."""

    generation: Sample
    signature: Sample
    signature_with_indicator: Sample


def key_times(*, keys: int, signatures: int, progress: Callable[[str], object]) -> Keys:
    """Generate ``keys`` keys, then make ``signatures`` signatures of each kind."""
    with card_with_applet() as card:
        user = JpkiClient(card)
        tsm = personalise(card)
        progress(f"{keys} key pairs ...")
        slot = Slot.SIGNING
        tsm.generate_key_pair(slot)
        generation = times(lambda: tsm.generate_key_pair(slot, renew=True), keys, work_clock())
        user.verify(slot, PINS[slot])
        progress(f"{2 * signatures} signatures ...")
        return Keys(
            generation,
            times(lambda: user.sign_hash(slot, _MESSAGE_HASH), signatures, work_clock()),
            times(lambda: user.sign_with_indicator(slot, _MESSAGE_HASH), signatures, work_clock()),
        )
