"""Torn at every opportunity in commands that write: what is left is one that docs/reference/applet.md names.

What an opportunity is depends on the runtime (docs/reference/runtime.md): on the virtual machine, every persistent
write of the command; on jCardSim, the moment before a transaction begins, before and after its commit takes effect,
after a PIN was counted and before it is compared, and around or within a copy outside transactions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.errors import TransportError
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.lab.capability import Capability
from cardlab.runtime.observer import Event, EventKind
from cardlab.transport import exchange
from jpki.client.commands import rsa_key
from jpki.client.constants import EF, DeviceMethod, PinState, Slot
from jpki.client.errors import WrongPinError
from jpki.client.personalisation import AppletStatus, JpkiPersonalisation, SlotStatus
from jpki.client.user import proof_message
from tests.jpki.applet.cards import (
    CA_CERTIFICATES,
    CERTIFICATES,
    PINS,
    TEMPORARY,
    WRONG,
    Device,
    JpkiCard,
)
from tests.jpki.applet.conftest import Image
from tests.jpki.applet.heap import put_uses
from tests.jpki.applet.tears import MOST, Step, torn, torn_around

pytestmark = pytest.mark.needs("power_cut")

SLOTS = list(Slot)
HASH = hashlib.sha256(b"text").digest()
NEW_PINS = {Slot.SIGNING: b"NEWPASSWORD", Slot.AUTHENTICATION: b"9999"}
GENERATED = [Slot.AUTHENTICATION]  # key generation takes time; this slot has more to lose than the other
UNTIL_A_WRITE = frozenset((EventKind.INSTRUCTION, EventKind.PERSISTENT_WRITE))
EMPTY = SlotStatus(False, 0, 0, PinState.INITIAL, 0, 0, frozenset())


def pin_works(jpki: JpkiCard, slot: Slot, pin: bytes) -> bool:
    return jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, pin) == SW.OK


def signature_works(jpki: JpkiCard, slot: Slot) -> bool:
    """Whether the slot's key signs, and its public key is the one that goes with it; the PIN is verified."""
    key = rsa_key(jpki.tsm().public_key(slot))
    signature = jpki.client.sign_message(slot, b"text")
    key.verify(signature, b"text", padding.PKCS1v15(), SHA256())
    return True


# -- PINs -------------------------------------------------------------------------------------------------------------


def tries_after_tears(image: Image, slot: Slot, pin: bytes) -> list[int]:
    """Tries that are left after VERIFY lost power at its first, second, ... opportunity."""
    return [jpki.client.tries_left(slot) for jpki in torn(image, lambda jpki: lambda: jpki.client.verify(slot, pin))]


def until_a_write(image: Image, slot: Slot, pin: bytes) -> list[str]:
    """What the applet executes in VERIFY before persistent memory changes; nothing where no runtime tells it."""
    told: list[Event] = []
    with image.open() as jpki:
        card = jpki.card.simulated if Capability.INSIDE in jpki.card.capabilities else None
        if card is None or not card.backend.tells >= UNTIL_A_WRITE:
            return []
        card.runtime.observe(told.append, UNTIL_A_WRITE)
        with suppress(WrongPinError):
            jpki.client.verify(slot, pin)
        card.runtime.observe(None, ())
    first = [event.kind for event in told].index(EventKind.PERSISTENT_WRITE)
    assert first > 0
    return [event.what for event in told[:first]]


@pytest.mark.parametrize("slot", SLOTS)
def test_a_wrong_pin_counts_whenever_the_power_goes(phone_image: Image, slot: Slot) -> None:
    """B7: pulling the card out as soon as it may know the answer buys no further try.

    Until a try is counted, a right PIN and a wrong one do the same, instruction by instruction.
    """
    after_wrong, after_right = (tries_after_tears(phone_image, slot, pins[slot]) for pins in (WRONG, PINS))
    uncounted = after_wrong.count(slot.tries)
    assert after_wrong == [slot.tries] * uncounted + [slot.tries - 1] * (len(after_wrong) - uncounted)
    assert after_right[: uncounted + 1] == [slot.tries] * uncounted + [slot.tries - 1]
    assert uncounted <= 1, "only the write that counts can be what did not happen"
    assert until_a_write(phone_image, slot, WRONG[slot]) == until_a_write(phone_image, slot, PINS[slot])


@pytest.mark.parametrize("slot", SLOTS)
def test_tearing_again_and_again_blocks(phone_image: Image, slot: Slot) -> None:
    """Even the right PIN, at the first moment at which its try counts."""
    moment = 1 + tries_after_tears(phone_image, slot, PINS[slot]).index(slot.tries - 1)
    with phone_image.open() as jpki:
        for left in reversed(range(slot.tries)):
            jpki.card.cut_power_at(moment)
            with pytest.raises(TransportError):
                jpki.client.verify(slot, PINS[slot])
            jpki.reset()
            assert jpki.client.tries_left(slot) == left
        assert not pin_works(jpki, slot, PINS[slot])
        assert jpki.status().slots[slot].pin_state is PinState.BLOCKED


@pytest.mark.parametrize("slot", SLOTS)
def test_the_temporary_pin(blank_image: Image, slot: Slot) -> None:
    """Used up or not, the permission it gives is gone: the user's PIN cannot be set in a later session."""

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        jpki.tsm().set_pin(slot, TEMPORARY[slot])
        return lambda: jpki.client.verify(slot, TEMPORARY[slot])

    seen = set()
    for jpki in torn(blank_image, prepare):
        status = jpki.status().slots[slot]
        seen.add(status.pin_state)
        assert status in (EMPTY, replace(EMPTY, pin_state=PinState.SETTABLE, tries_left=status.tries_left))
        assert jpki.sw(0x00, 0x24, 0x01, slot.pin_reference, PINS[slot]) == SW.SECURITY_STATUS_NOT_SATISFIED
        assert pin_works(jpki, slot, TEMPORARY[slot]) is (status.pin_state is PinState.SETTABLE)
    assert seen == {PinState.INITIAL, PinState.SETTABLE}


@pytest.mark.parametrize("slot", SLOTS)
def test_a_change_is_made_or_not(phone_image: Image, slot: Slot) -> None:
    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        jpki.verify(slot)
        return lambda: jpki.client.change_pin(slot, NEW_PINS[slot])

    outcomes = set()
    for jpki in torn(phone_image, prepare):
        works = (pin_works(jpki, slot, PINS[slot]), pin_works(jpki, slot, NEW_PINS[slot]))
        assert works in ((True, False), (False, True))
        outcomes.add(works)
        assert jpki.status().slots[slot].pin_state is PinState.ACTIVE
    assert len(outcomes) == 2


@pytest.mark.parametrize("slot", SLOTS)
def test_the_first_change_is_made_or_not(blank_image: Image, slot: Slot) -> None:
    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        jpki.tsm().set_pin(slot, TEMPORARY[slot])
        jpki.client.verify(slot, TEMPORARY[slot])
        return lambda: jpki.client.change_pin(slot, PINS[slot])

    for jpki in torn(blank_image, prepare):
        state = jpki.status().slots[slot].pin_state
        assert state in (PinState.INITIAL, PinState.ACTIVE)
        assert pin_works(jpki, slot, PINS[slot]) is (state is PinState.ACTIVE)


@pytest.mark.parametrize("slot", SLOTS)
def test_setting_a_temporary_pin(blank_image: Image, slot: Slot) -> None:
    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        tsm = jpki.tsm()
        return lambda: tsm.set_pin(slot, TEMPORARY[slot])

    for jpki in torn(blank_image, prepare):
        state = jpki.status().slots[slot].pin_state
        assert state in (PinState.INITIAL, PinState.SETTABLE)
        assert pin_works(jpki, slot, TEMPORARY[slot]) is (state is PinState.SETTABLE)


@pytest.mark.parametrize("slot", SLOTS)
def test_resetting_a_pin(phone_image: Image, slot: Slot) -> None:
    """Either all of it, the device keys included, or nothing."""

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        jpki.verify(Slot.AUTHENTICATION)
        jpki.client.register_device_key(DeviceMethod.BIOMETRIC, Device.create().point)
        tsm = jpki.tsm()
        return lambda: tsm.reset_pin(slot)

    for jpki in torn(phone_image, prepare):
        status = jpki.status().slots[slot]
        reset = status.pin_state is PinState.INITIAL
        if slot is Slot.AUTHENTICATION:
            assert status.device_keys == (set() if reset else {DeviceMethod.BIOMETRIC})
        assert pin_works(jpki, slot, PINS[slot]) is not reset
        jpki.tsm().reset_pin(slot)
        jpki.activate_pin(slot, PINS[slot])


# -- keys -------------------------------------------------------------------------------------------------------------


def with_everything(jpki: JpkiCard, slot: Slot) -> JpkiPersonalisation:
    """Device keys registered, one signature made, a TSM's session open."""
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, Device.create().point)
    jpki.verify(slot)
    jpki.client.sign_hash(slot, HASH)
    return jpki.tsm()


@pytest.mark.parametrize("slot", GENERATED)
def test_issuing_again_leaves_the_old_slot_or_the_new_one(phone_image: Image, slot: Slot) -> None:
    """The new key is made beside the old one: a card that is full, or loses power, has lost nothing."""

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        tsm = with_everything(jpki, slot)
        return lambda: tsm.generate_key_pair(slot)

    seen = []
    with phone_image.open() as jpki:
        with_everything(jpki, slot)
        old = jpki.status().slots[slot]
    for jpki in torn(phone_image, prepare):
        status = jpki.status().slots[slot]
        assert status in (old, replace(EMPTY, has_key=True))
        seen.append(status)
        if status == old:
            jpki.verify(slot)
            assert signature_works(jpki, slot)
            assert jpki.client.certificate(slot) == CERTIFICATES[slot]
        else:  # E6: issuing goes on from here
            jpki.activate_pin(slot, NEW_PINS[slot])
            jpki.client.verify(slot, NEW_PINS[slot])
            assert jpki.client.sign_hash(slot, HASH)
    assert old in seen
    assert replace(EMPTY, has_key=True) in seen


@pytest.mark.parametrize("slot", GENERATED)
def test_issuing_into_an_empty_slot_keeps_the_pin(blank_image: Image, slot: Slot) -> None:
    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        jpki.activate_pin(slot, PINS[slot])
        tsm = jpki.tsm()
        return lambda: tsm.generate_key_pair(slot)

    for jpki in torn(blank_image, prepare):
        assert jpki.status().slots[slot].pin_state is PinState.ACTIVE
        if not jpki.status().slots[slot].has_key:
            jpki.tsm().generate_key_pair(slot)
        jpki.verify(slot)
        assert signature_works(jpki, slot)


@pytest.mark.parametrize("slot", GENERATED)
def test_an_interrupted_renewal(phone_image: Image, slot: Slot) -> None:
    """The old key with all that belongs to it, or the new one without: PIN and CA certificate stay with both."""

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        tsm = with_everything(jpki, slot)
        return lambda: tsm.generate_key_pair(slot, renew=True)

    with phone_image.open() as jpki:
        with_everything(jpki, slot)
        old = jpki.status().slots[slot]
    new = replace(old, certificate_length=0, signature_counter=0, device_keys=frozenset())
    seen = []
    for jpki in torn(phone_image, prepare):
        seen.append(jpki.status().slots[slot])
        is_old = jpki.tsm().public_key(slot).public_numbers() == jpki.keys[slot].public_numbers()
        assert is_old is (seen[-1] == old)
        jpki.verify(slot)
        assert signature_works(jpki, slot)
    assert set(seen) == {old, new}


def test_a_renewal_is_whole_where_it_becomes_done(phone_image: Image) -> None:
    """Thousands of writes before and behind its transaction: here are the moments next to that."""
    slot = Slot.AUTHENTICATION

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        tsm = with_everything(jpki, slot)
        return lambda: tsm.generate_key_pair(slot, renew=True)

    def is_new(jpki: JpkiCard) -> bool:
        return jpki.tsm().public_key(slot).public_numbers() != jpki.keys[slot].public_numbers()

    seen = [
        (is_new(jpki), jpki.status().slots[slot].certificate_length > 0)
        for jpki in torn_around(phone_image, prepare, is_new)
    ]
    assert set(seen) == {(False, True), (True, False)}


@pytest.mark.parametrize("slot", SLOTS)
def test_deletion_is_done_or_not(phone_image: Image, slot: Slot) -> None:
    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        tsm = with_everything(jpki, slot)
        return lambda: tsm.delete_slot(slot)

    with phone_image.open() as jpki:
        with_everything(jpki, slot)
        old = jpki.status().slots[slot]
    seen = set()
    for jpki in torn(phone_image, prepare):
        status = jpki.status().slots[slot]
        assert status in (old, EMPTY)
        seen.add(status)
        assert pin_works(jpki, slot, PINS[slot]) is (status == old)
        jpki.tsm().delete_slot(slot)
        assert jpki.status().slots[slot] == EMPTY
    assert seen == {old, EMPTY}


@pytest.mark.parametrize("p1", [0x00, 0x02], ids=["with indicator", "plain"])
def test_a_signature_is_counted_before_it_is_made(phone_image: Image, p1: int) -> None:
    """The counter may run ahead of the signatures, never behind; the key and the PIN are unharmed."""
    ins = 0x2E if p1 == 0x00 else 0x2A
    with phone_image.open() as jpki:
        jpki.verify(Slot.SIGNING)
        for opportunity in range(1, MOST):
            before = jpki.status().slots[Slot.SIGNING].signature_counter
            jpki.card.cut_power_at(opportunity)
            try:
                response = jpki.send(0x80, ins, p1, 0x9A, HASH, 256)
            except TransportError:
                jpki.reset()
                assert jpki.status().slots[Slot.SIGNING].signature_counter in (before, before + 1)
                jpki.verify(Slot.SIGNING)
                continue
            assert response.ok
            assert opportunity > 1, "the command offers no opportunity, so nothing was tried"
            assert jpki.status().slots[Slot.SIGNING].signature_counter == before + 1
            return
    pytest.fail("the signature never came")


@pytest.mark.needs("inside")
@pytest.mark.parametrize("before", [0xFF, 0xFFFF, 0xFFFFFF], ids=hex)
def test_the_counter_is_whole_whenever_the_power_goes(phone_image: Image, before: int) -> None:
    """C5: where a carry changes several bytes, it is the old number or the new one."""

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        put_uses(jpki.card.simulated, "signing", before)
        jpki.verify(Slot.SIGNING)
        return lambda: jpki.client.sign_hash(Slot.SIGNING, HASH)

    seen = {jpki.status().slots[Slot.SIGNING].signature_counter for jpki in torn(phone_image, prepare)}
    assert seen == {before, before + 1}


# -- certificates -----------------------------------------------------------------------------------------------------

NEW = b"\x30\x82\x01\x00" + b"N" * 256
OLD = {
    **{slot.certificate: CERTIFICATES[slot] for slot in Slot},
    **{s.ca_certificate: CA_CERTIFICATES[s] for s in Slot},
}


@pytest.mark.parametrize("file", OLD)
def test_a_certificate_is_the_old_one_or_the_new_one(phone_image: Image, file: EF) -> None:
    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        channel = jpki.channel()
        head = file.to_bytes(2, "big") + len(NEW).to_bytes(2, "big")
        first = CommandApdu(0x80, 0xE2, 0x00, 0x00, head + NEW[:150])
        assert exchange(channel, first).ok
        return lambda: exchange(channel, CommandApdu(0x80, 0xE2, 0x80, 0x01, NEW[150:]))

    seen = set()
    for jpki in torn(phone_image, prepare):
        for slot in Slot:
            jpki.verify(slot)
        for other, content in OLD.items():
            found = jpki.client.read_file(other)
            assert found in ((content, NEW) if other is file else (content,))
            seen.add(found)
            if other is file:
                assert len(found) == _length(jpki.status(), file)
        jpki.tsm().store_certificate(file, NEW)
        assert jpki.client.read_file(file) == NEW
    assert NEW in seen
    assert OLD[file] in seen


def _length(status: AppletStatus, file: EF) -> int:
    """As the card keeps it: what is read ends where the content says that it does."""
    slot = next(one for one in Slot if file in (one.certificate, one.ca_certificate))
    seen = status.slots[slot]
    return seen.certificate_length if file is slot.certificate else seen.ca_certificate_length


# -- device keys ------------------------------------------------------------------------------------------------------


def registered_and_proving(image: Image, prepare: Step, device: Device, method: DeviceMethod) -> set[bool]:
    """Tear a command; a phone that GET STATUS tells of proves, another one is none. Returns which there were."""
    outcomes = set()
    for jpki in torn(image, prepare):
        told = method in jpki.status().slots[Slot.AUTHENTICATION].device_keys
        proof = device.prove(proof_message(jpki.client.challenge(), HASH, method))
        answer = jpki.sw(0x80, 0x2E, method, 0x97, HASH + proof, 256)
        assert answer == (SW.OK if told else SW.REFERENCED_DATA_NOT_FOUND)
        outcomes.add(told)
    return outcomes


@pytest.mark.parametrize("method", list(DeviceMethod))
def test_a_first_registration_is_there_with_its_key_or_not_at_all(phone_image: Image, method: DeviceMethod) -> None:
    """What GET STATUS says is registered proves: the mark is not set before the key is there."""
    device = Device.create()

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        jpki.verify(Slot.AUTHENTICATION)
        return lambda: jpki.client.register_device_key(method, device.point)

    assert registered_and_proving(phone_image, prepare, device, method) == {True, False}


@pytest.mark.parametrize("method", list(DeviceMethod))
def test_registering_again_leaves_the_old_key_or_the_new_one(phone_image: Image, method: DeviceMethod) -> None:
    old, new = Device.create(1), Device.create(2)

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        jpki.verify(Slot.AUTHENTICATION)
        jpki.client.register_device_key(method, old.point)
        return lambda: jpki.client.register_device_key(method, new.point)

    outcomes = set()
    for jpki in torn(phone_image, prepare):
        works = []
        for device in (old, new):
            proof = device.prove(proof_message(jpki.client.challenge(), HASH, method))
            works.append(jpki.sw(0x80, 0x2E, method, 0x97, HASH + proof, 256) == SW.OK)
        assert sorted(works) == [False, True]
        outcomes.add(tuple(works))
    assert len(outcomes) == 2


def test_a_removal_is_made_or_not(phone_image: Image) -> None:
    """What GET STATUS says is registered proves: the key is there as long as the mark is."""
    device, method = Device.create(), DeviceMethod.LOCK_SCREEN

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        jpki.verify(Slot.AUTHENTICATION)
        jpki.client.register_device_key(method, device.point)
        return lambda: jpki.client.remove_device_key(method)

    assert registered_and_proving(phone_image, prepare, device, method) == {True, False}
