"""Corners that chance would not find, each compared with the model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cardlab.iso7816.status import SW
from cardlab.iso7816.tlv import encode
from cardlab.pytest_plugin import CardSource
from jpki.client.installation import jpki_installation
from jpki.model.events import Reinstall
from jpki.model.state import COUNTER_MAX, INSTANCE_AID, RULES, Profile, Slot
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.heap import put_uses
from tests.jpki.applet.machine_cards import FULL_LEVEL, SIGNING_PIN, Cards, Start
from tests.jpki.applet.machine_driver import Driver


@pytest.fixture(scope="module")
def cards(card_source: CardSource, tmp_path_factory: pytest.TempPathFactory) -> Cards:
    return Cards(tmp_path_factory.mktemp("cards"), card_source)


@pytest.fixture
def driver(cards: Cards) -> Iterator[Driver]:
    """A phone's card in use, the applet selected."""
    driver = cards.driver(Start(Profile.PHONE, filled=True, seed=0))
    driver.select()
    yield driver
    driver.card.close()


NEW_PINS = {Slot.SIGNING: b"ABC123", Slot.AUTHENTICATION: b"9876"}


def set_counter(driver: Driver, value: int) -> None:
    """Put a signature counter of the signing key into the card's heap, and into the model."""
    put_uses(driver.card.simulated, "signing", value)
    driver.set_counter(Slot.SIGNING, value)


BOUNDARIES = (
    0,
    1,
    0x7E,
    0x7F,
    0x80,
    0xFE,
    0xFF,
    0x100,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFFFF,
    0xFFFFFF,
    0x7FFFFFFF,
    0xFFFFFFFD,
)


@pytest.mark.needs("inside")
@pytest.mark.parametrize("before", BOUNDARIES, ids=hex)
@pytest.mark.parametrize("p1", [0x00, 0x10], ids=["document", "application"])
def test_the_counter_is_der_on_both_sides_of_every_boundary(driver: Driver, before: int, p1: int) -> None:
    """C5: the signed attributes to the last byte, X.690, 8.3; an application's outgrow a length of one byte (8.1.3)."""
    set_counter(driver, before)
    driver.plain(0x00, 0x20, 0, RULES[Slot.SIGNING].pin_reference, SIGNING_PIN)
    for _ in range(2):
        assert driver.plain(0x80, 0x2E, p1, 0x9A, bytes(32)).ok
        driver.plain(0x80, 0xCA, 0x01, 0xA0)
    driver.properties.finish()


@pytest.mark.needs("inside")
def test_the_counter_ends_and_does_not_wrap(driver: Driver) -> None:
    """C5: 6985 for SIGN and SIGN WITH INDICATOR alike; a new key counts from 0."""
    set_counter(driver, COUNTER_MAX - 1)
    driver.plain(0x00, 0x20, 0, RULES[Slot.SIGNING].pin_reference, SIGNING_PIN)
    assert driver.plain(0x80, 0x2A, 0, 0x9A, b"the last one").ok
    assert driver.plain(0x80, 0x2A, 0, 0x9A, b"too many").sw == SW.CONDITIONS_NOT_SATISFIED
    assert driver.plain(0x80, 0x2E, 0, 0x9A, bytes(32)).sw == SW.CONDITIONS_NOT_SATISFIED
    driver.open_channel(FULL_LEVEL)
    assert driver.tsm(0x46, 0x80, 1, b"\xb6\x00").ok
    assert driver.tsm(0xF2, 0, 0).ok


BODIES = {
    "shortest": encode(0x30),
    "127 bytes": encode(0x30, bytes(127)),
    "128 bytes": encode(0x30, bytes(128)),
    "255 bytes": encode(0x30, bytes(255)),
    "256 bytes": encode(0x30, bytes(256)),
    "longest": encode(0x30, bytes(2044)),
    "one byte short, form 1": encode(0x30, bytes(20))[:-1],
    "one byte more, form 1": encode(0x30, bytes(20)) + b"\0",
    "one byte short, form 81": encode(0x30, bytes(200))[:-1],
    "one byte more, form 81": encode(0x30, bytes(200)) + b"\0",
    "one byte short, form 82": encode(0x30, bytes(300))[:-1],
    "one byte more, form 82": encode(0x30, bytes(300)) + b"\0",
    "form 81 for 20 bytes": b"\x30\x81\x14" + bytes(20),
    "form 82 for 200 bytes": b"\x30\x82\x00\xc8" + bytes(200),
    "form 83": b"\x30\x83\x00\x01\x00" + bytes(256),
    "indefinite": b"\x30\x80" + bytes(20),
    "SET": encode(0x31, bytes(20)),
    "no length": b"\x30",
    "cut in the length, form 81": b"\x30\x81",
    "cut in the length, form 82": b"\x30\x82\x01",
    "length that is negative as a short": b"\x30\x82\xff\xff" + bytes(20),
}


@pytest.mark.parametrize("content", BODIES.values(), ids=BODIES)
def test_a_certificate_is_one_sequence_in_der(driver: Driver, content: bytes) -> None:
    """A3: what is stored is exactly one SEQUENCE, else the old certificate stays."""
    driver.open_channel(FULL_LEVEL)
    whole = b"\x00\x02" + len(content).to_bytes(2, "big") + content
    blocks = [whole[at : at + 239] for at in range(0, len(whole), 239)]
    for number, block in enumerate(blocks):
        driver.tsm(0xE2, 0x80 if number == len(blocks) - 1 else 0, number, block)
    for offset in (0, 255):
        driver.plain(0x00, 0xB0, 0x82, offset)


@pytest.mark.needs("inside")
def test_every_other_reason_for_deselection_ends_the_session(driver: Driver) -> None:
    """B5: only a SELECT of the very same instance keeps what was verified; whatever else deselects does not.

    SELECT by a part of the AID is one such: the applet cannot tell that it means itself.
    """
    runtime = driver.card.simulated.runtime
    again = bytes((0x00, 0xA4, 0x04, 0x00, len(INSTANCE_AID))) + INSTANCE_AID
    others = {
        "another class": b"\x80" + again[1:],
        "another instruction": again[:1] + b"\x70" + again[2:],
        "no SELECT by name": again[:2] + b"\x00" + again[3:],
        "the next occurrence": again[:3] + b"\x02" + again[4:],
        "a part of the AID": again[:4] + b"\x07" + INSTANCE_AID[:7],
        "another AID": again[:-1] + b"\x02",
    }
    for name, command in others.items():
        driver.plain(0x00, 0x20, 0, RULES[Slot.SIGNING].pin_reference, SIGNING_PIN)
        runtime.deselect(command)
        runtime.select(INSTANCE_AID, again)
        answer = driver.card.transmit(bytes.fromhex("802A009A0161") + b"\0")
        assert answer == SW.SECURITY_STATUS_NOT_SATISFIED.to_bytes(2, "big"), name
    driver.plain(0x00, 0x20, 0, RULES[Slot.SIGNING].pin_reference, SIGNING_PIN)
    runtime.deselect(again)
    runtime.select(INSTANCE_AID, again)
    assert driver.plain(0x80, 0x2A, 0, 0x9A, b"a").ok


def test_select_by_a_part_of_the_aid_ends_the_session(driver: Driver) -> None:
    """B5: the same through the card manager."""
    driver.plain(0x00, 0x20, 0, RULES[Slot.SIGNING].pin_reference, SIGNING_PIN)
    part = INSTANCE_AID[:7]
    answer = driver.card.transmit(bytes((0x00, 0xA4, 0x04, 0x0C, len(part))) + part)
    assert answer == b"\x90\x00"
    answer = driver.card.transmit(bytes.fromhex("802A009A0161") + b"\0")
    assert answer == SW.SECURITY_STATUS_NOT_SATISFIED.to_bytes(2, "big")


@pytest.mark.parametrize(("bit", "intact"), [(0, True), (1, True), (2, False), (3, False), (5, False), (12, False)])
def test_a_mac_covers_the_class_without_its_logical_channel(driver: Driver, bit: int, intact: bool) -> None:
    """D1, Amendment D 6.2.4: what a flipped bit makes of GET STATUS is carried out only if it is of the channel."""
    driver.open_channel(FULL_LEVEL)
    driver.altered(driver.wrap(0xF2, 0, 0), bit)
    assert driver.log[-1].endswith("9000") == intact


def test_nothing_survives_deletion_and_reinstallation(driver: Driver) -> None:
    """A5: keys, certificates, PINs and device keys go with the applet."""
    client = JpkiCard(driver.card).issuer()
    client.delete(INSTANCE_AID)
    client.install(jpki_installation(bytes((Profile.PHONE,))))
    driver.reset()
    driver.state, _ = driver.model.step(driver.state, Reinstall())
    driver.select()
    for name, rules in RULES.items():
        assert driver.plain(0x00, 0x20, 0, rules.pin_reference, b"1234").sw == SW.REFERENCE_DATA_NOT_USABLE, name
        driver.plain(0x00, 0xB0, 0x80 | rules.ca_file, 0)
    driver.open_channel(FULL_LEVEL)
    assert driver.tsm(0xF2, 0, 0).ok
    assert driver.tsm(0x46, 0x81, 0, RULES[Slot.SIGNING].template).sw == SW.REFERENCED_DATA_NOT_FOUND


@pytest.mark.parametrize("slot", Slot)
@pytest.mark.parametrize("renew", [False, True], ids=["issue", "renew"])
def test_a_permission_does_not_outlive_a_new_key(cards: Cards, slot: Slot, renew: bool) -> None:
    """A4, B5: whoever verified the temporary PIN was let set one for the key of then.

    Renewal keeps the PIN that was given, the temporary one is used up, so the TSM sets another.
    """
    driver, rules = cards.driver(Start(Profile.PHONE, filled=True, seed=0)), RULES[slot]
    driver.select()
    driver.open_channel(FULL_LEVEL)
    driver.tsm(0x2C, 3, rules.pin_reference)
    driver.tsm(0x2C, 2, rules.pin_reference, NEW_PINS[slot])
    assert driver.plain(0x00, 0x20, 0, rules.pin_reference, NEW_PINS[slot]).ok
    assert driver.tsm(0x46, 0x80, renew, rules.template).ok
    driver.plain(0x00, 0x24, 1, rules.pin_reference, NEW_PINS[slot])
    assert driver.log[-1].endswith(f"{SW.SECURITY_STATUS_NOT_SATISFIED:04X}")
    assert driver.tsm(0xF2, 0, 0).ok
    driver.card.close()


@pytest.mark.parametrize("reference", [0x00, 0x77, 0xFF])
def test_no_pin_and_no_key_has_this_reference(driver: Driver, reference: int) -> None:
    """VERIFY and SIGN WITH INDICATOR name what they use by P2."""
    for cla, ins, data in ((0x00, 0x20, b"1234"), (0x80, 0x2E, bytes(32))):
        assert driver.plain(cla, ins, 0, reference, data).sw == SW.REFERENCED_DATA_NOT_FOUND


@pytest.mark.parametrize("template", [b"\xb6\x01", b"\xb7\x00", b"\xa4\xa4"])
def test_no_slot_has_this_template(driver: Driver, template: bytes) -> None:
    """READ PUBLIC KEY and DELETE SLOT name a slot by its template; another one deletes nothing."""
    assert driver.open_channel(FULL_LEVEL)
    assert driver.tsm(0x46, 0x81, 0, template).sw == SW.WRONG_DATA
    assert driver.tsm(0xE4, 0, 0, template).sw == SW.WRONG_DATA
    assert driver.tsm(0xF2, 0, 0).ok
