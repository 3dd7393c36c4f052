"""What invariants compare of a card: read off its memory, since thousands of cards are looked at.

Objects stay where installation made them, so they are looked up once in each world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from cardlab.runtime.vm.inspector import MachineObject
from cardlab.runtime.vm.tears import machine_of
from jpki.client.constants import Slot
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.heap import applet_object

# Of jpki.applet.Pin, KeySlot and DeviceKeys. A state counts when both of its cells say so (Twin).
_INITIAL, _SETTABLE, _ACTIVE, _VERIFIED, _PERMITTED = 0x1E5A, 0x783C, 0x2DC3, 0x6A99, 0x9A6C
PIN_STATES = (_INITIAL, _SETTABLE, _ACTIVE)
_SET = (_SETTABLE, _ACTIVE)  # in other states the value opens nothing
_PRESENT, _FRESH, _REGISTERED = 0xC596, 0x3A59, 0x6C95
_NEITHER = 0  # what a state is whose cells differ
_FLAGS_CELL, _TRIES_CELL, _CELL = 1, 5, 2  # of an OwnerPIN (Java: PinNatives), and bytes of a cell


@dataclass(frozen=True, slots=True)
class SlotSeen:
    """One slot. ``phones``: registration byte and which key objects are in use; certificates with their content."""

    pin_state: int
    pin: bytes
    tries: int
    is_verified: bool
    is_permitted: bool
    has_key: bool
    uses: int
    certificate: bytes
    ca_certificate: bytes
    phones: bytes
    is_fresh: bool


Card = Mapping[Slot, SlotSeen]
_Read = Callable[[Any], bytes]  # from the machine's inspector in Java


@dataclass(frozen=True, slots=True)
class Eye:
    """Where everything is."""

    parts: Mapping[Slot, Mapping[str, _Read]]

    @classmethod
    def of(cls, jpki: JpkiCard) -> Self:
        """On a card whose applet is selected, or a copy of it."""
        applet = applet_object(jpki.card.simulated)
        return cls({slot: dict(_parts(applet.field(slot.name.lower()))) for slot in Slot})

    def __call__(self, jpki: JpkiCard) -> Card:
        """Look at a card."""
        java = machine_of(jpki.card.simulated.runtime).inspector()
        return {slot: _seen({name: read(java) for name, read in self.parts[slot].items()}) for slot in Slot}


def _seen(raw: Mapping[str, bytes]) -> SlotSeen:
    state = _state(raw["pin state"])
    return SlotSeen(
        pin_state=state,
        pin=raw["pin"] if state in _SET else b"",
        tries=raw["tries"][-1],
        is_verified=bool(raw["flags"][0]) and state == _ACTIVE and _state(raw["verified"]) == _VERIFIED,
        is_permitted=state == _INITIAL and _state(raw["permitted"]) == _PERMITTED,
        has_key=_state(raw["key state"]) == _PRESENT,
        uses=int.from_bytes(raw["uses"][:4], "big"),
        certificate=raw["certificate"],
        ca_certificate=raw["caCertificate"],
        phones=raw["phones"],
        is_fresh=_state(raw["fresh"]) == _FRESH,
    )


def _state(cells: bytes) -> int:
    """Of a Twin: value and complement."""
    value, complement = int.from_bytes(cells[:2], "big"), int.from_bytes(cells[2:4], "big")
    return value if value ^ complement == 0xFFFF else _NEITHER


def _parts(slot: MachineObject) -> Mapping[str, _Read]:
    pin, devices = slot.field("pin"), slot.field("deviceKeys")
    owner = pin.target("value")
    return {
        "pin state": _twin(pin, "state"),
        "pin": _array(owner.target("value")),
        "tries": _part(owner.reference, _CELL * _TRIES_CELL, _CELL),
        "flags": _through(owner.reference, _CELL * _FLAGS_CELL),
        "verified": _twin(pin, "verified"),
        "permitted": _twin(pin, "permitted"),
        "key state": _twin(slot, "state"),
        "uses": _array(slot.field("uses").target("value")),
        "certificate": _certificate(slot.field("certificate")),
        "caCertificate": _certificate(slot.field("caCertificate")),
        "phones": _phones(devices) if devices else _nothing,
        "fresh": _twin(devices, "challenge") if devices else _nothing,
    }


def _twin(owner: MachineObject, name: str) -> _Read:
    return _array(owner.target(name).target("cells"))


def _phones(devices: MachineObject) -> _Read:
    """Registrations, and which key objects are in use."""
    marks = [_array(one.target("cells")) for one in devices.field("registered")]
    keys = _array(devices.target("keys"))
    return lambda java: bytes(_state(mark(java)) == _REGISTERED for mark in marks) + keys(java)


def _nothing(_: Any) -> bytes:
    return b"\0"


def _array(array: MachineObject) -> _Read:
    return lambda java: bytes(java.content(array.reference))


def _part(reference: int, start: int, length: int) -> _Read:
    return lambda java: bytes(java.content(reference))[start : start + length]


def _cell(owner: MachineObject, name: str) -> _Read:
    return _part(owner.reference, owner.place(name) - owner.address, _CELL)


def _through(reference: int, start: int) -> _Read:
    """The array that a cell refers to."""
    cell = _part(reference, start, _CELL)
    return lambda java: bytes(java.content(int.from_bytes(cell(java), "big")))


def _certificate(file: MachineObject) -> _Read:
    """As much of the content as its length says."""
    length = _twin(file, "length")
    content = _through(file.reference, file.place("content") - file.address)
    return lambda java: content(java)[: int.from_bytes(length(java)[:2], "big")]
