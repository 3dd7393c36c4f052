"""What is still to be done on the card, from what the card says and what the case wants. Nothing here talks to anybody.

The truth is the card's: a step whose answer was lost shows in the status, and is not asked for again (E6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from jpki.client import commands
from jpki.client.constants import PinState, Slot
from jpki.client.personalisation import AppletStatus, SlotStatus
from jpki.parties.messages import SetPin, Slots
from jpki.parties.script import Batch, Random, Results, SecureSession
from jpki.parties.sections import KEY_SECTION, PIN_SECTION, STORE_SECTION

EMPTY = SlotStatus(False, 0, 0, PinState.INITIAL, 0, 0, frozenset())


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """What the card says of a slot; ``public_key`` is DER SubjectPublicKeyInfo, empty without a key."""

    status: SlotStatus = EMPTY
    public_key: bytes = b""

    @property
    def key_hash(self) -> bytes:
        """Names the key in the records; empty without a key."""
        return sha256(self.public_key).digest() if self.public_key else b""

    @property
    def is_empty(self) -> bool:
        """Whether nothing of any holder is left."""
        return not self.status.has_key and self.status.pin_state is PinState.INITIAL


Facts = Mapping[Slot, SlotFacts]


@dataclass(frozen=True, slots=True)
class Question:
    """GET STATUS and READ PUBLIC KEY at the end of a batch."""

    status: int
    halves: Mapping[Slot, tuple[int, int]]

    @classmethod
    def add_to(cls, batch: Batch, session: SecureSession, slots: Slots) -> Question:
        """Ask for the status, and for the public keys of these slots."""
        status = batch.add(commands.get_status(), session=session)
        halves = {slot: (_ask(batch, session, slot, 0), _ask(batch, session, slot, 1)) for slot in slots}
        return cls(status, halves)

    def facts(self, results: Results) -> Facts:
        """The answers; raises CardError or SecureChannelError when they are none."""
        status = AppletStatus.from_bytes(results[self.status].data)
        facts = {}
        for slot in Slot:
            der = b""
            if status.slots[slot].has_key and slot in self.halves:
                template = b"".join(results[half].data for half in self.halves[slot])
                der = commands.public_key(template).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            facts[slot] = SlotFacts(status.slots[slot], der)
        return facts


def _ask(batch: Batch, session: SecureSession, slot: Slot, half: int) -> int:
    allowed = [int(SW.REFERENCED_DATA_NOT_FOUND)]
    if half:
        allowed.append(int(SW.INCORRECT_P1P2))  # a key on P-384 is told whole in the first half
    return batch.add(commands.read_public_key(slot, half), session=session, allowed=tuple(allowed))


def add_pin(batch: Batch, session: SecureSession, slot: Slot, facts: SlotFacts, random: Random) -> None:
    """Bring a PIN to the user's choosing. A temporary PIN that was not used is of no use any more."""
    state = facts.status.pin_state
    if state is PinState.ACTIVE:
        return
    batch.section = PIN_SECTION[slot]
    if state is not PinState.INITIAL:
        batch.add(commands.reset_pin(slot), session=session)
    pin = temporary_pin(slot, random)
    batch.add(commands.set_pin(slot, pin), session=session)
    batch.set_pin(SetPin(slot, pin, batch.section))


def add_key(batch: Batch, session: SecureSession, slot: Slot, *, renew: bool) -> None:
    """Generate a key pair."""
    batch.section = KEY_SECTION[slot]
    batch.add(commands.generate_key_pair(slot, renew=renew), session=session)


def add_certificates(
    batch: Batch, session: SecureSession, slot: Slot, facts: SlotFacts, certificate: bytes, ca_certificate: bytes
) -> None:
    """Store what is not stored. The slot's certificate goes with its key, so one that is there is this key's."""
    batch.section = STORE_SECTION[slot]
    wanted: list[CommandApdu] = []
    if facts.status.certificate_length != len(certificate):
        wanted += commands.store_certificate(slot.certificate, certificate, max_data=session.max_data)
    if facts.status.ca_certificate_length != len(ca_certificate):
        wanted += commands.store_certificate(slot.ca_certificate, ca_certificate, max_data=session.max_data)
    for command in wanted:
        batch.add(command, session=session)


def temporary_pin(slot: Slot, random: Random) -> bytes:
    """A PIN for one use, of the slot's own form."""
    if slot is Slot.SIGNING:
        return random(8).hex().upper().encode()
    return f"{int.from_bytes(random(8), 'big') % 10_000:04}".encode()
