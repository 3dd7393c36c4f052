"""Scenes of the commands that come in clear: the user's, the phone's, and selection."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cardlab.globalplatform.constants import ISD_AID
from cardlab.iso7816.apdu import CommandApdu
from cardlab.transport import exchange
from jpki.client.constants import EF, DeviceMethod, Slot
from jpki.client.user import proof_message
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.heap import put_uses
from tests.jpki.applet.tearing.scenes import Prepare, Scene, Work, World, counted, old_or_new, used
from tests.jpki.applet.tearing.views import HASH
from tests.jpki.applet.tearing.worlds import NEW_PINS, PHONES, PINS, TEMPORARY, WRONG_PINS

SIGNING, AUTHENTICATION = Slot
_CARRIES = (0xFE, 0xFF, 0xFFFF, 0xFFFFFF)  # signature counters before a use: none, one, two, three bytes are carried


def user_scenes() -> Iterator[Scene]:
    """All of them."""
    yield from _selections()
    yield from _readings()
    for slot in Slot:
        yield from _pins(slot)
        yield from _signatures(slot)
    yield from _phones()


def _sent(cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None) -> Prepare:
    """A command in clear, nothing before it."""
    return lambda jpki: lambda: jpki.send(cla, ins, p1, p2, data, le)


def _after(first: Callable[[JpkiCard], object], then: Callable[[JpkiCard], object]) -> Prepare:
    """One thing, and then the command."""

    def prepare(jpki: JpkiCard) -> Work:
        first(jpki)
        return lambda: then(jpki)

    return prepare


def _selections() -> Iterator[Scene]:
    """But for a selection that finishes an erasure: that is the recovery of every scene in which a slot is erased."""

    def verified(jpki: JpkiCard) -> None:
        for slot in Slot:
            jpki.client.verify(slot, PINS[slot])

    other = CommandApdu(0x00, 0xA4, 0x04, 0x00, ISD_AID, 256)
    reset = _after(lambda jpki: jpki.card.reset(), lambda jpki: jpki.client.select())
    yield Scene("SELECT application", "after a reset", World.USED, reset, old_or_new)
    again = _after(verified, lambda jpki: jpki.client.select())
    yield Scene("SELECT application", "again, PINs verified", World.USED, again, old_or_new)
    away = _after(verified, lambda jpki: exchange(jpki.card, other))
    yield Scene("SELECT application", "another one, PINs verified", World.USED, away, old_or_new)


def _readings() -> Iterator[Scene]:
    """Commands that only read: they have no persistent write, which is shown."""
    for command, prepare in (
        ("SELECT EF", _sent(0x00, 0xA4, 0x02, 0x0C, b"\0\x0b")),
        ("READ BINARY", _sent(0x00, 0xB0, 0x80 | EF.SIGNING_CA_CERTIFICATE.short, 0, le=256)),
        ("VERIFY without data", _sent(0x00, 0x20, 0, 0x9B)),
        ("GET CHALLENGE", _sent(0x00, 0x84, 0, 0, le=32)),
        ("GET SIGNED ATTRIBUTES", _sent(0x80, 0xCA, 0x01, 0xA0, le=256)),
        ("an unknown instruction", _sent(0x80, 0x00, 0, 0)),
    ):
        yield Scene(command, "in use", World.USED, prepare, old_or_new)


def _pins(slot: Slot) -> Iterator[Scene]:
    where = slot.name.lower()

    def wrong_tries(count: int) -> Callable[[JpkiCard], None]:
        def spend(jpki: JpkiCard) -> None:
            for _ in range(count):
                jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, WRONG_PINS[slot])

        return spend

    def verify(pin: bytes) -> Callable[[JpkiCard], object]:
        return lambda jpki: jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, pin)

    def change(pin: bytes) -> Callable[[JpkiCard], object]:
        return lambda jpki: jpki.sw(0x00, 0x24, 0x01, slot.pin_reference, pin)

    def settable(jpki: JpkiCard) -> None:
        jpki.tsm().set_pin(slot, TEMPORARY[slot])

    def permitted(jpki: JpkiCard) -> None:
        settable(jpki)
        jpki.client.verify(slot, TEMPORARY[slot])

    most, may = slot.tries, counted(slot)
    for state, spent, pin in (
        ("right, all tries", 0, PINS[slot]),
        ("right, the last try", most - 1, PINS[slot]),
        ("right, blocked", most, PINS[slot]),
        ("wrong, all tries", 0, WRONG_PINS[slot]),
        ("wrong, the last try", most - 1, WRONG_PINS[slot]),
    ):
        yield Scene("VERIFY", f"{where}: {state}", World.USED, _after(wrong_tries(spent), verify(pin)), may)
    verified = _after(verify(PINS[slot]), verify(PINS[slot]))
    yield Scene("VERIFY", f"{where}: right, verified already", World.USED, verified, may)
    unverified = _after(verify(PINS[slot]), verify(WRONG_PINS[slot]))
    yield Scene("VERIFY", f"{where}: wrong, verified before", World.USED, unverified, may)
    for state, pin in (("the temporary one", TEMPORARY[slot]), ("wrong for the temporary one", WRONG_PINS[slot])):
        yield Scene("VERIFY", f"{where}: {state}", World.BLANK, _after(settable, verify(pin)), may)
    changed = _after(verify(PINS[slot]), change(NEW_PINS[slot]))
    yield Scene("CHANGE PIN", f"{where}: verified", World.USED, changed, may)
    first = _after(permitted, change(PINS[slot]))
    yield Scene("CHANGE PIN", f"{where}: the first, after the temporary one", World.BLANK, first, may)
    refused = _after(lambda jpki: None, change(NEW_PINS[slot]))
    yield Scene("CHANGE PIN", f"{where}: not verified", World.USED, refused, may)


def _signatures(slot: Slot) -> Iterator[Scene]:
    where = slot.name.lower()

    def verified(before: int) -> Callable[[JpkiCard], None]:
        def prepare(jpki: JpkiCard) -> None:
            put_uses(jpki.card.simulated, where, before)
            jpki.client.verify(slot, PINS[slot])

        return prepare

    def plain(jpki: JpkiCard) -> object:
        return jpki.sw(0x80, 0x2A, 0x02, slot.key_reference, HASH, 256)

    def with_indicator(jpki: JpkiCard) -> object:
        return jpki.sw(0x80, 0x2E, 0x00, slot.key_reference, HASH, 256)

    for before in _CARRIES:
        yield Scene("SIGN", f"{where}: use {before:X} before", World.USED, _after(verified(before), plain), used(slot))
    indicator = _after(verified(0xFF), with_indicator)
    yield Scene("SIGN WITH INDICATOR", f"{where}: by PIN", World.USED, indicator, used(slot))
    if slot is AUTHENTICATION:
        yield Scene("SIGN WITH INDICATOR", f"{where}: by a phone's proof", World.USED, _proved, used(slot))


def _proved(jpki: JpkiCard) -> Work:
    put_uses(jpki.card.simulated, "authentication", 0xFF)
    proof = PHONES[0].prove(proof_message(jpki.client.challenge(), HASH, DeviceMethod.BIOMETRIC))
    return lambda: jpki.sw(0x80, 0x2E, DeviceMethod.BIOMETRIC, 0x97, HASH + proof, 256)


def _phones() -> Iterator[Scene]:
    def verified(jpki: JpkiCard) -> None:
        jpki.client.verify(AUTHENTICATION, PINS[AUTHENTICATION])

    def removed(jpki: JpkiCard) -> None:
        verified(jpki)
        jpki.client.remove_device_key(DeviceMethod.BIOMETRIC)

    def register(jpki: JpkiCard) -> object:
        return jpki.sw(0x80, 0xDA, 0x00, DeviceMethod.BIOMETRIC, PHONES[2].point)

    def remove(jpki: JpkiCard) -> object:
        return jpki.sw(0x80, 0xE4, 0x00, DeviceMethod.BIOMETRIC)

    for state, first, then in (("the first", removed, register), ("in the place of another", verified, register)):
        scene = Scene("REGISTER DEVICE KEY", state, World.USED, _after(first, then), old_or_new)
        yield scene
    wrong = _after(verified, lambda jpki: jpki.sw(0x80, 0xDA, 0x00, DeviceMethod.BIOMETRIC, b"\x04" + bytes(64)))
    yield Scene("REGISTER DEVICE KEY", "a point that is none", World.USED, wrong, old_or_new)
    yield Scene("REMOVE DEVICE KEY", "one of two", World.USED, _after(verified, remove), old_or_new)
