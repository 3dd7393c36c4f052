"""What a simulated card is made like."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cardlab.card.entropy import Entropy
from cardlab.card.manager.keys import AES_KEY_LENGTH, KEY_VERSIONS
from cardlab.card.profiles import DEFAULT_PROFILE, CardProfile, card_profile
from cardlab.errors import UsageError
from cardlab.globalplatform.constants import ISD_AID, CardState
from cardlab.globalplatform.key_source import TEST_KEYS
from cardlab.globalplatform.scp03 import DIVERSIFICATION_LENGTH, StaticKeys
from cardlab.iso7816 import aid
from cardlab.java_card import JAVA_CARD, JAVA_CARD_VERSIONS
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.media import TransmissionProtocol

DEFAULT_ATR = bytes.fromhex("3BE000FF8131FE4514")  # T=1, no historical bytes
T0_ATR = bytes.fromhex("3B600000")  # T=0, which needs no TD1 and no check byte (ISO/IEC 7816-3:2006, 8.2.3, 8.2.5)
DEFAULT_KEYS = TEST_KEYS
SCP03_OPTIONS = (0x60, 0x70)  # R-MAC and R-ENCRYPTION; explicit or pseudo-random challenges (Amendment D Table 5-1)
CPLC_LENGTH = 42


@dataclass(frozen=True, slots=True)
class CardConfig:
    """Everything chosen when a card is made. Lengths are in bytes; a field that is None is made from the card's seed.

    ``atr`` follows from the protocol instead. ``persistent_memory`` is the quota for load files, instances and security
    domains. ``java_card`` is the version of the API that load files find on the card. ``platform`` are the choices that
    the runtime has to heed. ``key_limit`` is the number of keys a security domain holds, at most what one GET DATA can
    tell. ``profile`` is the name of the card profile that it was made by (``of_profile``), for people. Raises
    UsageError when a value cannot be a card's.
    """

    atr: bytes | None = None
    persistent_memory: int = 512 * 1024
    isd_aid: bytes = ISD_AID
    keys: StaticKeys = DEFAULT_KEYS
    key_version: int = 0x30
    key_limit: int = 30
    scp_options: int = 0x70
    card_state: CardState = CardState.OP_READY
    iin: bytes = bytes.fromhex("99990001")
    cin: bytes | None = None
    cplc: bytes | None = None
    diversification: bytes | None = None
    extended_length: bool = True
    java_card: str = JAVA_CARD
    platform: PlatformChoices = field(default_factory=PlatformChoices)
    profile: str = DEFAULT_PROFILE

    @classmethod
    def of_profile(cls, profile: CardProfile | str) -> CardConfig:
        """What a card profile says, given or by its name; raises UsageError when there is none of that name."""
        chosen = card_profile(profile) if isinstance(profile, str) else profile
        return cls(
            persistent_memory=chosen.persistent_memory,
            extended_length=chosen.extended_length,
            java_card=chosen.java_card,
            platform=chosen.platform,
            profile=chosen.name,
        )

    def __post_init__(self) -> None:
        _require(self.atr is None or len(self.atr) >= 2, "ATR of the wrong length", "an ATR has at least 2 bytes")
        _require(self.persistent_memory > 0, f"{self.persistent_memory} bytes of memory", "give a positive number")
        _require(3 <= self.key_limit <= 39, f"{self.key_limit} keys", "a domain holds 3 to 39")
        _require(aid.is_aid(self.isd_aid), f"AID of {len(self.isd_aid)} bytes", f"AIDs have {aid.ALLOWED}")
        _require(len(self.keys.enc) == AES_KEY_LENGTH, f"keys of {len(self.keys.enc)} bytes", "this card has AES-128")
        _require(self.key_version in KEY_VERSIONS, f"key version {self.key_version:02X}", "versions are 01 to 7F")
        _require(self.scp_options in SCP03_OPTIONS, f"SCP03 i={self.scp_options:02X}", "this card knows 60 and 70")
        _require(
            self.java_card in JAVA_CARD_VERSIONS,
            f"Java Card {self.java_card}",
            f"one of {', '.join(JAVA_CARD_VERSIONS)}",
        )
        _require(1 <= len(self.iin) <= 16, f"IIN of {len(self.iin)} bytes", "give 1 to 16")
        _require(self.cin is None or 1 <= len(self.cin) <= 16, "CIN of the wrong length", "give 1 to 16 bytes")
        _require(
            self.cplc is None or len(self.cplc) == CPLC_LENGTH, "CPLC of the wrong length", f"give {CPLC_LENGTH} bytes"
        )
        _require(
            self.diversification is None or len(self.diversification) == DIVERSIFICATION_LENGTH,
            "key diversification data of the wrong length",
            f"give {DIVERSIFICATION_LENGTH} bytes",
        )

    def completed(self, entropy: Entropy) -> CardConfig:
        """The same with every field that was left open."""
        serial = entropy.draw(8)
        return replace(
            self,
            atr=self.atr or _ATRS[self.platform.protocol],
            cin=self.cin or serial,
            cplc=self.cplc or _cplc(serial[:4]),
            diversification=self.diversification or serial + bytes((self.key_version, 0x01)),
        )


_ATRS = {TransmissionProtocol.T0: T0_ATR, TransmissionProtocol.T1: DEFAULT_ATR}


def _require(holds: bool, wrong: str, remedy: str) -> None:
    if not holds:
        raise UsageError(f"simulated card: {wrong}", hint=remedy)


def _cplc(serial: bytes) -> bytes:
    """Card production life cycle data: 18 fields, dates as year digit and day of year, in BCD."""
    fabricator, chip, system = b"\x00\x00", b"\x53\x49", b"\x00\x01"  # no registered fabricator; "SI"
    released, level = bytes.fromhex("6001"), b"\x00\x01"
    made = bytes.fromhex("6001")
    batch, unset = b"\x00\x01", bytes(24)
    return fabricator + chip + system + released + level + made + serial + batch + unset
