"""The cards that scenes begin with: made once each, then copied; and what is known of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS
from cardlab.lab.capability import OF_SIMULATED_CARDS
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.vm.faults import remember_key_pairs
from jpki.client.constants import DeviceMethod, Profile, Slot, Suite
from jpki.evidence.mutants import RUNTIME
from jpki.package import jpki_library
from tests.jpki.applet.cards import Device, JpkiCard
from tests.jpki.applet.heap import applet_object
from tests.jpki.applet.tearing.scenes import World
from tests.jpki.applet.tearing.views import COMPONENTS, SEED, Known

PINS = {Slot.SIGNING: b"QX7KJVZ0W3YH8PBN", Slot.AUTHENTICATION: b"8153"}
NEW_PINS = {Slot.SIGNING: b"M4LTDC92RF", Slot.AUTHENTICATION: b"6027"}
TEMPORARY = {Slot.SIGNING: b"I1O5K8W2J6Y9B3HQ", Slot.AUTHENTICATION: b"3491"}
WRONG_PINS = {Slot.SIGNING: b"QX7KJVZ0W3YH8PBM", Slot.AUTHENTICATION: b"8154"}
PHONES = tuple(Device.create(number) for number in (1, 2, 3))
_REGISTERED = {DeviceMethod.BIOMETRIC: PHONES[0], DeviceMethod.LOCK_SCREEN: PHONES[1]}


def certificate(label: str, length: int = 0x780) -> bytes:
    """A DER SEQUENCE of bytes that are nowhere else."""
    content = b"".join(hashlib.sha256(f"{label}, {n}".encode()).digest() for n in range(length // 32 + 1))
    return b"\x30\x82" + length.to_bytes(2, "big") + content[:length]


CERTIFICATES = {slot: certificate(f"holder, {slot.name}") for slot in Slot}
CA_CERTIFICATES = {slot: certificate(f"CA, {slot.name}") for slot in Slot}
NEW_CERTIFICATE = certificate("new", 0x300)


@dataclass(slots=True)
class Worlds:
    """``classes``: a folder of class files to take instead of the applet's."""

    classes: Path | None = None
    _made: dict[World, tuple[JpkiCard, Known]] = field(default_factory=dict)

    def open(self, world: World) -> tuple[JpkiCard, Known]:
        """The card, whose applet is selected where there is one: copy it. And what is known of it."""
        if world not in self._made:
            self._made[world] = self._make(world)
        return self._made[world]

    def close(self) -> None:
        """Let go of all cards."""
        for jpki, _ in self._made.values():
            jpki.card.close()
        self._made.clear()

    def _make(self, world: World) -> tuple[JpkiCard, Known]:
        card = SimulatedCard(seed=SEED, runtime=RUNTIME, classes=jpki_library(self.classes))
        remember_key_pairs(card.runtime)
        jpki = JpkiCard(LabCard(card, DEFAULT_KEYS, OF_SIMULATED_CARDS, SEED))
        secrets: dict[str, bytes] = {}
        if world is not World.BARE:
            jpki.load(self.classes)
        suite = Suite.P_384 if world in (World.CURVE, World.BLANK_CURVE) else Suite.RSA_2048
        if world not in (World.BARE, World.LOADED):
            profile = Profile.CARD if world is World.PLASTIC else Profile.PHONE
            jpki.install(suite.chosen_in(profile.parameters))
        if world in (World.USED, World.CURVE):
            secrets = _use(jpki, suite)
            jpki.reset()
        pins = {slot: (PINS[slot], NEW_PINS[slot], TEMPORARY[slot]) for slot in Slot}
        return jpki, Known(pins, PHONES, secrets, suite)


def _use(jpki: JpkiCard, suite: Suite) -> dict[str, bytes]:
    """Fill both slots; returns what is to be recognised in memory."""
    secrets: dict[str, bytes] = {}
    for slot in Slot:
        where = slot.name.lower()
        jpki.activate_pin(slot, PINS[slot], TEMPORARY[slot])
        tsm = jpki.tsm()
        tsm.generate_key_pair(slot)
        tsm.store_certificate(slot.certificate, CERTIFICATES[slot])
        tsm.store_certificate(slot.ca_certificate, CA_CERTIFICATES[slot])
        private = applet_object(jpki.card.simulated).field(where).field("keyPair").field("privateKey")
        secrets |= {f"{where} key {name}": private.field(name) for name in COMPONENTS[suite]}
        secrets |= {
            f"{where} certificate": CERTIFICATES[slot][4:],
            f"{where} CA certificate": CA_CERTIFICATES[slot][4:],
        }
        if len(PINS[slot]) > 4:  # four digits may be anywhere by chance
            secrets[f"{where} PIN"] = PINS[slot]
    jpki.client.verify(Slot.AUTHENTICATION, PINS[Slot.AUTHENTICATION])
    for method, phone in _REGISTERED.items():
        jpki.client.register_device_key(method, phone.point)
    return secrets


@contextmanager
def opened(classes: Path | None = None) -> Iterator[Worlds]:
    """Worlds for a while."""
    with closing(Worlds(classes)) as worlds:
        yield worlds
