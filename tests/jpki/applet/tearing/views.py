"""What a card with the applet shows to who holds its PINs, phones and the TSM's keys, as a value that can be compared.

Looking also tries what no card may allow, whatever happened to it before: ``Look.violations``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cardlab.card.config import DEFAULT_KEYS
from cardlab.errors import HarnessError
from cardlab.iso7816.status import SW
from cardlab.lab.capability import OF_SIMULATED_CARDS
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.vm.tears import persistent_memory
from jpki.client.commands import SlotPublicKey
from jpki.client.constants import EF, DeviceMethod, PinState, Profile, SignForm, Slot, Suite
from jpki.client.ecdsa import in_der
from jpki.client.personalisation import JpkiPersonalisation, SlotStatus
from jpki.client.user import proof_message
from tests.jpki.applet.cards import Device, JpkiCard

SEED = "tears"
TEXT = b"text"
HASH = hashlib.sha256(TEXT).digest()
_PLAIN_SIGN, _INDICATOR_SIGN, _BY_PIN = 0x2A, 0x2E, 0x00
_PRESENT = 0x8F
COMPONENTS = {Suite.RSA_2048: ("P", "Q", "DP1", "DQ1", "PQ"), Suite.P_384: ("S",)}
_ALL_COMPONENTS = tuple(name for names in COMPONENTS.values() for name in names)
_PIECE = 16  # bytes by which a secret is recognised


def plain_form(suite: Suite) -> SignForm:
    """P1 of SIGN over data that the card hashes."""
    return SignForm.HASH_AND_WRAP if suite is Suite.RSA_2048 else SignForm.HASH


def verify_plain(key: SlotPublicKey, signature: bytes, data: bytes) -> None:
    """Raises InvalidSignature unless plain SIGN made it of these data, hashed on the card."""
    if isinstance(key, RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), SHA256())
    else:
        key.verify(in_der(signature), data, ec.ECDSA(SHA384()))


def copy_of(jpki: JpkiCard) -> JpkiCard:
    """A card of its own in the same state."""
    return JpkiCard(LabCard(jpki.card.simulated.fork(), DEFAULT_KEYS, OF_SIMULATED_CARDS, SEED), jpki.keys)


@contextmanager
def copied(jpki: JpkiCard) -> Iterator[JpkiCard]:
    """A copy to try something on."""
    other = copy_of(jpki)
    with closing(other.card):
        yield other


@dataclass(frozen=True, slots=True)
class SlotView:
    """One slot. ``key``: the public one, DER; ``pin``: which of the PINs that were ever set is the right one."""

    status: SlotStatus
    key: bytes | None
    pin: bytes | None
    certificate: bytes | None  # None: not to be read without a PIN that is known
    ca_certificate: bytes
    phones: frozenset[tuple[DeviceMethod, int]] = frozenset()

    def with_tries(self, tries: int) -> Self:
        """The same with other tries left; without any, the PIN is blocked, and what it opens is out of reach."""
        if self.status.tries_left == tries:
            return self
        status = replace(self.status, tries_left=tries)
        if tries:
            return replace(self, status=status)
        blocked = replace(status, pin_state=PinState.BLOCKED)
        return replace(self, status=blocked, pin=None, certificate=None, phones=frozenset())

    def with_uses(self, uses: int) -> Self:
        """The same with another signature counter."""
        return replace(self, status=replace(self.status, signature_counter=uses))


@dataclass(frozen=True, slots=True)
class View:
    """Both slots, where the applet can be selected; secrets in memory, reachable or not; what is on the card."""

    profile: Profile | None
    slots: Mapping[Slot, SlotView]
    remains: frozenset[str]
    content: frozenset[str] = frozenset()

    def __getitem__(self, slot: Slot) -> SlotView:
        return self.slots[slot]

    def with_slot(self, slot: Slot, changed: SlotView) -> Self:
        """The same with one slot replaced."""
        return replace(self, slots={**self.slots, slot: changed})

    def without_remains(self) -> Self:
        """What can be seen from outside."""
        return replace(self, remains=frozenset())

    def may_remain(self, before: Self) -> frozenset[str]:
        """Of the secrets that were there before, those that are still in use: of keys, PINs, certificates."""
        kept: set[str] = set()
        for slot, old in before.slots.items():
            now, where = self.slots.get(slot), slot.name.lower()
            if now is None:
                continue
            if now.key is not None and now.key == old.key:
                kept |= {f"{where} key {name}" for name in _ALL_COMPONENTS}
            if now.status.pin_state is PinState.BLOCKED or (now.pin is not None and now.pin == old.pin):
                kept.add(f"{where} PIN")
            if 0 < now.status.certificate_length == old.status.certificate_length:
                kept.add(f"{where} certificate")
            if 0 < now.status.ca_certificate_length == old.status.ca_certificate_length:
                kept.add(f"{where} CA certificate")
        return frozenset(kept)

    def differences(self, other: Self) -> str:
        """What is not as in another one, for people."""
        found = [f"content {sorted(self.content)}"] if self.content != other.content else []
        for slot, seen in self.slots.items():
            if slot not in other.slots:
                found.append(f"{slot.name.lower()} there")
            elif seen != other[slot]:
                found.append(f"{slot.name.lower()} {seen.status}, PIN {seen.pin!r}, phones {sorted(seen.phones)}")
        return "; ".join(found) or "none that is told"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a card by who set it up: PINs that were ever set, phones, and secrets to look for in memory."""

    pins: Mapping[Slot, tuple[bytes, ...]]
    phones: tuple[Device, ...]
    secrets: Mapping[str, bytes]
    suite: Suite = Suite.RSA_2048

    def remains(self, memory: bytes) -> frozenset[str]:
        """The secrets of which a piece is in memory."""
        return frozenset(name for name, secret in self.secrets.items() if _is_in(secret, memory))


def _is_in(secret: bytes, memory: bytes) -> bool:
    pieces = range(0, max(1, len(secret) - _PIECE + 1), _PIECE)
    return any(secret[at : at + _PIECE] in memory for at in pieces)


@dataclass(slots=True)
class Look:
    """One look at a card: its ``view``, and what it allowed that none may."""

    jpki: JpkiCard
    known: Known
    violations: list[str] = field(default_factory=list)
    view: View = field(init=False)

    def __post_init__(self) -> None:
        remains = self.known.remains(persistent_memory(self.jpki.card.simulated.runtime))
        for slot in Slot:
            self._unauthenticated(slot)
        presence = self.jpki.client.read_file(EF.PRESENCE)
        tsm = self.jpki.tsm()
        status = tsm.status()
        slots = {slot: self._slot(slot, status.slots[slot], tsm) for slot in Slot}
        self.view = View(status.profile, slots, remains)
        there = bytes(_PRESENT if slots[slot].status.certificate_length else 0 for slot in Slot) + b"\0"
        self._require(presence == there, f"A3: EF 0008 says {presence.hex()}, certificates say {there.hex()}")

    def _require(self, holds: bool, what: str) -> None:
        if not holds:
            self.violations.append(what)

    @property
    def _hash(self) -> bytes:
        return self.known.suite.hash(TEXT)

    def _plain_sign(self, slot: Slot) -> tuple[int, int, int, bytes]:
        """INS, P1, P2 and data."""
        return _PLAIN_SIGN, plain_form(self.known.suite), slot.key_reference, TEXT

    def _unauthenticated(self, slot: Slot) -> None:
        """Without the PIN: no signature, no new PIN, no holder's certificate of the signing slot."""
        for command in (self._plain_sign(slot), (_INDICATOR_SIGN, _BY_PIN, slot.key_reference, self._hash)):
            ins, sw = command[0], self.jpki.sw(0x80, *command, 256)
            self._require(sw == SW.SECURITY_STATUS_NOT_SATISFIED, f"B1: INS {ins:02X} without the PIN: {sw:04X}")
        sw = self.jpki.sw(0x00, 0x24, 0x01, slot.pin_reference, self.known.pins[slot][0])
        self._require(sw == SW.SECURITY_STATUS_NOT_SATISFIED, f"B4: a PIN was set without permission: {sw:04X}")
        self._require(
            not self.jpki.is_verified(Slot.SIGNING), "A3: the signing certificate is readable without its PIN"
        )

    def _slot(self, slot: Slot, status: SlotStatus, tsm: JpkiPersonalisation) -> SlotView:
        key = tsm.public_key(slot) if status.has_key else None
        pin, certificate = self._with_pin(slot, status, key)
        self._require(status.tries_left <= slot.tries, f"B7: {status.tries_left} tries of {slot.tries}")
        self._require(
            self.jpki.client.tries_left(slot) == status.tries_left, "B7: the retry query and GET STATUS differ"
        )
        ca_certificate = self.jpki.client.ca_certificate(slot)
        self._require(len(ca_certificate) == status.ca_certificate_length, "A3: length of the CA's certificate")
        public = None if key is None else key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        phones = self._phones(status) if slot is Slot.AUTHENTICATION else frozenset()
        return SlotView(status, public, pin, certificate, ca_certificate, phones)

    def _with_pin(self, slot: Slot, status: SlotStatus, key: SlotPublicKey | None) -> tuple[bytes | None, bytes | None]:
        """Which PIN is right, and the certificate that it opens; with it the key signs, and counts."""
        if status.pin_state not in (PinState.SETTABLE, PinState.ACTIVE):
            self._require(
                not any(self._takes(slot, pin) for pin in self.known.pins[slot]), "B5: a PIN that is not set is taken"
            )
            return None, None
        for pin in self.known.pins[slot]:
            with copied(self.jpki) as other:
                if other.sw(0x00, 0x20, 0x00, slot.pin_reference, pin) == SW.OK:
                    if status.pin_state is not PinState.ACTIVE:
                        return pin, None
                    self._signs(other, slot, status, key)
                    certificate = other.client.certificate(slot)
                    self._require(len(certificate) == status.certificate_length, "A3: length of the certificate")
                    return pin, certificate
        return None, None

    def _takes(self, slot: Slot, pin: bytes) -> bool:
        with copied(self.jpki) as other:
            return other.sw(0x00, 0x20, 0x00, slot.pin_reference, pin) == SW.OK

    def _signs(self, jpki: JpkiCard, slot: Slot, status: SlotStatus, key: SlotPublicKey | None) -> None:
        answer = jpki.send(0x80, *self._plain_sign(slot), 256)
        if key is None:
            self._require(answer.sw == SW.REFERENCED_DATA_NOT_FOUND, f"A5: SIGN without a key: {answer.sw:04X}")
            return
        if not answer.ok:
            self._require(False, f"the key does not sign: {answer.sw:04X}")
            return
        try:
            verify_plain(key, answer.data, TEXT)
        except InvalidSignature:
            self._require(False, "A1: the signature is not by the slot's public key")
        counted = jpki.status().slots[slot].signature_counter
        self._require(counted == status.signature_counter + 1, f"C5: {status.signature_counter} uses, then {counted}")

    def _phones(self, status: SlotStatus) -> frozenset[tuple[DeviceMethod, int]]:
        """Whose proofs are taken; those of nobody for a method that is not registered."""
        found = set()
        for method in DeviceMethod:
            works = [number for number, phone in enumerate(self.known.phones, 1) if self._proves(method, phone)]
            may_work = method in status.device_keys and status.has_key and status.pin_state is PinState.ACTIVE
            self._require(may_work or not works, f"C2: a proof by {method.name} is taken that nobody registered")
            self._require(len(works) == 1 or not may_work, f"C2: {method.name} is registered, {len(works)} phones work")
            found |= {(method, number) for number in works}
        return frozenset(found)

    def _proves(self, method: DeviceMethod, phone: Device) -> bool:
        with copied(self.jpki) as other:
            proof = phone.prove(proof_message(other.client.challenge(), self._hash, method))
            return other.sw(0x80, _INDICATOR_SIGN, method, 0x97, self._hash + proof, 256) == SW.OK


def look(jpki: JpkiCard, known: Known) -> tuple[View, list[str]]:
    """The view of a card whose applet is selected, and what it allowed that none may."""
    try:
        found = Look(jpki, known)
    except HarnessError as error:
        return EMPTY, [f"the card cannot be looked at: {error}"]
    return found.view, found.violations


_NOTHING = SlotView(SlotStatus(False, 0, 0, PinState.INITIAL, 0, 0, frozenset()), None, None, None, b"")
EMPTY = View(Profile.PHONE, dict.fromkeys(Slot, _NOTHING), frozenset())
