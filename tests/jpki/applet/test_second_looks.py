"""Second looks at each state that is kept twice (Twin): one cell that lies is an attack, and destroys nothing.

What a fault would leave is put into memory; the first look, at the cell that does not lie, lets the command through.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.inspector import CardObject
from cardlab.transport import exchange
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.user import proof_message
from tests.jpki.applet.cards import CERTIFICATES, PINS, TEMPORARY, WRONG, Device, JpkiCard
from tests.jpki.applet.heap import applet_object, is_spare_key_gone

SIGNING, AUTHENTICATION = Slot
HASH = bytes(range(32))
DEVICE = Device.create()
BIOMETRIC = DeviceMethod.BIOMETRIC
EMPTY, CLEAN = 0x5969, 0x3A6C  # of jpki.applet.KeySlot

Command = Callable[[], int]


def part(jpki: JpkiCard, slot: Slot, *names: str) -> CardObject:
    found: CardObject = applet_object(jpki.card.simulated).field(slot.name.lower())
    for name in names:
        found = found.field(name)
    return found


def put(twin: CardObject, value: int, complement: int) -> None:
    twin.put("cells", b"".join((one & 0xFFFF).to_bytes(2, "big") for one in (value, complement)))


def lie(twin: CardObject, bits: int = 0x0110) -> None:
    """The second look sees something else than the first."""
    value, complement = twin.field("cells")
    put(twin, value, complement ^ bits)


def swear_falsely(twin: CardObject, value: int) -> None:
    """The first look sees this, the second what there is."""
    put(twin, value, twin.field("cells")[1])


# -- commands that change or give something ----------------------------------------------------------------------------


def reads_certificate(jpki: JpkiCard, slot: Slot) -> int:
    jpki.verify(slot)
    lie(part(jpki, slot, "pin", "verified"))
    return jpki.sw(0x00, 0xB0, 0x80 | slot.certificate.short, 0x00, le=20)


def signs_with_indicator(jpki: JpkiCard, bits: int) -> int:
    jpki.verify(SIGNING)
    lie(part(jpki, SIGNING, "pin", "verified"), bits)
    return jpki.sw(0x80, 0x2E, 0x00, SIGNING.key_reference, HASH, 256)


def registers(jpki: JpkiCard) -> int:
    jpki.verify(AUTHENTICATION)
    lie(part(jpki, AUTHENTICATION, "pin", "verified"))
    return jpki.sw(0x80, 0xDA, 0x00, BIOMETRIC, DEVICE.point)


def registers_beside_no_key(jpki: JpkiCard) -> int:
    """The reference to the key object that is replaced reads as null: it would be missing ever after."""
    jpki.verify(AUTHENTICATION)
    devices = part(jpki, AUTHENTICATION, "deviceKeys")
    references = [0, *(one.reference for one in devices.field("keys")[1:])]
    devices.put("keys", b"".join(one.to_bytes(2, "big") for one in references))
    return jpki.sw(0x80, 0xDA, 0x00, BIOMETRIC, DEVICE.point)


def registered(jpki: JpkiCard) -> JpkiCard:
    jpki.verify(AUTHENTICATION)
    jpki.client.register_device_key(BIOMETRIC, DEVICE.point)
    return jpki


def removes(jpki: JpkiCard, twin: str) -> int:
    registered(jpki)
    slot = part(jpki, AUTHENTICATION)
    lie(slot.field("deviceKeys").field("registered")[0] if twin == "registered" else slot.field("pin").field(twin))
    return jpki.sw(0x80, 0xE4, 0x00, BIOMETRIC)


def proves(jpki: JpkiCard, find: Callable[[CardObject], CardObject]) -> int:
    registered(jpki)
    proof = DEVICE.prove(proof_message(jpki.client.challenge(), HASH, BIOMETRIC))
    lie(find(part(jpki, AUTHENTICATION)))
    return jpki.sw(0x80, 0x2E, BIOMETRIC, AUTHENTICATION.key_reference, HASH + proof, 256)


def changes(jpki: JpkiCard, twin: str) -> int:
    jpki.verify(SIGNING)
    lie(part(jpki, SIGNING, "pin", twin))
    return jpki.sw(0x00, 0x24, 0x01, SIGNING.pin_reference, b"NEWPASS1")


def renews(jpki: JpkiCard) -> int:
    channel = jpki.channel()
    lie(part(jpki, SIGNING, "state"))
    return exchange(channel, CommandApdu(0x80, 0x46, 0x80, 0x01, b"\xb6\x00", 256)).sw


def issues(jpki: JpkiCard) -> int:
    """The slot of a holder counts as empty at one of the looks: what the holder left has to go all the same."""
    channel = jpki.channel()
    swear_falsely(part(jpki, SIGNING, "state"), EMPTY)
    return exchange(channel, CommandApdu(0x80, 0x46, 0x80, 0x00, b"\xb6\x00", 256)).sw


CHALLENGED: dict[str, Callable[[JpkiCard], int]] = {
    "READ BINARY, signing certificate": lambda jpki: reads_certificate(jpki, SIGNING),
    "READ BINARY, authentication certificate": lambda jpki: reads_certificate(jpki, AUTHENTICATION),
    "SIGN WITH INDICATOR, more": lambda jpki: signs_with_indicator(jpki, 0x0110),
    "SIGN WITH INDICATOR, less": lambda jpki: signs_with_indicator(jpki, 0x4000),
    "REGISTER DEVICE KEY": registers,
    "REGISTER DEVICE KEY, no key object": registers_beside_no_key,
    "REMOVE DEVICE KEY": lambda jpki: removes(jpki, "verified"),
    "REMOVE DEVICE KEY, registration": lambda jpki: removes(jpki, "registered"),
    "proof, challenge": lambda jpki: proves(jpki, lambda slot: slot.field("deviceKeys").field("challenge")),
    "proof, registration": lambda jpki: proves(jpki, lambda slot: slot.field("deviceKeys").field("registered")[0]),
    "proof, state of the PIN": lambda jpki: proves(jpki, lambda slot: slot.field("pin").field("state")),
    "proof, key": lambda jpki: proves(jpki, lambda slot: slot.field("state")),
    "CHANGE PIN": lambda jpki: changes(jpki, "verified"),
    "GENERATE KEY PAIR, renewal": renews,
    "GENERATE KEY PAIR": issues,
}


@pytest.mark.parametrize("command", CHALLENGED.values(), ids=CHALLENGED.keys())
def test_the_second_look_finds_what_the_first_did_not(jpki: JpkiCard, command: Callable[[JpkiCard], int]) -> None:
    before = jpki.status().slots
    assert command(jpki) == SW.SECURITY_ISSUE
    assert jpki.status().attacks == 1
    assert [one.signature_counter for one in jpki.status().slots.values()] == [
        one.signature_counter for one in before.values()
    ]


def test_a_key_that_does_not_get_its_place_is_overwritten_at_once(jpki: JpkiCard) -> None:
    """A5: it was made when the second look found the attack; the next selection may be far."""
    assert renews(jpki) == SW.SECURITY_ISSUE
    assert is_spare_key_gone(jpki.card.simulated)


def sets(jpki: JpkiCard) -> int:
    channel = jpki.channel()
    lie(part(jpki, SIGNING, "pin", "state"))
    return exchange(channel, CommandApdu(0x80, 0x2C, 0x02, SIGNING.pin_reference, TEMPORARY[SIGNING])).sw


def uses_temporary_pin_up(jpki: JpkiCard) -> int:
    jpki.tsm().set_pin(SIGNING, TEMPORARY[SIGNING])
    lie(part(jpki, SIGNING, "pin", "state"))
    return jpki.sw(0x00, 0x20, 0x00, SIGNING.pin_reference, TEMPORARY[SIGNING])


def sets_own_pin(jpki: JpkiCard) -> int:
    jpki.tsm().set_pin(SIGNING, TEMPORARY[SIGNING])
    jpki.client.verify(SIGNING, TEMPORARY[SIGNING])
    lie(part(jpki, SIGNING, "pin", "permitted"))
    return jpki.sw(0x00, 0x24, 0x01, SIGNING.pin_reference, PINS[SIGNING])


@pytest.mark.parametrize("command", [sets, uses_temporary_pin_up, sets_own_pin])
def test_a_first_pin_is_set_by_two_looks(blank: JpkiCard, command: Callable[[JpkiCard], int]) -> None:
    assert command(blank) == SW.SECURITY_ISSUE
    assert blank.status().attacks == 1


def test_of_a_verified_pin_both_cells_are_looked_at(jpki: JpkiCard) -> None:
    jpki.verify(SIGNING)
    twin = part(jpki, SIGNING, "pin", "verified")
    swear_falsely(twin, twin.field("cells")[0] ^ 0x0110)
    assert jpki.sw(0x80, 0x2A, 0x02, SIGNING.key_reference, HASH, 256) == SW.SECURITY_ISSUE


def test_a_cell_that_was_never_set_verifies_no_pin(jpki: JpkiCard) -> None:
    jpki.verify(SIGNING)
    swear_falsely(part(jpki, SIGNING, "pin", "verified"), 0)
    assert jpki.sw(0x80, 0x2A, 0x02, SIGNING.key_reference, HASH, 256) == SW.SECURITY_ISSUE


@pytest.mark.parametrize("slot", Slot)
def test_a_wrong_pin_takes_away_what_the_second_look_sees(jpki: JpkiCard, slot: Slot) -> None:
    """Else a fault in the first look would have the key used behind it."""
    jpki.verify(slot)
    assert jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, WRONG[slot]) & 0xFFF0 == 0x63C0
    assert 0 in {one & 0xFFFF for one in part(jpki, slot, "pin", "verified").field("cells")}


ENDS: dict[str, Callable[[JpkiCard], None]] = {
    "another application": JpkiCard.select_other,
    "RESET PIN": lambda jpki: jpki.tsm().reset_pin(SIGNING),
    "DELETE SLOT": lambda jpki: jpki.tsm().delete_slot(SIGNING),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_what_ends_a_session_takes_both_looks_away(jpki: JpkiCard, end: Callable[[JpkiCard], None]) -> None:
    """Else the next holder's key would hang on one of them."""
    jpki.verify(SIGNING)
    mark = part(jpki, SIGNING, "pin", "verified")
    there = mark.field("cells")
    end(jpki)
    assert not set(there) & set(mark.field("cells"))


# -- what overwrites ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [True, False], ids=["value", "complement"])
def test_either_cell_of_the_mark_has_remains_overwritten(jpki: JpkiCard, value: bool) -> None:
    mark = part(jpki, SIGNING, "remains")
    put(mark, *((~CLEAN, ~CLEAN) if value else (CLEAN, CLEAN)))
    jpki.client.select()
    assert mark.field("cells") == (CLEAN, ~CLEAN)


@pytest.mark.parametrize("value", [True, False], ids=["value", "complement"])
def test_one_cell_overwrites_neither_key_nor_certificate(jpki: JpkiCard, value: bool) -> None:
    """Only where both say that the slot is empty is there nothing that anybody could miss."""
    before = part(jpki, SIGNING, "certificate").field("content")[: len(CERTIFICATES[SIGNING])]
    assert before == CERTIFICATES[SIGNING]
    state, length = part(jpki, SIGNING, "state"), part(jpki, SIGNING, "certificate", "length")
    kept = [state.field("cells"), length.field("cells")]
    for twin, nothing in ((state, EMPTY), (length, 0)):
        at, complement = twin.field("cells")
        put(twin, *((nothing, complement) if value else (at, ~nothing)))
    put(part(jpki, SIGNING, "remains"), ~CLEAN, CLEAN)
    jpki.client.select()
    for twin, cells in zip((state, length), kept, strict=True):
        put(twin, *cells)
    assert part(jpki, SIGNING, "certificate").field("content")[: len(before)] == before
    jpki.verify(SIGNING)
    assert jpki.sw(0x80, 0x2A, 0x02, SIGNING.key_reference, HASH, 256) == SW.OK


@pytest.mark.parametrize("value", [True, False], ids=["value", "complement"])
def test_one_cell_takes_no_device_key_for_unregistered(jpki: JpkiCard, value: bool) -> None:
    registered(jpki)
    twin = part(jpki, AUTHENTICATION, "deviceKeys").field("registered")[0]
    at, complement = twin.field("cells")
    put(twin, *((0, complement) if value else (at, -1)))
    put(part(jpki, AUTHENTICATION, "remains"), ~CLEAN, CLEAN)
    jpki.client.select()
    put(twin, at, complement)
    proof = DEVICE.prove(proof_message(jpki.client.challenge(), HASH, BIOMETRIC))
    assert jpki.sw(0x80, 0x2E, BIOMETRIC, AUTHENTICATION.key_reference, HASH + proof, 256) == SW.OK


# -- between commands --------------------------------------------------------------------------------------------------


def at_rest(jpki: JpkiCard) -> dict[str, object]:
    """What no command leaves: a right to be used by the next one, a number that it would have to reach."""
    applet = applet_object(jpki.card.simulated)
    tsm, devices = applet.field("tsmCommands"), part(jpki, AUTHENTICATION, "deviceKeys")
    twins = {"command": tsm.field("command"), "level": tsm.field("level"), "proof": devices.field("proof")}
    dues = {f"due, {slot.name}": part(jpki, slot, "uses").field("due") for slot in Slot}
    return {name: {one & 0xFFFF for one in twin.field("cells")} - {0, 0xFFFF} for name, twin in twins.items()} | dues


OF_NOBODY = 0x0C
"""A level that no session has (TsmCommands)."""


@pytest.mark.parametrize("last", ["done", "refused"])
def test_no_command_leaves_a_right_to_the_next(jpki: JpkiCard, last: str) -> None:
    rest = {
        "command": set(),
        "level": {OF_NOBODY, ~OF_NOBODY & 0xFFFF},
        "proof": set(),
        "due, SIGNING": (0, 0),
        "due, AUTHENTICATION": (0, 0),
    }
    registered(jpki)
    for slot in Slot:
        jpki.verify(slot)
        jpki.client.sign_with_indicator(slot, HASH)
        assert at_rest(jpki) == rest, f"SIGN, {slot.name}"
    jpki.client.sign_with_device(BIOMETRIC, HASH, DEVICE.prove)
    assert at_rest(jpki) == rest, "proof"
    channel = jpki.channel()
    command = CommandApdu(0x80, 0xF2, 0x00, 0x00, b"" if last == "done" else b"\0", 256)
    assert exchange(channel, command).ok is (last == "done")
    assert at_rest(jpki) == rest, "GET STATUS"
