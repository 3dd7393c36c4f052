"""Scenes of the TSM's commands, which come through the applet's secure channel."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.iso7816.apdu import CommandApdu
from cardlab.transport import exchange
from jpki.client import commands
from jpki.client.constants import EF, Slot
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.tearing.scenes import Prepare, Scene, Work, World, old_or_new
from tests.jpki.applet.tearing.secured import cut_off, nothing, secured
from tests.jpki.applet.tearing.worlds import NEW_CERTIFICATE, PINS, TEMPORARY, WRONG_PINS


def tsm_scenes() -> Iterator[Scene]:
    """All of them."""
    yield from _readings()
    yield from _pins()
    yield from _certificates()
    yield from _deletions()
    yield from _keys()


def _readings() -> Iterator[Scene]:
    """Commands that have no persistent write, which is shown."""
    initialize = CommandApdu(0x80, 0x50, 0, 0, bytes(8), 256)
    yield Scene(
        "INITIALIZE UPDATE", "in use", World.USED, lambda jpki: lambda: exchange(jpki.card, initialize), old_or_new
    )
    yield Scene("EXTERNAL AUTHENTICATE", "in use", World.USED, _authenticating, old_or_new)
    yield Scene("GET STATUS", "in use", World.USED, secured(commands.get_status()), old_or_new)
    half = commands.read_public_key(Slot.SIGNING, 1)
    yield Scene("READ PUBLIC KEY", "in use", World.USED, secured(half), old_or_new)


def _authenticating(jpki: JpkiCard) -> Work:
    """The whole opening of a channel: its second command is the last that is sent."""
    return lambda: jpki.channel()


def _pins() -> Iterator[Scene]:
    for slot in Slot:
        where = slot.name.lower()

        def verified(jpki: JpkiCard, slot: Slot = slot) -> None:
            jpki.client.verify(slot, PINS[slot])

        def settable(jpki: JpkiCard, slot: Slot = slot) -> None:
            jpki.tsm().set_pin(slot, TEMPORARY[slot])

        def blocked(jpki: JpkiCard, slot: Slot = slot) -> None:
            for _ in range(slot.tries):
                jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, WRONG_PINS[slot])

        temporary, pin = commands.set_pin(slot, TEMPORARY[slot]), commands.set_pin(slot, PINS[slot])
        yield Scene("SET PIN", f"{where}: the temporary one", World.BLANK, secured(temporary), old_or_new)
        yield Scene("SET PIN", f"{where}: a plastic card's", World.PLASTIC, secured(pin), old_or_new)
        yield Scene("SET PIN", f"{where}: is set already", World.USED, secured(temporary), old_or_new)
        reset = commands.reset_pin(slot)
        for state, first in (("active", nothing), ("verified", verified), ("blocked", blocked)):
            yield Scene("RESET PIN", f"{where}: {state}", World.USED, secured(reset, first), old_or_new)
        yield Scene("RESET PIN", f"{where}: settable", World.BLANK, secured(reset, settable), old_or_new)


def _certificates() -> Iterator[Scene]:
    one_block = b"\x30\x81\x90" + NEW_CERTIFICATE[4 : 4 + 0x90]
    for file, name in (
        (EF.AUTHENTICATION_CERTIFICATE, "authentication certificate"),
        (EF.SIGNING_CERTIFICATE, "signing certificate"),
        (EF.AUTHENTICATION_CA_CERTIFICATE, "authentication CA certificate"),
        (EF.SIGNING_CA_CERTIFICATE, "signing CA certificate"),
    ):
        yield Scene(
            "STORE CERTIFICATE",
            f"{name}: one block, replaces",
            World.USED,
            _block(file, one_block, 0),
            old_or_new,
        )
    ca, holder = EF.AUTHENTICATION_CA_CERTIFICATE, EF.AUTHENTICATION_CERTIFICATE
    for number, which in enumerate(("first", "second", "third", "last")):
        scene = f"authentication certificate: {which} of four blocks, replaces"
        yield Scene("STORE CERTIFICATE", scene, World.USED, _block(holder, NEW_CERTIFICATE, number), old_or_new)
    yield Scene(
        "STORE CERTIFICATE", "CA certificate: the first there", World.BLANK, _block(ca, one_block, 0), old_or_new
    )
    wrong = b"\x31" + one_block[1:]
    yield Scene("STORE CERTIFICATE", "no certificate at all", World.USED, _block(ca, wrong, 0), old_or_new)


def _block(file: EF, content: bytes, number: int) -> Prepare:
    """A block of a chain; those before it were sent."""

    def prepare(jpki: JpkiCard) -> Work:
        channel = jpki.channel()
        blocks = commands.store_certificate(file, content, max_data=channel.max_data)
        for block in blocks[:number]:
            exchange(channel, block)
        return lambda: exchange(channel, blocks[number])

    return prepare


def _deletions() -> Iterator[Scene]:
    for slot in Slot:
        where, delete = slot.name.lower(), commands.delete_slot(slot)
        yield Scene("DELETE SLOT", f"{where}: in use", World.USED, secured(delete), old_or_new)
        yield Scene("DELETE SLOT", f"{where}: empty", World.BLANK, secured(delete), old_or_new)


def _keys() -> Iterator[Scene]:
    slot = Slot.AUTHENTICATION
    issue, renew = commands.generate_key_pair(slot), commands.generate_key_pair(slot, renew=True)

    def active(jpki: JpkiCard) -> None:
        jpki.activate_pin(slot, PINS[slot])

    unfinished = cut_off(renew, 2000)  # before the new key is there
    yield Scene("GENERATE KEY PAIR", "for a new holder, empty slot", World.BLANK, secured(issue), old_or_new)
    yield Scene("GENERATE KEY PAIR", "for a new holder, PIN active", World.BLANK, secured(issue, active), old_or_new)
    yield Scene("GENERATE KEY PAIR", "for a new holder, slot in use", World.USED, secured(issue), old_or_new)
    yield Scene("GENERATE KEY PAIR", "renewal", World.USED, secured(renew), old_or_new)
    yield Scene(
        "GENERATE KEY PAIR",
        "renewal after one that was cut off",
        World.USED,
        secured(renew, unfinished),
        old_or_new,
    )
    yield Scene("GENERATE KEY PAIR", "renewal of nothing", World.BLANK, secured(renew), old_or_new)
