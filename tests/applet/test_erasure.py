"""What is erased is overwritten, not only out of reach: a look into the heap of the simulated card (A4, A5, B2)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from harness.apdu import CommandApdu
from harness.errors import TransportError
from harness.jpki.constants import DeviceMethod, Slot
from harness.jpki.personalisation import JpkiPersonalisation
from harness.scp03 import SecurityLevel
from harness.status import UnexpectedStatusError
from harness.transport import exchange
from tests.applet.cards import PINS, TEMPORARY, Device, JpkiCard
from tests.applet.conftest import Image
from tests.applet.heap import applet_object, field_of

pytestmark = pytest.mark.needs("inside")

SLOTS = list(Slot)
AUTH = Slot.AUTHENTICATION
CHAIN = bytes.fromhex("00020800") + b"\x30\x82\x07\xfc" + b"C" * 200  # the first block of a certificate that never ends
Act = Callable[[JpkiPersonalisation, Slot], object]
ERASING: dict[str, Act] = {
    "deleted": lambda tsm, slot: tsm.delete_slot(slot),
    "issued again": lambda tsm, slot: tsm.generate_key_pair(slot),
}


def content(array: Any) -> bytes:
    """A byte array of the card."""
    return bytes(byte & 0xFF for byte in array)


class Slots:
    """The fields of the applet's slots, by name."""

    def __init__(self, jpki: JpkiCard) -> None:
        self._applet = applet_object(jpki.card.simulated)

    def file(self, slot: Slot, name: str) -> bytes:
        """The buffer of a certificate file."""
        return content(field_of(field_of(self.slot(slot), name), "content"))

    def staging(self) -> bytes:
        """The buffer in which certificates arrive."""
        return content(field_of(field_of(self._applet, "loader"), "staging"))

    def pin(self, slot: Slot) -> bytes:
        """The value that the slot's PIN is compared with."""
        return content(field_of(field_of(field_of(self.slot(slot), "pin"), "value"), "value"))

    def has_private_key(self, slot: Slot) -> bool:
        """Whether any component of the private key is there."""
        return bool(field_of(self.slot(slot), "keyPair").getPrivate().isInitialized())

    def device_keys(self) -> list[bool]:
        """Which of the three key objects hold a key: biometric, lock screen, spare."""
        return [bool(key.isInitialized()) for key in field_of(field_of(self.slot(AUTH), "deviceKeys"), "keys")]

    def slot(self, slot: Slot) -> Any:
        """The Java object of a slot."""
        return field_of(self._applet, slot.name.lower())


def fill(jpki: JpkiCard) -> JpkiPersonalisation:
    """Device keys, a registration that was replaced, half a certificate in the staging buffer; a TSM's session open."""
    jpki.verify(AUTH)
    for number in (1, 2):
        jpki.client.register_device_key(DeviceMethod.BIOMETRIC, Device.create(number).point)
    return jpki.tsm()


def require_erased(slots: Slots, slot: Slot, *, key: bool) -> None:
    for name in ("certificate", "caCertificate"):
        assert not any(slots.file(slot, name)), name
    assert PINS[slot] not in slots.pin(slot)
    assert any(slots.pin(slot)), "another value, not none"
    assert slots.has_private_key(slot) is key
    if slot is AUTH:
        assert slots.device_keys() == [False] * 3


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("how", ERASING)
def test_nothing_of_an_erased_slot_is_left(jpki: JpkiCard, slot: Slot, how: str) -> None:
    tsm = fill(jpki)
    before = Slots(jpki)
    assert before.file(slot, "certificate").rstrip(b"\0") and before.pin(slot).startswith(PINS[slot])
    assert before.device_keys() == [True, False, False], "the key that was replaced is gone at once"
    ERASING[how](tsm, slot)
    slots = Slots(jpki)
    require_erased(slots, slot, key=how == "issued again")
    assert not any(slots.staging())
    for other in set(SLOTS) - {slot}:
        assert slots.pin(other).startswith(PINS[other])
        assert slots.has_private_key(other)
        assert slots.file(other, "certificate").rstrip(b"\0")


@pytest.mark.parametrize("slot", SLOTS)
def test_a_stored_certificate_leaves_nothing_in_the_staging_buffer(jpki: JpkiCard, slot: Slot) -> None:
    jpki.tsm().store_certificate(slot.certificate, b"\x30\x82\x01\x00" + b"N" * 256)
    slots = Slots(jpki)
    assert not any(slots.staging())
    assert slots.file(slot, "certificate").rstrip(b"\0") == b"\x30\x82\x01\x00" + b"N" * 256


@pytest.mark.parametrize("how", ERASING)
def test_half_a_certificate_goes_with_any_slot(jpki: JpkiCard, how: str) -> None:
    channel = jpki.channel()
    assert exchange(channel, CommandApdu(0x80, 0xE2, 0x00, 0x00, CHAIN)).ok
    assert b"CCC" in Slots(jpki).staging()
    ERASING[how](JpkiPersonalisation(channel), AUTH)
    assert not any(Slots(jpki).staging())


@pytest.mark.needs("power_cut")
@pytest.mark.parametrize("how", ERASING)
def test_what_a_power_cut_left_is_overwritten_at_the_next_selection(phone_image: Image, how: str) -> None:
    """A cut between the transaction and the overwriting: the next selection makes it good."""
    left = 0
    for opportunity in range(1, 40):
        with phone_image.open() as jpki:
            tsm, slots = fill(jpki), Slots(jpki)
            jpki.card.cut_power_at(opportunity)
            try:
                ERASING[how](tsm, AUTH)
            except TransportError:
                unclean = any(slots.file(AUTH, "certificate")) and field_of(slots.slot(AUTH), "unclean")
                jpki.reset()
                left += bool(unclean)
                if unclean:
                    require_erased(Slots(jpki), AUTH, key=False)
                continue
            break
    assert left, "no cut came between the transaction and the overwriting"


PIN_COMMANDS = {
    "right": (0x20, 0x00, 0x9B, b"PASSWORD1"),
    "wrong": (0x20, 0x00, 0x9B, b"PASSWORD2"),
    "too long": (0x20, 0x00, 0x9B, b"PASSWORD1PASSWORD1"),
    "wrong P1": (0x20, 0x01, 0x9B, b"PASSWORD1"),
    "wrong reference": (0x20, 0x00, 0x9C, b"PASSWORD1"),
    "nothing selected": (0x20, 0x00, 0x80, b"PASSWORD1"),
    "changed": (0x24, 0x01, 0x9B, b"PASSWORD3"),
    "change, wrong P1": (0x24, 0x00, 0x9B, b"PASSWORD1PASSWORD3"),
    "change, wrong characters": (0x24, 0x01, 0x9B, b"PASSWORd3"),
    "change, wrong length": (0x24, 0x01, 0x9B, b"PASSWORD1PASSWORD3"),
}


def apdu_buffer(jpki: JpkiCard) -> bytes:
    """What the last command left in the APDU buffer; the card clears it before the next one."""
    runtime: Any = jpki.card.simulated._runtime
    return content(field_of(field_of(runtime._card, "apdu"), "buffer"))


@pytest.mark.parametrize("extended", [False, True], ids=["short", "extended"])
@pytest.mark.parametrize("name", PIN_COMMANDS)
def test_no_pin_stays_in_the_apdu_buffer(jpki: JpkiCard, name: str, extended: bool) -> None:
    """B2: whatever becomes of the command."""
    jpki.verify(Slot.SIGNING)
    ins, p1, p2, data = PIN_COMMANDS[name]
    jpki.send(0x00, ins, p1, p2, data, extended=extended)
    assert b"PASSWOR" not in apdu_buffer(jpki)


@pytest.mark.parametrize("set_before", [False, True], ids=["set", "refused"])
def test_no_temporary_pin_stays_in_the_apdu_buffer(blank: JpkiCard, set_before: bool) -> None:
    tsm = blank.tsm()
    if set_before:
        tsm.set_pin(Slot.SIGNING, TEMPORARY[Slot.SIGNING])
    for pin in (TEMPORARY[Slot.SIGNING], b"TEMP", b"TEMPtemp"):
        with suppress(UnexpectedStatusError):
            tsm.set_pin(Slot.SIGNING, pin)
        assert b"TEMP" not in apdu_buffer(blank)


@pytest.mark.parametrize(("p1", "p2", "level"), [(0x04, 0x9B, 0x33), (0x02, 0x9C, 0x33), (0x02, 0x9B, 0x01)])
def test_no_refused_temporary_pin_stays_in_the_apdu_buffer(blank: JpkiCard, p1: int, p2: int, level: int) -> None:
    """It was decrypted before P1, P2 or the session's level was looked at."""
    channel = blank.channel(SecurityLevel(level))
    assert not exchange(channel, CommandApdu(0x80, 0x2C, p1, p2, TEMPORARY[Slot.SIGNING])).ok
    assert b"TEMP" not in apdu_buffer(blank)
