"""What commands leave in the card's memory, where no command looks: PINs, keys, certificates (A4, A5, B2, C2).

Looked at is what the applet can see to. What this platform's ciphers and signatures keep for themselves it cannot
(docs/reference/runtime.md, Still unlike a card), so keys that were registered are looked for in their key objects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial

import pytest

from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.inspector import CardObject
from cardlab.transport import exchange
from jpki.client.commands import rsa_key
from jpki.client.constants import INSTANCE_AID, DeviceMethod, Slot
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.user import proof_message
from tests.jpki.applet.cards import Device, JpkiCard
from tests.jpki.applet.conftest import Image
from tests.jpki.applet.heap import (
    apdu_buffer,
    applet_object,
    byte_arrays,
    is_spare_key_gone,
    persistent_memory,
    put_uses,
    stored_arrays,
)
from tests.jpki.applet.tears import loses_power, torn
from tests.jpki.applet.test_keys import component

pytestmark = pytest.mark.needs("inside")

SLOTS = list(Slot)
HASH = hashlib.sha256(b"text").digest()
COUNTER_MAX = 0xFFFFFFFF
PIECE = 16  # bytes that are recognised; chance does not make them
SECRET_PINS = {Slot.SIGNING: b"QX7KJVZ0W3YH8PBN", Slot.AUTHENTICATION: b"8153"}


def noise(label: str, length: int) -> bytes:
    """Bytes that are nowhere else."""
    return b"".join(hashlib.sha256(f"{label}, {n}".encode()).digest() for n in range(length // 32 + 1))[:length]


def certificate(label: str) -> bytes:
    return b"\x30\x82\x07\x80" + noise(label, 0x780)


def found_in(memory: bytes, secret: bytes) -> bool:
    """Whether any piece of a secret is in there."""
    return any(secret[at : at + PIECE] in memory for at in range(4, len(secret) - PIECE + 1, PIECE))


def slot_object(jpki: JpkiCard, slot: Slot) -> CardObject:
    found: CardObject = applet_object(jpki.card.simulated).field(slot.name.lower())
    return found


def memory(jpki: JpkiCard) -> bytes:
    return persistent_memory(jpki.card.simulated)


# -- PINs -------------------------------------------------------------------------------------------------------------


def occurrences(jpki: JpkiCard, pin: bytes) -> int:
    """How often a PIN stands in arrays that the applet reaches."""
    return sum(array.count(pin) for array in byte_arrays(jpki.card.simulated))


@pytest.mark.parametrize("slot", SLOTS)
def test_no_pin_is_left_in_memory_that_is_shared(blank: JpkiCard, slot: Slot) -> None:
    """Not in the APDU buffer, nor in any array but the PIN's own."""
    pin, wrong = SECRET_PINS[slot], SECRET_PINS[slot][:-1] + b"4"
    card = blank.card.simulated

    def wiped(length: int) -> bool:
        return apdu_buffer(card)[5 : 5 + length] == bytes(length)

    channel = blank.channel()
    for p1, refused in ((0x02, pin + b"@"), (0x02, pin)):
        exchange(channel, CommandApdu(0x80, 0x2C, p1, slot.pin_reference, refused, 256))
        assert pin[:3] not in apdu_buffer(card)
        assert pin[-3:] not in apdu_buffer(card)
    assert occurrences(blank, pin) == 1
    assert blank.sw(0x00, 0x20, 0x00, slot.pin_reference, wrong) == 0x63C0 | (slot.tries - 1)
    assert wiped(len(wrong))
    assert occurrences(blank, wrong) == 0
    assert blank.sw(0x00, 0x20, 0x00, slot.pin_reference, pin) == SW.OK
    assert wiped(len(pin))
    assert blank.sw(0x00, 0x24, 0x01, slot.pin_reference, wrong + b"@") != SW.OK
    assert wiped(len(wrong))
    assert blank.sw(0x00, 0x24, 0x01, slot.pin_reference, wrong) == SW.OK
    assert wiped(len(wrong))
    assert occurrences(blank, wrong) == 1
    for expected in (SW.OK, 0x63C0 | (slot.tries - 1)):
        assert blank.sw(0x00, 0x20, 0x00, slot.pin_reference, wrong if expected == SW.OK else pin) == expected
        assert wiped(len(pin))
        assert (occurrences(blank, pin), occurrences(blank, wrong)) == (0, 1)


@pytest.mark.parametrize("slot", SLOTS)
def test_no_pin_of_a_wrong_command_is_left(jpki: JpkiCard, slot: Slot) -> None:
    """B2: a wrong P1, P2, length or state, and the extended form, whose data begin elsewhere."""
    pin = SECRET_PINS[slot]
    for ins, p1 in ((0x20, 0x00), (0x24, 0x01)):
        for wrong_p1, p2, data in (
            (0x7F, slot.pin_reference, pin),
            (p1, 0x97, pin),
            (p1, 0x80, pin),
            (p1, slot.pin_reference, pin.ljust(40, b"0")),
        ):
            assert jpki.sw(0x00, ins, wrong_p1, p2, data) != SW.OK
            assert pin[:3] not in apdu_buffer(jpki.card.simulated)
        assert jpki.send(0x00, ins, p1, slot.pin_reference, pin, extended=True).sw == SW.WRONG_LENGTH
        assert pin[:3] not in apdu_buffer(jpki.card.simulated)
    channel = jpki.channel()
    for wrong_p1, p2, data in (
        (0x04, slot.pin_reference, pin),
        (0x02, 0x97, pin),
        (0x03, slot.pin_reference, pin),
        (0x02, slot.pin_reference, pin.ljust(40, b"0")),
        (0x02, slot.pin_reference, pin),
    ):
        assert exchange(channel, CommandApdu(0x80, 0x2C, wrong_p1, p2, data, 256)).sw != SW.OK
        assert pin[:3] not in apdu_buffer(jpki.card.simulated)
    channel = jpki.channel(SecurityLevel(0x01))
    assert exchange(channel, CommandApdu(0x80, 0x2C, 0x02, slot.pin_reference, pin)).sw != SW.OK
    assert pin[:3] not in apdu_buffer(jpki.card.simulated)


ERASED_BY: dict[str, Callable[[JpkiCard, Slot], object]] = {
    "RESET PIN": lambda jpki, slot: jpki.tsm().reset_pin(slot),
    "DELETE SLOT": lambda jpki, slot: jpki.tsm().delete_slot(slot),
    "VERIFY, if it is temporary": lambda jpki, slot: jpki.client.verify(slot, SECRET_PINS[slot]),
}


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("erase", ERASED_BY.values(), ids=ERASED_BY)
def test_no_erased_pin_is_left(blank: JpkiCard, slot: Slot, erase: Callable[[JpkiCard, Slot], object]) -> None:
    """Another random value takes its place each time."""
    values = set()
    for _ in range(2):
        blank.tsm().set_pin(slot, SECRET_PINS[slot])
        assert occurrences(blank, SECRET_PINS[slot]) == 1
        erase(blank, slot)
        assert occurrences(blank, SECRET_PINS[slot]) == 0
        values.add(slot_object(blank, slot).field("pin").field("value").field("value"))
    assert len(values) == 2
    assert all(len(set(value)) > 1 for value in values)


def test_the_pin_of_the_holder_before_is_another_random_value_each_time(jpki: JpkiCard) -> None:
    """A4: a new key is a new holder's."""
    values = set()
    for _ in range(2):
        jpki.tsm().generate_key_pair(Slot.AUTHENTICATION)
        values.add(slot_object(jpki, Slot.AUTHENTICATION).field("pin").field("value").field("value"))
    assert len(values) == 2
    assert all(len(set(value)) > 1 for value in values)


# -- signatures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ins", "p1"), [(0x2A, 0x02), (0x2E, 0x00)], ids=["plain", "with indicator"])
def test_no_signature_is_made_that_cannot_be_counted(jpki: JpkiCard, ins: int, p1: int) -> None:
    """C5: counting comes first, so that no tear gives out a signature that is not counted."""
    put_uses(jpki.card.simulated, "signing", COUNTER_MAX)
    jpki.verify(Slot.SIGNING)
    command = bytes((0x80, ins, p1, 0x9A, len(HASH))) + HASH
    assert jpki.card.transmit(command + b"\0") == SW.CONDITIONS_NOT_SATISFIED.to_bytes(2, "big")
    assert not any(apdu_buffer(jpki.card.simulated)), "neither the command nor a signature"


# -- keys and certificates --------------------------------------------------------------------------------------------


def points(jpki: JpkiCard) -> set[bytes]:
    """The public keys of phones that are in key objects, registered or not."""
    keys = slot_object(jpki, Slot.AUTHENTICATION).field("deviceKeys").field("keys")
    return {point for key in keys if (point := key.field("W")) and any(point)}


class Secrets:
    """What a slot holds, as it can be recognised in memory."""

    def __init__(self, jpki: JpkiCard, slot: Slot) -> None:
        """Fill the slot: certificates, both device keys, and a chain that is not finished."""
        tsm, self.slot = jpki.tsm(), slot
        self.certificate, self.ca_certificate = certificate(f"holder, {slot}"), certificate(f"CA, {slot}")
        tsm.store_certificate(slot.certificate, self.certificate)
        tsm.store_certificate(slot.ca_certificate, self.ca_certificate)
        jpki.verify(Slot.AUTHENTICATION)
        for number, method in enumerate(DeviceMethod, 1):
            jpki.client.register_device_key(method, Device.create(number).point)
        private = slot_object(jpki, slot).field("keyPair").field("privateKey")
        self.key = {name: component(private, name).to_bytes(128, "big") for name in ("P", "Q", "DP1")}
        self.key["modulus"] = rsa_key(jpki.keys[slot]).public_numbers().n.to_bytes(256, "big")
        self.points = [Device.create(number).point for number in (1, 2)]
        self.unfinished = certificate("unfinished")
        head = slot.ca_certificate.to_bytes(2, "big") + len(self.unfinished).to_bytes(2, "big")
        channel = jpki.channel()
        assert exchange(channel, CommandApdu(0x80, 0xE2, 0x00, 0x00, head + self.unfinished[:200])).ok
        self.tsm = JpkiPersonalisation(channel)

    def left(self, jpki: JpkiCard) -> set[str]:
        """What of it is still in persistent memory."""
        image = memory(jpki)
        everything = {**self.key, "certificate": self.certificate, "CA certificate": self.ca_certificate}
        everything["unfinished certificate"] = self.unfinished[:200]
        left = {name for name, secret in everything.items() if found_in(image, secret)}
        if self.slot is Slot.AUTHENTICATION:
            left |= {f"device key {self.points.index(point) + 1}" for point in points(jpki)}
        return left


def deleted(secrets: Secrets) -> None:
    secrets.tsm.delete_slot(secrets.slot)


def issued(secrets: Secrets) -> None:
    secrets.tsm.generate_key_pair(secrets.slot)


def renewed(secrets: Secrets) -> None:
    secrets.tsm.generate_key_pair(secrets.slot, renew=True)


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("erase", [deleted, issued, renewed])
def test_erasing_overwrites(jpki: JpkiCard, slot: Slot, erase: Callable[[Secrets], None]) -> None:
    """A4, A5: renewal keeps the CA's certificate, everything else is gone and not merely out of reach."""
    secrets = Secrets(jpki, slot)
    assert {"modulus", "P", "certificate", "CA certificate", "unfinished certificate"} <= secrets.left(jpki)
    erase(secrets)
    assert secrets.left(jpki) == ({"CA certificate"} if erase is renewed else set())


@pytest.mark.needs("power_cut")
@pytest.mark.parametrize(
    ("erase", "slot", "whole"),
    [(deleted, Slot.SIGNING, 6), (renewed, Slot.AUTHENTICATION, 8)],
    ids=["deleted", "renewed"],
)
def test_erasing_is_finished_after_a_power_cut(
    phone_image: Image, erase: Callable[[Secrets], None], slot: Slot, whole: int
) -> None:
    """A5: whenever the power went, at the next selection everything is there or nothing is left."""
    made: list[Secrets] = []

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        made.append(Secrets(jpki, slot))
        return lambda: erase(made[-1])

    erased = 0
    for jpki in torn(phone_image, prepare):
        left = made[-1].left(jpki) - {"unfinished certificate"}
        assert is_spare_key_gone(jpki.card.simulated)
        if jpki.status().slots[slot].certificate_length:
            assert len(left) == whole
            continue
        erased += 1
        assert left == ({"CA certificate"} if erase is renewed else set())
    assert erased


WITHIN_A_KEY = 400  # a write of GENERATE KEY PAIR at which a part of the new key is there


@pytest.mark.needs("cost")  # the writes of a command, one by one
@pytest.mark.needs("power_cut")
def test_what_overwrites_an_unfinished_key_is_finished_after_a_power_cut(phone_image: Image) -> None:
    """A5: the selection behind a cut generation is cut itself; the next one does what was left."""

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        tsm = jpki.tsm()
        jpki.card.cut_power_at(WITHIN_A_KEY)
        assert loses_power(lambda: tsm.generate_key_pair(Slot.SIGNING))
        jpki.card.reset()
        spare = jpki.card.simulated.inspector().applet(INSTANCE_AID).field("spare").field("pair")
        assert any(spare.field("privateKey").field("P"))
        return jpki.client.select

    for jpki in torn(phone_image, prepare):
        assert is_spare_key_gone(jpki.card.simulated)


@pytest.mark.needs("power_cut")
@pytest.mark.filterwarnings("error")  # an uninstall() that throws is told as a warning
def test_uninstalling_overwrites_before_the_card_forgets(phone_image: Image) -> None:
    """AppletEvent.uninstall(): cut while the card deletes it, each slot is whole or empty, and for a time both are."""
    made: list[list[Secrets]] = []

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        made.append([Secrets(jpki, slot) for slot in Slot])
        issuer = jpki.issuer()
        return lambda: issuer.delete(INSTANCE_AID)

    left, staged = set(), set()
    for jpki in torn(phone_image, prepare, recover=lambda jpki: jpki.card.reset()):
        is_staged = found_in(memory(jpki), made[-1][-1].unfinished[:200])  # before a selection wipes it
        select = CommandApdu(0x00, 0xA4, 0x04, 0x0C, INSTANCE_AID)
        if exchange(jpki.card, select).ok:
            of_slots = tuple(len(one.left(jpki) - {"unfinished certificate"}) for one in made[-1])
            left.add(of_slots)
            staged.add(is_staged)
            assert tuple(jpki.status().slots[slot].has_key for slot in Slot) == tuple(map(bool, of_slots))
    assert left == {(6, 8), (0, 8), (0, 0)}
    assert staged == {True, False}


@pytest.mark.slow
@pytest.mark.needs("power_cut")
def test_uninstalling_overwrites_an_old_key_that_a_cut_left(phone_image: Image) -> None:
    """GENERATE KEY PAIR was cut before it overwrote it, and nobody selected the applet since."""
    with phone_image.open() as jpki:
        last = moments_of(phone_image.copy(jpki), renewing)
        work = renewing(jpki)
        jpki.card.cut_power_at(last - 3000)  # while the certificate is overwritten, which comes before
        assert loses_power(work)
        jpki.card.reset()
        assert [any(prime) for prime in primes_in_spare(jpki)] == [True]
        moment, left = 1 + moments_of(phone_image.copy(jpki), deleting), list[bytes]()
        while not left:  # the latest moment at which the instance is there
            moment -= 1
            cut = phone_image.copy(jpki)
            with cut.card as card:
                work = deleting(cut)
                card.cut_power_at(moment)
                assert loses_power(work)
                card.reset()
                left = primes_in_spare(cut)
        assert [any(prime) for prime in left] == [False]


def renewing(jpki: JpkiCard) -> Callable[[], object]:
    return partial(exchange, jpki.channel(), CommandApdu(0x80, 0x46, 0x80, 0x01, Slot.SIGNING.template, 256))


def deleting(jpki: JpkiCard) -> Callable[[], object]:
    return partial(jpki.issuer().delete, INSTANCE_AID)


def primes_in_spare(jpki: JpkiCard) -> list[bytes]:
    """P of the key pair in which new keys are made, of each instance, selected or not."""
    spares = jpki.card.simulated.inspector().objects("jpki.applet.SpareKeyPair")
    return [one.field("pair").field("privateKey").field("P") or b"" for one in spares]


@pytest.mark.parametrize("slot", SLOTS)
def test_replacing_overwrites_the_certificate(jpki: JpkiCard, slot: Slot) -> None:
    for file in (slot.certificate, slot.ca_certificate):
        old, new = certificate(f"old {file}"), certificate(f"new {file}")
        for content in (old, new):
            jpki.tsm().store_certificate(file, content)
            assert found_in(memory(jpki), content)
        assert not found_in(memory(jpki), old)


# -- device keys ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", list(DeviceMethod))
def test_removing_and_replacing_overwrites_device_keys(jpki: JpkiCard, method: DeviceMethod) -> None:
    first, second = Device.create(1).point, Device.create(2).point
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.register_device_key(method, first)
    assert points(jpki) == {first}
    jpki.client.register_device_key(method, second)
    assert points(jpki) == {second}
    (other,) = set(DeviceMethod) - {method}
    assert jpki.sw(0x80, 0xDA, 0x00, other, second) == SW.ALREADY_EXISTS
    assert jpki.sw(0x80, 0xE4, 0x00, method) == SW.OK
    assert points(jpki) == set()


@pytest.mark.parametrize("refused", [DeviceMethod.LOCK_SCREEN, DeviceMethod.BIOMETRIC])
def test_a_refused_registration_leaves_no_key(jpki: JpkiCard, refused: DeviceMethod) -> None:
    """The other method's key, and a point that is none, are overwritten where they came to be looked at."""
    point = Device.create(1).point
    is_other = refused is DeviceMethod.LOCK_SCREEN
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, point)
    bad = point if is_other else point[:-1] + bytes([point[-1] ^ 1])
    answer = jpki.sw(0x80, 0xDA, 0x00, refused, bad)
    assert answer == (SW.ALREADY_EXISTS if is_other else SW.WRONG_DATA)
    keys = slot_object(jpki, Slot.AUTHENTICATION).field("deviceKeys").field("keys")
    assert [bytes(W) for key in keys if (W := key.field("W")) and any(W)] == [point]


def test_reset_overwrites_device_keys(jpki: JpkiCard) -> None:
    point = Device.create().point
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, point)
    assert points(jpki) == {point}
    jpki.tsm().reset_pin(Slot.AUTHENTICATION)
    assert points(jpki) == set()


@pytest.mark.needs("power_cut")
def test_a_reset_overwrites_what_a_torn_replacement_left(phone_image: Image) -> None:
    """The power goes when the key that was replaced is about to be overwritten: at the last moments of the command."""
    method, first, second = DeviceMethod.BIOMETRIC, Device.create(1).point, Device.create(2).point
    with phone_image.open() as jpki:
        jpki.verify(Slot.AUTHENTICATION)
        jpki.client.register_device_key(method, first)
        last = moments_of(phone_image.copy(jpki), lambda card: partial(card.client.register_device_key, method, second))
        left = 0
        for moment in range(last - 2, last + 1):
            cut = phone_image.copy(jpki)
            with cut.card as card:
                card.cut_power_at(moment)
                assert loses_power(partial(cut.client.register_device_key, method, second))
                cut.reset()
                left += first in points(cut)
                cut.tsm().reset_pin(Slot.AUTHENTICATION)
                assert points(cut) == set()
        assert left


def moments_of(jpki: JpkiCard, prepare: Callable[[JpkiCard], Callable[[], object]]) -> int:
    """At which the power may be cut, of the last command of what is prepared."""
    with jpki.card as card:
        prepare(jpki)()
        return card.simulated.power_cut_opportunities()


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_what_a_session_leaves_is_gone_with_the_power(jpki: JpkiCard) -> None:
    """Challenges, hashes and attributes are never in persistent memory."""
    device, digest = Device.create(), noise("message", 32)
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, device.point)
    jpki.client.sign_hash(Slot.AUTHENTICATION, digest)
    challenge = jpki.client.challenge()
    proof = device.prove(proof_message(challenge, digest, DeviceMethod.BIOMETRIC))
    assert jpki.sw(0x80, 0x2E, 0x03, 0x97, digest + proof, 256) == SW.OK
    for secret in (digest, challenge, proof):
        assert not any(secret[:PIECE] in array for array in stored_arrays(jpki.card.simulated))


# -- where certificates arrive ----------------------------------------------------------------------------------------


def is_staging_clean(jpki: JpkiCard) -> bool:
    return not any(applet_object(jpki.card.simulated).field("loader").field("staging"))


def first_block(jpki: JpkiCard, slot: Slot, length: int = 200) -> SecureChannelLayer:
    """Begin a chain; the session to go on in."""
    channel, content = jpki.channel(), certificate("stored")
    head = slot.certificate.to_bytes(2, "big") + len(content).to_bytes(2, "big")
    assert exchange(channel, CommandApdu(0x80, 0xE2, 0x00, 0x00, head + content[:length])).ok
    assert not is_staging_clean(jpki)
    return channel


@pytest.mark.parametrize("slot", SLOTS)
def test_a_stored_certificate_leaves_nothing_where_it_arrived(jpki: JpkiCard, slot: Slot) -> None:
    content = certificate("stored")
    jpki.tsm().store_certificate(slot.certificate, content)
    assert is_staging_clean(jpki)
    assert found_in(memory(jpki), content)


REFUSED_BLOCKS = {
    "another number": CommandApdu(0x80, 0xE2, 0x00, 0x02, b"\1" * 20),
    "an early end": CommandApdu(0x80, 0xE2, 0x80, 0x01, b"\1" * 20),
    "nothing in it": CommandApdu(0x80, 0xE2, 0x00, 0x01),
    "another command": CommandApdu(0x80, 0xF2, 0x00, 0x00, le=256),
    "a command that is none": CommandApdu(0x80, 0xFF, 0x00, 0x00),
}


@pytest.mark.parametrize("block", REFUSED_BLOCKS.values(), ids=REFUSED_BLOCKS.keys())
def test_a_chain_that_ends_leaves_nothing_where_it_arrived(jpki: JpkiCard, block: CommandApdu) -> None:
    """What was refused is wiped, and what another command interrupted."""
    exchange(first_block(jpki, Slot.SIGNING), block)
    assert is_staging_clean(jpki)


def test_content_that_is_no_certificate_is_wiped(jpki: JpkiCard) -> None:
    """The whole length came, and it is no SEQUENCE."""
    content = b"\x31" + certificate("refused")[1:101]
    head = Slot.SIGNING.certificate.to_bytes(2, "big") + len(content).to_bytes(2, "big")
    channel = jpki.channel()
    assert exchange(channel, CommandApdu(0x80, 0xE2, 0x80, 0x00, head + content)).sw == SW.WRONG_DATA
    assert is_staging_clean(jpki)
    assert not found_in(memory(jpki), content)


@pytest.mark.parametrize("how", [JpkiCard.reset, JpkiCard.select_other, lambda jpki: jpki.client.select()])
def test_selection_wipes_what_a_chain_left(jpki: JpkiCard, how: Callable[[JpkiCard], object]) -> None:
    first_block(jpki, Slot.SIGNING)
    how(jpki)
    assert is_staging_clean(jpki)


TORN: dict[str, Callable[[SecureChannelLayer], object]] = {
    "another block": lambda channel: exchange(
        channel, CommandApdu(0x80, 0xE2, 0x00, 0x01, certificate("stored")[200:420])
    ),
    "DELETE SLOT": lambda channel: JpkiPersonalisation(channel).delete_slot(Slot.SIGNING),
    "a command that is none": lambda channel: exchange(channel, CommandApdu(0x80, 0xFF, 0x00, 0x00)),
}


@pytest.mark.needs("power_cut")
@pytest.mark.parametrize("command", TORN.values(), ids=TORN.keys())
def test_a_torn_command_leaves_nothing_in_staging_at_the_next_selection(
    phone_image: Image, command: Callable[[SecureChannelLayer], object]
) -> None:
    """Of the last one few writes wipe what came, so that it is cut at all of them."""

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        channel = first_block(jpki, Slot.SIGNING)
        return lambda: command(channel)

    for jpki in torn(phone_image, prepare):
        assert is_staging_clean(jpki)


@pytest.mark.needs("power_cut")
def test_a_torn_first_block_leaves_nothing_in_staging_at_the_next_selection(phone_image: Image) -> None:
    """Of which nothing was known before it came."""
    head = Slot.SIGNING.certificate.to_bytes(2, "big") + len(certificate("stored")).to_bytes(2, "big")

    def prepare(jpki: JpkiCard) -> Callable[[], object]:
        channel = jpki.channel()
        return lambda: exchange(channel, CommandApdu(0x80, 0xE2, 0x00, 0x00, head + certificate("stored")[:200]))

    for jpki in torn(phone_image, prepare):
        assert is_staging_clean(jpki)
