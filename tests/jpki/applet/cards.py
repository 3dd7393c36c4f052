"""A card with the applet on it, as the tests of the applet use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cardlab.globalplatform.constants import ISD_AID
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.interface import Media
from cardlab.transport import exchange
from jpki.client.commands import SlotPublicKey
from jpki.client.constants import PACKAGE_AID, PinState, Profile, Slot
from jpki.client.installation import jpki_installation
from jpki.client.personalisation import AppletStatus, JpkiPersonalisation
from jpki.client.user import JpkiClient
from jpki.package import jpki_executable

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # FIPS 186-4, D.1.2.3

PINS = {Slot.SIGNING: b"PASSWORD1", Slot.AUTHENTICATION: b"1234"}
WRONG = {Slot.SIGNING: b"PASSWORD2", Slot.AUTHENTICATION: b"4321"}
TEMPORARY = {Slot.SIGNING: b"TEMP0001", Slot.AUTHENTICATION: b"0000"}
CERTIFICATES = {
    Slot.SIGNING: b"\x30\x82\x06\xa4" + b"S" * 0x6A4,
    Slot.AUTHENTICATION: b"\x30\x82\x06\x40" + b"A" * 0x640,
}
CA_CERTIFICATES = {Slot.SIGNING: b"\x30\x82\x04\x00" + b"s" * 0x400, Slot.AUTHENTICATION: b"\x30\x03\x02\x01\x00"}


@dataclass(slots=True)
class JpkiCard:
    """A card whose applet is selected, and what tests do with it."""

    card: LabCard
    keys: Mapping[Slot, SlotPublicKey] = field(default_factory=dict)  # as the card gave them out at personalisation
    client: JpkiClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = JpkiClient(self.card)

    # -- the issuer and the TSM ---------------------------------------------------------------------------------------

    def issuer(self, level: SecurityLevel | None = None) -> GlobalPlatformClient:
        """The issuer security domain of the card, authenticated."""
        client = GlobalPlatformClient(self.card)
        client.select()
        client.authenticate(self.card.keys, level=level, host_challenge=self.card.challenge())
        return client

    def load(self, classes: Path | None = None) -> None:
        """Load the applet's components, or those made of a folder of class files."""
        self.issuer(SecurityLevel.C_MAC).load(PACKAGE_AID, jpki_executable(classes).data_block)

    def install(self, parameters: bytes = Profile.PHONE.parameters) -> None:
        """Install the applet, which was loaded, and select it."""
        self.issuer().install(jpki_installation(parameters))
        self.client.select()

    def channel(self, level: SecurityLevel | None = None) -> SecureChannelLayer:
        """An SCP03 session with the applet's security domain, by default the strongest."""
        return SecureChannelLayer.open(self.card, self.card.keys, level=level, host_challenge=self.card.challenge())

    def tsm(self, level: SecurityLevel | None = None) -> JpkiPersonalisation:
        """The TSM at the end of a new session."""
        return JpkiPersonalisation(self.channel(level))

    def status(self) -> AppletStatus:
        """GET STATUS in a session of its own: ends another one, and a chain of STORE CERTIFICATE."""
        return self.tsm().status()

    def activate_pin(self, slot: Slot, pin: bytes, temporary: bytes | None = None) -> None:
        """Bring a PIN from INITIAL to ACTIVE the way its profile does it; it is not verified afterwards."""
        tsm = self.tsm()
        if tsm.status().profile is Profile.CARD:
            tsm.set_pin(slot, pin)
            return
        first = temporary or TEMPORARY[slot]
        tsm.set_pin(slot, first)
        self.client.verify(slot, first)
        self.client.change_pin(slot, pin)

    def personalise(self) -> dict[Slot, SlotPublicKey]:
        """Both slots with PIN, key and certificates."""
        keys = {}
        for slot in Slot:
            self.activate_pin(slot, PINS[slot])
            tsm = self.tsm()
            keys[slot] = tsm.generate_key_pair(slot)
            tsm.store_certificate(slot.certificate, CERTIFICATES[slot])
            tsm.store_certificate(slot.ca_certificate, CA_CERTIFICATES[slot])
            assert tsm.status().slots[slot].pin_state is PinState.ACTIVE
        return keys

    # -- the user -----------------------------------------------------------------------------------------------------

    def send(
        self, cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None, *, extended: bool = False
    ) -> ResponseApdu:
        """One command in clear."""
        return exchange(self.card, CommandApdu(cla, ins, p1, p2, data, le, extended))

    def sw(self, cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None) -> int:
        """The status word of one command in clear."""
        return self.send(cla, ins, p1, p2, data, le).sw

    def select_other(self) -> None:
        """Select another application, then the applet again."""
        exchange(self.card, CommandApdu(0x00, 0xA4, 0x04, 0x00, ISD_AID, 256))
        self.client.select()

    def reset(self, media: Media | None = None) -> None:
        """Reset the card, over another interface when one is named, and select the applet."""
        self.card.reset(media)
        self.client.select()

    def verify(self, slot: Slot) -> None:
        """Verify the user's PIN."""
        self.client.verify(slot, PINS[slot])

    def is_verified(self, slot: Slot) -> bool:
        """Whether the slot's PIN is verified, asked by reading its certificate (on a phone both need it)."""
        sw = self.sw(0x00, 0xB0, 0x80 | slot.certificate.short, 0, le=1)
        assert sw in (SW.OK, SW.WRONG_P1P2, SW.SECURITY_STATUS_NOT_SATISFIED)
        return sw != SW.SECURITY_STATUS_NOT_SATISFIED


@dataclass(frozen=True, slots=True)
class Device:
    """A phone's key for device authentication. Keys and proofs repeat (RFC 6979), so that recorded tests do."""

    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, number: int = 1) -> Device:
        """The P-256 key of a phone."""
        secret = int.from_bytes(sha256(f"phone {number}".encode()).digest(), "big")
        return cls(ec.derive_private_key(secret % _P256_ORDER, ec.SECP256R1()))

    @property
    def point(self) -> bytes:
        """The public key as REGISTER DEVICE KEY takes it."""
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def prove(self, message: bytes) -> bytes:
        """ECDSA with SHA-256, DER."""
        return self.key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
