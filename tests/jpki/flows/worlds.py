"""Worlds for tests: made once, copied for each test, with a user who answers and a count of what the cards did."""

from __future__ import annotations

import datetime
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cardlab.card.entropy import Entropy
from cardlab.toolchain.executable import Executable
from cardlab.transport import Layer, Transport
from jpki.certificates.holder import SAMPLE_HOLDER
from jpki.client.constants import DeviceMethod, Slot
from jpki.package import jpki_executable
from jpki.parties.applicant import Applicant
from jpki.parties.cards import OnCard
from jpki.parties.clock import Clock, system_clock
from jpki.parties.consent import Wording
from jpki.parties.network import Cutter, Network
from jpki.parties.phone.user import Means
from jpki.parties.world import World

CARD_PASSWORD = b"CARDPASSWORD1"
PINS = {Slot.SIGNING: b"PASSWORD1", Slot.AUTHENTICATION: b"1234"}
OTHER_PINS = {Slot.SIGNING: b"PASSWORD2", Slot.AUTHENTICATION: b"4321"}


@dataclass(slots=True)
class HandSet:
    """A clock that a test sets."""

    now: datetime.datetime = field(default_factory=system_clock)

    def __call__(self) -> datetime.datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += datetime.timedelta(seconds=seconds)


@dataclass(slots=True)
class Person:
    """Answers the app as told."""

    pins: dict[Slot, bytes] = field(default_factory=lambda: dict(PINS))
    new: dict[Slot, bytes] = field(default_factory=lambda: dict(PINS))
    password: bytes = CARD_PASSWORD
    recognised: bool | frozenset[DeviceMethod] = True
    agreeing: bool = True
    fallback: Means | None = None
    shown: list[Wording] = field(default_factory=list)
    offered: list[tuple[Means, ...]] = field(default_factory=list)

    def pin(self, slot: Slot) -> bytes:
        return self.pins[slot]

    def new_pin(self, slot: Slot) -> bytes:
        return self.new[slot]

    def card_password(self) -> bytes:
        return self.password

    def recognise(self, method: DeviceMethod) -> bool:
        return self.recognised if isinstance(self.recognised, bool) else method in self.recognised

    def agrees(self, wording: Wording) -> bool:
        self.shown.append(wording)
        return self.agreeing

    def instead(self, failed: DeviceMethod, offered: tuple[Means, ...]) -> Means | None:
        self.offered.append(offered)
        return self.fallback


_STEPS = {
    (0x84, 0x46, 0x80): "GENERATE",
    (0x84, 0xE2, 0x80): "STORE CERTIFICATE",
    (0x00, 0x24, 0x01): "CHANGE PIN",
    (0x84, 0xE6, 0x0C): "INSTALL",
    (0x84, 0xE6, 0x10): "EXTRADITE",
    (0x84, 0xE8, 0x80): "LOAD",
    (0x84, 0xE2, 0xE8): "DOMAIN KEYS",
    (0x84, 0xD8, 0x31): "PUT KEY",
    (0x84, 0x2C, 0x02): "SET TEMPORARY PIN",
    (0x84, 0x2C, 0x03): "RESET PIN",
    (0x84, 0xE4, 0x00): "DELETE",
    (0x80, 0xDA, 0x00): "REGISTER DEVICE KEY",
}
MAY_REPEAT = frozenset({"SET TEMPORARY PIN", "RESET PIN", "DELETE", "REGISTER DEVICE KEY"})


class Steps:
    """Counts the commands that changed a card: those that were executed, whether or not anybody heard of it."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()

    def layer(self, lower: Transport) -> Transport:
        """Goes directly on a card."""
        return _Counting(lower, self.done)


class _Counting(Layer):
    def __init__(self, lower: Transport, done: Counter[str]) -> None:
        super().__init__(lower)
        self._done = done

    def transmit(self, command: bytes) -> bytes:
        response = super().transmit(command)
        name = _STEPS.get((command[0], command[1], command[2]))
        if name and response.endswith(b"\x90\x00"):
            self._done[name] += 1
        return response


def applicant(name: str) -> Applicant:
    """A resident; the name is all that differs."""
    return Applicant(name, replace(SAMPLE_HOLDER, name=f"公的 {name}"))


@dataclass(frozen=True, slots=True)
class Images:
    """Folders with worlds to start from."""

    folder: Path
    executable: Executable

    def open(
        self,
        folder: Path,
        *,
        seed: str,
        cutter: Cutter | None = None,
        layer: OnCard | None = None,
        clock: Clock = system_clock,
    ) -> World:
        """The world in a folder. Everything random but certificates' and phones' EC keys follows from the seed."""
        return World.open(
            folder,
            network=Network(cutter=cutter),
            executable=lambda: self.executable,
            durable=False,
            layer=layer,
            clock=clock,
            random=Entropy.from_seed(seed).draw,
        )

    @contextmanager
    def world(self, image: str, into: Path, *, seed: str = "", clock: Clock = system_clock) -> Iterator[World]:
        """A copy of an image, open."""
        shutil.copytree(self.folder / image, into)
        with self.open(into, seed=seed or f"{image} {into.name}", clock=clock) as world:
            yield world


def make_images(folder: Path, runtime: str | None = None) -> Images:
    """``empty``: residents hanako and taro, phones p1 and p2. ``issued``: hanako has both certificates on p1."""
    images = Images(folder, jpki_executable())
    with images.open(folder / "empty", seed="empty") as world:
        for name in ("hanako", "taro"):
            world.add_resident(applicant(name), CARD_PASSWORD, runtime=runtime)
        for name in ("p1", "p2"):
            world.add_phone(name, model="M1", runtime=runtime)
    shutil.copytree(folder / "empty", folder / "issued")
    with images.open(folder / "issued", seed="issued") as world:
        app = world.app("p1", Person())
        app.issue(world.my_number_card("hanako"))
        app.register_device_auth(DeviceMethod.BIOMETRIC)
    return images
