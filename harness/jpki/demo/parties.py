"""What the parties of the demonstration bring along: keys, whatever else they draw, and the date."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cardlab.card.entropy import Entropy
from cardlab.globalplatform.scp03 import CHALLENGE_LENGTH, StaticKeys
from jpki.client.constants import Slot


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _authority_keys() -> Mapping[Slot, rsa.RSAPrivateKey]:
    return {slot: rsa.generate_private_key(65537, 2048) for slot in Slot}


@dataclass(frozen=True)
class Parties:
    """Who are given the same and ask a card with the same seed send and get the same bytes.

    ``draw`` gives so many random bytes. ``authority_keys`` are the CAs', ``phone_key`` is for device authentication.
    """

    draw: Callable[[int], bytes] = secrets.token_bytes
    now: datetime.datetime = field(default_factory=_now)
    authority_keys: Mapping[Slot, rsa.RSAPrivateKey] = field(default_factory=_authority_keys)
    phone_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def again(self, seed: int) -> Parties:
        """The same parties, who from here on draw what follows from the seed."""
        return Parties(Entropy.from_seed(f"parties, {seed}").draw, self.now, self.authority_keys, self.phone_key)

    def keys(self) -> StaticKeys:
        """New keys for a security domain."""
        return StaticKeys(*(self.draw(16) for _ in range(3)))

    def challenge(self) -> bytes:
        """A host challenge for SCP03."""
        return self.draw(CHALLENGE_LENGTH)

    def temporary_pins(self) -> dict[Slot, bytes]:
        """16 characters and 4 digits."""
        digits = int.from_bytes(self.draw(8), "big") % 10**4
        return {Slot.SIGNING: self.draw(8).hex().upper().encode(), Slot.AUTHENTICATION: f"{digits:04}".encode()}

    @property
    def phone_point(self) -> bytes:
        """The phone's public key, uncompressed."""
        return self.phone_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def prove(self, message: bytes) -> bytes:
        """The phone's proof: ECDSA with SHA-256, and with the nonce of RFC 6979."""
        return self.phone_key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
