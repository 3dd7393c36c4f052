"""What a card with the applet remembers (docs/reference/applet.md): immutable values, persistent and volatile apart."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum, unique
from typing import Self

INSTANCE_AID = bytes.fromhex("D392F000260100000001")
CERTIFICATE_MAX = 2048
COUNTER_MAX = 0xFFFFFFFF
MEDIA_DEFAULT = 0x00


@unique
class Profile(IntEnum):
    """The install parameter, and the first value of the status template."""

    PHONE = 1
    CARD = 2


@unique
class PinState(IntEnum):
    """The life of a PIN (B4, B5, B7), with the values of GET STATUS."""

    INITIAL = 0x5A
    SETTABLE = 0x3C
    ACTIVE = 0xC3
    BLOCKED = 0xA5


@unique
class Method(IntEnum):
    """How the user authenticated: ``method`` of the indicator (C4, C5)."""

    PASSWORD = 1
    PIN = 2
    BIOMETRIC = 3
    LOCK_SCREEN = 4


@unique
class Suite(IntEnum):
    """What the slots' keys are; the value is added to the profile. The second is an assumption about later cards."""

    RSA_2048 = 0x00
    P_384 = 0x10

    @property
    def hash_length(self) -> int:
        """Bytes of a message's hash: SHA-256, SHA-384."""
        return 32 if self is Suite.RSA_2048 else 48


@unique
class AccessSource(IntEnum):
    """Where a request came from: ``accessSource`` of the indicator (D5)."""

    INTERNAL = 1
    CONTACT = 2
    CONTACTLESS = 3


@unique
class Slot(Enum):
    """The two key slots (A1)."""

    SIGNING = "signing"
    AUTHENTICATION = "authentication"


@dataclass(frozen=True, slots=True)
class SlotRules:
    """What tells one slot from the other: references, files, PIN format (A1, B1, B7)."""

    key_reference: int
    pin_reference: int
    key_file: int
    pin_file: int
    certificate_file: int
    ca_file: int
    template: bytes
    tries: int
    pin_lengths: range
    alphabet: bytes
    method: Method


RULES: dict[Slot, SlotRules] = {
    Slot.SIGNING: SlotRules(
        key_reference=0x9A,
        pin_reference=0x9B,
        key_file=0x001A,
        pin_file=0x001B,
        certificate_file=0x0001,
        ca_file=0x0002,
        template=b"\xb6\x00",
        tries=5,
        pin_lengths=range(6, 17),
        alphabet=b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        method=Method.PASSWORD,
    ),
    Slot.AUTHENTICATION: SlotRules(
        key_reference=0x97,
        pin_reference=0x98,
        key_file=0x0017,
        pin_file=0x0018,
        certificate_file=0x000A,
        ca_file=0x000B,
        template=b"\xa4\x00",
        tries=3,
        pin_lengths=range(4, 5),
        alphabet=b"0123456789",
        method=Method.PIN,
    ),
}
TOKEN_FILE = 0x0006
EC_TEMPLATE_LENGTH = 102
PRESENCE_FILE = 0x0008


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair as the host can know it: which one it is, how often it was used, and what was read of its public key.

    ``number`` tells keys apart that the card made one after the other; the halves are those of READ PUBLIC KEY (a key
    on P-384 has the first one only).
    """

    number: int
    counter: int = 0
    halves: tuple[bytes | None, bytes | None] = (None, None)

    @property
    def template(self) -> bytes | None:
        """The public key template, once all of it was read."""
        return whole_template(*self.halves)


def whole_template(first: bytes | None, second: bytes | None) -> bytes | None:
    """Both halves, or the first that is all; None unless all was read."""
    if first is None or len(first) == EC_TEMPLATE_LENGTH:
        return first
    return None if second is None else first + second


@dataclass(frozen=True, slots=True)
class SlotState:
    """The persistent state of one slot. ``tries`` counts for SETTABLE and ACTIVE; it is 0 in the other states."""

    key: Key | None = None
    certificate: bytes = b""
    ca_certificate: bytes = b""
    pin_state: PinState = PinState.INITIAL
    pin: bytes = b""
    tries: int = 0
    device_keys: tuple[tuple[Method, bytes], ...] = ()

    def device_key(self, method: Method) -> bytes | None:
        """The registered P-256 point of a method."""
        return dict(self.device_keys).get(method)

    def with_device_key(self, method: Method, point: bytes | None) -> Self:
        """The slot with a device key registered, replaced or (None) removed."""
        others = tuple(item for item in self.device_keys if item[0] is not method)
        return replace(self, device_keys=others if point is None else (*others, (method, point)))


@dataclass(frozen=True, slots=True)
class OpenChannel:
    """An open SCP03 session: which one it is, its level, and how many commands the card has unwrapped in it."""

    number: int
    level: int
    position: int = 0


@dataclass(frozen=True, slots=True)
class Chain:
    """A STORE CERTIFICATE that is under way."""

    file: int
    length: int
    content: bytes
    next_block: int


@dataclass(frozen=True, slots=True)
class Session:
    """What a reset clears, and the medium it came with. ``application`` is the AID of the selected application."""

    media: int
    application: bytes
    file: int | None = None
    verified: frozenset[Slot] = frozenset()
    permitted: frozenset[Slot] = frozenset()
    challenge: bytes | None = None
    attributes: bytes | None = None
    chain: Chain | None = None
    channel: OpenChannel | None = None
    update_pending: bool = False


@dataclass(frozen=True, slots=True)
class ModelState:
    """A card: both slots, the session, and counters that only tell keys and channels apart.

    ``contact_medium``: the second install parameter, a medium that is not contactless although it is not DEFAULT.
    """

    profile: Profile
    session: Session
    signing: SlotState = field(default_factory=SlotState)
    authentication: SlotState = field(default_factory=SlotState)
    keys_made: int = 0
    channels_opened: int = 0
    contact_medium: int | None = None
    suite: Suite = Suite.RSA_2048

    def slot(self, name: Slot) -> SlotState:
        """One of the two slots."""
        return self.signing if name is Slot.SIGNING else self.authentication

    def with_slot(self, name: Slot, slot: SlotState) -> Self:
        """The state with one slot replaced."""
        return replace(self, signing=slot) if name is Slot.SIGNING else replace(self, authentication=slot)

    def with_session(self, **changes: object) -> Self:
        """The state with some fields of the session replaced."""
        return replace(self, session=replace(self.session, **changes))  # type: ignore[arg-type]

    @property
    def contactless(self) -> bool:
        """Whether what comes next counts as contactless (D5): all that is not DEFAULT or named at installation."""
        return self.session.media not in (MEDIA_DEFAULT, self.contact_medium)

    @property
    def access(self) -> AccessSource:
        """The access source of whatever comes next (D5)."""
        if self.contactless:
            return AccessSource.CONTACTLESS
        return AccessSource.INTERNAL if self.profile is Profile.PHONE else AccessSource.CONTACT

    def file_content(self, file: int) -> bytes | None:
        """What an EF holds, or None when it is no file that can be read; EF 0006 is not determined (empty here)."""
        for name, rules in RULES.items():
            if file == rules.certificate_file:
                return self.slot(name).certificate
            if file == rules.ca_file:
                return self.slot(name).ca_certificate
        if file == PRESENCE_FILE:
            present = (self.signing.certificate, self.authentication.certificate)
            return bytes(0x8F if certificate else 0 for certificate in present) + b"\0"
        return None
