"""Commands in states in which the applet has to refuse them, beside those that the scenes of torn writes have."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu
from cardlab.runtime.interface import Media
from cardlab.transport import exchange
from jpki.client import commands
from jpki.client.constants import EF, DeviceMethod, Slot
from jpki.client.user import proof_message
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.tearing.scenes import Prepare, Scene, Work, World, old_or_new
from tests.jpki.applet.tearing.secured import secured
from tests.jpki.applet.tearing.views import HASH
from tests.jpki.applet.tearing.worlds import NEW_CERTIFICATE, NEW_PINS, PHONES, PINS, TEMPORARY, WRONG_PINS

_SECURED = 0x84  # CLA of the TSM's commands
_MAC_LENGTH = 8


def refused_scenes() -> Iterator[Scene]:
    """All of them."""
    for slot in Slot:
        yield from _without_pin(slot)
        yield from _of_another_kind(slot)
    yield from _proofs()
    yield from _phones()
    yield from _without_channel()


def _scene(command: str, state: str, prepare: Prepare, world: World = World.USED) -> Scene:
    return Scene(command, state, world, prepare, old_or_new)


def _sent(cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None) -> Prepare:
    return lambda jpki: lambda: jpki.sw(cla, ins, p1, p2, data, le)


def _without_pin(slot: Slot) -> Iterator[Scene]:
    where = slot.name.lower()
    yield _scene("SIGN", f"{where}: not verified", _sent(0x80, 0x2A, 0x02, slot.key_reference, HASH, 256))
    by_pin = _sent(0x80, 0x2E, 0x00, slot.key_reference, HASH, 256)
    yield _scene("SIGN WITH INDICATOR", f"{where}: by PIN, not verified", by_pin)
    yield _scene(
        "READ BINARY", f"{where} certificate: not verified", _sent(0, 0xB0, 0x80 | slot.certificate.short, 0, le=256)
    )
    first = _sent(0x00, 0x24, 0x01, slot.pin_reference, NEW_PINS[slot])
    yield _scene("CHANGE PIN", f"{where}: the first, without the temporary one", first, World.BLANK)


def _of_another_kind(slot: Slot) -> Iterator[Scene]:
    """New PINs of a length or with characters that the slot's do not have, by who may set one."""
    where, shortest = slot.name.lower(), {Slot.SIGNING: 6, Slot.AUTHENTICATION: 4}[slot]
    for state, pin in (
        ("too short", NEW_PINS[slot][: shortest - 1]),
        ("too long", TEMPORARY[slot] + b"0"),
        ("other characters", NEW_PINS[slot][: shortest - 1] + b"a"),
    ):
        changed = _sent(0x00, 0x24, 0x01, slot.pin_reference, pin)
        yield _scene("CHANGE PIN", f"{where}: {state}, verified", _verified(changed, slot=slot))
        yield _scene("SET PIN", f"{where}: {state}", secured(commands.set_pin(slot, pin)), World.BLANK)


def _proofs() -> Iterator[Scene]:
    def with_proof(method: DeviceMethod, proof_of: Callable[[JpkiCard], bytes]) -> Prepare:
        def prepare(jpki: JpkiCard) -> Work:
            proof = proof_of(jpki)
            return lambda: jpki.sw(0x80, 0x2E, method, Slot.AUTHENTICATION.key_reference, HASH + proof, 256)

        return prepare

    def fresh(phone: int, method: DeviceMethod = DeviceMethod.BIOMETRIC) -> Callable[[JpkiCard], bytes]:
        return lambda jpki: PHONES[phone].prove(proof_message(jpki.client.challenge(), HASH, method))

    def blocked(jpki: JpkiCard) -> bytes:
        slot = Slot.AUTHENTICATION
        for _ in range(slot.tries):
            jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, WRONG_PINS[slot])
        return fresh(0)(jpki)

    def stale(jpki: JpkiCard) -> bytes:
        return PHONES[0].prove(proof_message(bytes(32), HASH, DeviceMethod.BIOMETRIC))

    yield _scene("SIGN WITH INDICATOR", "proof by an unknown phone", with_proof(DeviceMethod.BIOMETRIC, fresh(2)))
    yield _scene("SIGN WITH INDICATOR", "proof by the other method's key", with_proof(DeviceMethod.BIOMETRIC, fresh(1)))
    yield _scene("SIGN WITH INDICATOR", "proof without a challenge", with_proof(DeviceMethod.BIOMETRIC, stale))
    said = fresh(0, DeviceMethod.LOCK_SCREEN)
    yield _scene("SIGN WITH INDICATOR", "proof for the other method", with_proof(DeviceMethod.BIOMETRIC, said))
    yield _scene("SIGN WITH INDICATOR", "proof, PIN blocked", with_proof(DeviceMethod.BIOMETRIC, blocked))


def _phones() -> Iterator[Scene]:
    register = _sent(0x80, 0xDA, 0x00, DeviceMethod.BIOMETRIC, PHONES[2].point)
    yield _scene("REGISTER DEVICE KEY", "not verified", register)
    yield _scene("REMOVE DEVICE KEY", "not verified", _sent(0x80, 0xE4, 0x00, DeviceMethod.BIOMETRIC))
    twice = _sent(0x80, 0xDA, 0x00, DeviceMethod.BIOMETRIC, PHONES[1].point)
    yield _scene("REGISTER DEVICE KEY", "the other method's key", _verified(twice))
    yield _scene("REGISTER DEVICE KEY", "contactless", _verified(register, Media.CONTACTLESS_TYPE_A))
    changed = _sent(0x00, 0x24, 0x01, Slot.AUTHENTICATION.pin_reference, NEW_PINS[Slot.AUTHENTICATION])
    yield _scene("CHANGE PIN", "contactless", _verified(changed, Media.CONTACTLESS_TYPE_A))


def _verified(then: Prepare, media: Media | None = None, slot: Slot = Slot.AUTHENTICATION) -> Prepare:
    """The slot's PIN is verified, over another interface when one is named."""

    def prepare(jpki: JpkiCard) -> Work:
        if media is not None:
            jpki.reset(media)
        jpki.client.verify(slot, PINS[slot])
        return then(jpki)

    return prepare


def _without_channel() -> Iterator[Scene]:
    slot = Slot.AUTHENTICATION
    block = commands.store_certificate(EF.AUTHENTICATION_CA_CERTIFICATE, NEW_CERTIFICATE[:200], max_data=220)[0]
    for name, command, world in (
        ("SET PIN", commands.set_pin(slot, TEMPORARY[slot]), World.BLANK),
        ("RESET PIN", commands.reset_pin(slot), World.USED),
        ("DELETE SLOT", commands.delete_slot(slot), World.USED),
        ("STORE CERTIFICATE", block, World.USED),
        ("GENERATE KEY PAIR", commands.generate_key_pair(slot, renew=True), World.USED),
        ("GET STATUS", commands.get_status(), World.USED),
    ):
        yield _scene(name, "without a channel", _in_clear(command), world)
        yield _scene(name, "without a channel, secured class", _in_clear(command, _SECURED), world)
    yield _scene("RESET PIN", "with a wrong MAC", _forged(commands.reset_pin(slot)))
    yield _scene("DELETE SLOT", "with a wrong MAC", _forged(commands.delete_slot(slot)))
    for name, command, world in (
        ("SET PIN", commands.set_pin(slot, TEMPORARY[slot]), World.BLANK),
        ("RESET PIN", commands.reset_pin(slot), World.USED),
        ("DELETE SLOT", commands.delete_slot(slot), World.USED),
    ):
        yield _scene(name, "in a session without encryption", _without_encryption(command), world)


def _forged(command: CommandApdu) -> Prepare:
    """In an open session, by somebody who does not know its keys."""
    forged = CommandApdu(_SECURED, command.ins, command.p1, command.p2, command.data + bytes(_MAC_LENGTH), command.le)

    def prepare(jpki: JpkiCard) -> Work:
        jpki.channel()
        return lambda: exchange(jpki.card, forged)

    return prepare


def _without_encryption(command: CommandApdu) -> Prepare:
    """By the TSM, in a session of a level too low."""

    def prepare(jpki: JpkiCard) -> Work:
        channel = jpki.channel(SecurityLevel.C_MAC)
        return lambda: exchange(channel, command)

    return prepare


def _in_clear(command: CommandApdu, cla: int = 0x80) -> Prepare:
    plain = CommandApdu(cla, command.ins, command.p1, command.p2, command.data, command.le)
    return lambda jpki: lambda: exchange(jpki.card, plain)
