"""Scenes of the commands in which the second suite differs: keys on P-384, and what they sign."""

from __future__ import annotations

from collections.abc import Iterator

from jpki.client import commands
from jpki.client.constants import DeviceMethod, SignForm, Slot, Suite
from jpki.client.user import proof_message
from jpki.model.attributes import signed_attributes
from jpki.model.state import AccessSource, Method
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.heap import put_uses
from tests.jpki.applet.tearing.scenes import Prepare, Scene, Work, World, old_or_new, used
from tests.jpki.applet.tearing.secured import cut_off, secured
from tests.jpki.applet.tearing.views import TEXT
from tests.jpki.applet.tearing.worlds import PHONES, PINS

HASH = Suite.P_384.hash(TEXT)
DISGUISED = signed_attributes(HASH, Method.BIOMETRIC, AccessSource.INTERNAL, 0x101)
"""Signed attributes that a host made up, for plain SIGN."""
SLOT = Slot.AUTHENTICATION
_COMMAND = bytes((0x80, 0x2A, SignForm.HASH, SLOT.key_reference, len(DISGUISED))) + DISGUISED + bytes(16)
MOVED = tuple(_COMMAND[at : at + len(DISGUISED)] for at in range(16) if _COMMAND[at] != DISGUISED[0])
"""What is signed when the card takes its command for data, from elsewhere on: no signed attributes."""
_USES = 0xFF  # before the command: a byte is carried
_PLAIN, _INDICATOR = 0x2A, 0x2E


def curve_scenes() -> Iterator[Scene]:
    """Those that change something."""
    yield from _keys()
    for slot in Slot:
        where = slot.name.lower()
        plain = _sent(_PLAIN, SignForm.HASH, slot, TEXT)
        yield Scene("SIGN", f"P-384, {where}", World.CURVE, _verified(slot, plain), used(slot))
        by_pin = _sent(_INDICATOR, 0x00, slot, HASH)
        yield Scene("SIGN WITH INDICATOR", f"P-384, {where}: by PIN", World.CURVE, _verified(slot, by_pin), used(slot))
    yield Scene("SIGN WITH INDICATOR", "P-384: by a phone's proof", World.CURVE, _proof(0), used(SLOT))


def refused_on_curve() -> Iterator[Scene]:
    """And those that are refused, beside what the first suite has of them."""
    for command, state, prepare in (
        ("SIGN", "P-384: not verified", _sent(_PLAIN, SignForm.HASH, SLOT, TEXT)),
        ("SIGN", "P-384: attributes as data", _verified(SLOT, _sent(_PLAIN, SignForm.HASH, SLOT, DISGUISED))),
        ("SIGN", "P-384: a hash", _verified(SLOT, _sent(_PLAIN, SignForm.RAW, SLOT, HASH))),
        ("SIGN WITH INDICATOR", "P-384: by PIN, not verified", _sent(_INDICATOR, 0x00, SLOT, HASH)),
        ("SIGN WITH INDICATOR", "P-384: proof by an unknown phone", _proof(2)),
        ("SIGN WITH INDICATOR", "P-384: proof for the other method", _proof(0, DeviceMethod.LOCK_SCREEN)),
        ("READ PUBLIC KEY", "P-384", secured(commands.read_public_key(SLOT, 0))),
    ):
        yield Scene(command, state, World.CURVE, prepare, old_or_new)


def _sent(ins: int, p1: int, slot: Slot, data: bytes) -> Prepare:
    return lambda jpki: lambda: jpki.sw(0x80, ins, p1, slot.key_reference, data, 256)


def _verified(slot: Slot, then: Prepare) -> Prepare:
    def prepare(jpki: JpkiCard) -> Work:
        put_uses(jpki.card.simulated, slot.name.lower(), _USES)
        jpki.client.verify(slot, PINS[slot])
        return then(jpki)

    return prepare


def _proof(phone: int, said: DeviceMethod = DeviceMethod.BIOMETRIC) -> Prepare:
    """As biometric, whatever the proof says."""

    def prepare(jpki: JpkiCard) -> Work:
        put_uses(jpki.card.simulated, SLOT.name.lower(), _USES)
        proof = PHONES[phone].prove(proof_message(jpki.client.challenge(), HASH, said))
        return _sent(_INDICATOR, DeviceMethod.BIOMETRIC, SLOT, HASH + proof)(jpki)

    return prepare


def _keys() -> Iterator[Scene]:
    issue, renew = commands.generate_key_pair(SLOT), commands.generate_key_pair(SLOT, renew=True)
    unfinished = cut_off(renew, 1500)  # before the new key is there

    for command, state, world, prepare in (
        ("GENERATE KEY PAIR", "P-384: empty slot", World.BLANK_CURVE, secured(issue)),
        ("GENERATE KEY PAIR", "P-384: slot in use", World.CURVE, secured(issue)),
        ("GENERATE KEY PAIR", "P-384: renewal", World.CURVE, secured(renew)),
        ("GENERATE KEY PAIR", "P-384: renewal after one that was cut off", World.CURVE, secured(renew, unfinished)),
        ("DELETE SLOT", "P-384: in use", World.CURVE, secured(commands.delete_slot(SLOT))),
    ):
        yield Scene(command, state, world, prepare, old_or_new)
