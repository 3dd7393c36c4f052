"""VERIFY, the retry query, CHANGE REFERENCE DATA and the life of a PIN (B1-B7)."""

from __future__ import annotations

import pytest

from cardlab.iso7816.status import SW, UnexpectedStatusError
from jpki.client.constants import EF, PinState, Slot
from jpki.client.errors import WrongPinError
from tests.jpki.applet.cards import PINS, TEMPORARY, WRONG, JpkiCard

SLOTS = list(Slot)


def verify(jpki: JpkiCard, slot: Slot, pin: bytes) -> int:
    return jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, pin)


def change(jpki: JpkiCard, slot: Slot, pin: bytes) -> int:
    return jpki.sw(0x00, 0x24, 0x01, slot.pin_reference, pin)


def query(jpki: JpkiCard, slot: Slot) -> int:
    return jpki.sw(0x00, 0x20, 0x00, slot.pin_reference)


def other(slot: Slot) -> Slot:
    return Slot.AUTHENTICATION if slot is Slot.SIGNING else Slot.SIGNING


def pin_state(jpki: JpkiCard, slot: Slot) -> PinState:
    return jpki.status().slots[slot].pin_state


def sign(jpki: JpkiCard, slot: Slot) -> int:
    return jpki.sw(0x80, 0x2A, 0x02, slot.key_reference, bytes(32), 256)


# -- the counter ------------------------------------------------------------------------------------------------------


@pytest.mark.needs("many")
@pytest.mark.parametrize("slot", SLOTS)
def test_retry_query_always_answers_63cx(jpki: JpkiCard, blank: JpkiCard, slot: Slot) -> None:
    """Trap 1, and its counterpart: also after a good VERIFY, when blocked, and when not set."""
    full = 0x63C0 | slot.tries
    assert query(jpki, slot) == full
    jpki.verify(slot)
    assert query(jpki, slot) == full
    assert jpki.is_verified(slot), "asking changes nothing"
    for left in reversed(range(slot.tries)):
        assert verify(jpki, slot, WRONG[slot]) == 0x63C0 | left
        assert query(jpki, slot) == 0x63C0 | left
    assert query(blank, slot) == 0x63C0


@pytest.mark.parametrize("slot", SLOTS)
def test_retry_query_with_le(jpki: JpkiCard, slot: Slot) -> None:
    assert jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, le=256) == 0x63C0 | slot.tries


@pytest.mark.parametrize("slot", SLOTS)
def test_wrong_pins_block_and_only_the_tsm_unblocks(jpki: JpkiCard, slot: Slot) -> None:
    """B6, B7: five and three tries, counted across resets; then the right PIN does not help, RESET PIN does."""
    for left in reversed(range(slot.tries)):
        with pytest.raises(WrongPinError) as error:
            jpki.client.verify(slot, WRONG[slot])
        assert error.value.tries_left == left
        jpki.reset()
    assert verify(jpki, slot, PINS[slot]) == SW.REFERENCE_DATA_NOT_USABLE
    assert pin_state(jpki, slot) is PinState.BLOCKED
    assert sign(jpki, slot) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert change(jpki, slot, PINS[slot]) == SW.SECURITY_STATUS_NOT_SATISFIED
    jpki.tsm().reset_pin(slot)
    assert pin_state(jpki, slot) is PinState.INITIAL
    jpki.activate_pin(slot, PINS[slot])
    assert query(jpki, slot) == 0x63C0 | slot.tries
    jpki.verify(slot)
    assert sign(jpki, slot) == SW.OK


@pytest.mark.parametrize("slot", SLOTS)
def test_the_right_pin_fills_the_counter(jpki: JpkiCard, slot: Slot) -> None:
    verify(jpki, slot, WRONG[slot])
    jpki.verify(slot)
    assert query(jpki, slot) == 0x63C0 | slot.tries


@pytest.mark.parametrize("slot", SLOTS)
def test_a_wrong_pin_ends_its_own_slots_verification(jpki: JpkiCard, slot: Slot) -> None:
    jpki.verify(slot)
    jpki.verify(other(slot))
    assert jpki.is_verified(slot)
    assert verify(jpki, slot, WRONG[slot]) == 0x63C0 | (slot.tries - 1)
    assert not jpki.is_verified(slot)
    assert jpki.is_verified(other(slot))


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("length", [1, 3, 4, 5, 8, 9, 10, 15, 16])
def test_any_length_up_to_16_is_compared(jpki: JpkiCard, slot: Slot, length: int) -> None:
    pin = (PINS[slot] + bytes(16))[:length]
    expected = SW.OK if pin == PINS[slot] else 0x63C0 | (slot.tries - 1)
    assert verify(jpki, slot, pin) == expected


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("length", [17, 128, 255])
def test_longer_ones_do_not_count(jpki: JpkiCard, slot: Slot, length: int) -> None:
    jpki.verify(slot)
    assert verify(jpki, slot, PINS[slot].ljust(length, b"\0")) == SW.WRONG_LENGTH
    assert query(jpki, slot) == 0x63C0 | slot.tries
    assert jpki.is_verified(slot)


@pytest.mark.parametrize("slot", SLOTS)
def test_padding_and_case_matter(jpki: JpkiCard, slot: Slot) -> None:
    assert verify(jpki, slot, PINS[slot] + b"\xff") == 0x63C0 | (slot.tries - 1)
    assert verify(jpki, slot, b"password1") != SW.OK


@pytest.mark.parametrize("slot", SLOTS)
def test_by_selected_file(jpki: JpkiCard, slot: Slot) -> None:
    jpki.client.select_file(slot.pin)
    assert jpki.sw(0x00, 0x20, 0x00, 0x80) == 0x63C0 | slot.tries
    assert jpki.sw(0x00, 0x20, 0x00, 0x80, WRONG[slot]) == 0x63C0 | (slot.tries - 1)
    assert jpki.sw(0x00, 0x20, 0x00, 0x80, PINS[slot]) == SW.OK
    assert jpki.is_verified(slot)
    assert not jpki.is_verified(other(slot))
    jpki.client.select_file(slot.pin)
    assert jpki.sw(0x00, 0x24, 0x01, 0x80, GOOD[slot][0]) == SW.OK
    assert verify(jpki, slot, GOOD[slot][0]) == SW.OK


@pytest.mark.parametrize(("ins", "p1"), [(0x20, 0x01), (0x24, 0x00)])
def test_the_form_of_a_command_is_looked_at_before_its_pin(jpki: JpkiCard, ins: int, p1: int) -> None:
    assert jpki.sw(0x00, ins, p1, 0x91, b"1234") == SW.INCORRECT_P1P2
    assert jpki.sw(0x00, ins, p1 ^ 1, 0x91, b"1234") == SW.REFERENCED_DATA_NOT_FOUND


@pytest.mark.parametrize(("ins", "p1"), [(0x20, 0x00), (0x24, 0x01)])
def test_references(jpki: JpkiCard, ins: int, p1: int) -> None:
    jpki.verify(Slot.SIGNING)
    assert jpki.sw(0x00, ins, p1, 0x80, b"123456") == SW.COMMAND_NOT_ALLOWED
    for file in EF:
        if file not in (EF.SIGNING_PASSWORD, EF.AUTHENTICATION_PIN):
            jpki.client.select_file(file)
            assert jpki.sw(0x00, ins, p1, 0x80, b"123456") == SW.INCOMPATIBLE_FILE
    for p2 in set(range(256)) - {0x80, 0x98, 0x9B}:
        assert jpki.sw(0x00, ins, p1, p2, b"123456") == SW.REFERENCED_DATA_NOT_FOUND
    for wrong_p1 in set(range(256)) - {p1}:
        assert jpki.sw(0x00, ins, wrong_p1, 0x9B, b"123456") == SW.INCORRECT_P1P2
    assert query(jpki, Slot.SIGNING) == 0x63C5
    assert jpki.is_verified(Slot.SIGNING)


# -- changing ---------------------------------------------------------------------------------------------------------

GOOD = {
    Slot.SIGNING: [b"ABCDEF", b"000000", b"ABCDEFGHIJKLMNOP", b"ZYXWVUTSRQ987654"],
    Slot.AUTHENTICATION: [b"0000", b"9999", b"1230"],
}
WRONG_LENGTH = {
    Slot.SIGNING: [b"", b"A", b"ABCDE", b"A" * 17, b"A" * 255],
    Slot.AUTHENTICATION: [b"", b"1", b"123", b"12345", b"1234567890123456", b"1" * 255],
}
WRONG_CHARACTERS = {
    Slot.SIGNING: [b"abcdef", b"ABCDE ", b"ABCDE\0", b"ABCDE@", b"ABCDE[", b"ABCDE/", b"ABCDE:", b"ABCDE\xff"],
    Slot.AUTHENTICATION: [b"ABCD", b"123A", b"12 4", b"123/", b"123:", b"\0\0\0\0", b"\xff\xff\xff\xff"],
}


@pytest.mark.parametrize("slot", SLOTS)
def test_changing(jpki: JpkiCard, slot: Slot) -> None:
    """B1: the shortest, the longest, both ends of the alphabet."""
    jpki.verify(slot)
    for new in GOOD[slot]:
        jpki.client.change_pin(slot, new)
        assert jpki.is_verified(slot), "the slot stays verified"
        jpki.reset()
        assert verify(jpki, slot, PINS[slot]) == 0x63C0 | (slot.tries - 1)
        jpki.client.verify(slot, new)
    assert pin_state(jpki, slot) is PinState.ACTIVE


@pytest.mark.parametrize("slot", SLOTS)
def test_changing_needs_the_pin_of_the_same_slot(jpki: JpkiCard, slot: Slot) -> None:
    """B6."""
    assert change(jpki, slot, GOOD[slot][0]) == SW.SECURITY_STATUS_NOT_SATISFIED
    jpki.verify(other(slot))
    assert change(jpki, slot, GOOD[slot][0]) == SW.SECURITY_STATUS_NOT_SATISFIED
    jpki.verify(slot)
    jpki.select_other()
    assert change(jpki, slot, GOOD[slot][0]) == SW.SECURITY_STATUS_NOT_SATISFIED
    jpki.verify(slot)


@pytest.mark.parametrize("slot", SLOTS)
def test_the_format_is_enforced_on_the_card(jpki: JpkiCard, slot: Slot) -> None:
    """B1."""
    jpki.verify(slot)
    for pin in WRONG_LENGTH[slot]:
        assert change(jpki, slot, pin) == SW.WRONG_LENGTH
    for pin in WRONG_CHARACTERS[slot]:
        assert change(jpki, slot, pin) == SW.WRONG_DATA
    assert jpki.is_verified(slot)
    jpki.reset()
    jpki.verify(slot)


# -- the temporary PIN ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot", SLOTS)
def test_delivered_pins_cannot_be_used(blank: JpkiCard, slot: Slot) -> None:
    """B4: initial and unusable, whatever is tried."""
    for pin in (PINS[slot], bytes(16), b"0000"):
        assert verify(blank, slot, pin) == SW.REFERENCE_DATA_NOT_USABLE
    assert change(blank, slot, PINS[slot]) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert pin_state(blank, slot) is PinState.INITIAL


@pytest.mark.parametrize("slot", SLOTS)
def test_the_way_to_the_users_pin(blank: JpkiCard, slot: Slot) -> None:
    """B4, B5: the key works from the user's own PIN on, not before."""
    tsm = blank.tsm()
    tsm.generate_key_pair(slot)
    tsm.set_pin(slot, TEMPORARY[slot])
    assert tsm.status().slots[slot].pin_state is PinState.SETTABLE
    assert query(blank, slot) == 0x63C0 | slot.tries
    assert verify(blank, slot, TEMPORARY[slot]) == SW.OK
    assert pin_state(blank, slot) is PinState.INITIAL
    assert not blank.is_verified(slot)
    assert sign(blank, slot) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert change(blank, slot, PINS[slot]) == SW.OK
    assert sign(blank, slot) == SW.SECURITY_STATUS_NOT_SATISFIED, "the new PIN must be verified first"
    blank.verify(slot)
    assert sign(blank, slot) == SW.OK
    assert pin_state(blank, slot) is PinState.ACTIVE


@pytest.mark.parametrize("slot", SLOTS)
def test_a_temporary_pin_works_once(blank: JpkiCard, slot: Slot) -> None:
    """B5."""
    blank.tsm().set_pin(slot, TEMPORARY[slot])
    assert verify(blank, slot, TEMPORARY[slot]) == SW.OK
    assert verify(blank, slot, TEMPORARY[slot]) == SW.REFERENCE_DATA_NOT_USABLE
    assert change(blank, slot, PINS[slot]) == SW.OK, "a refused VERIFY takes no permission away"
    blank.tsm().reset_pin(slot)
    assert verify(blank, slot, TEMPORARY[slot]) == SW.REFERENCE_DATA_NOT_USABLE


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("end", ["reset", "select_other"])
def test_the_permission_belongs_to_the_session(blank: JpkiCard, slot: Slot, end: str) -> None:
    blank.tsm().set_pin(slot, TEMPORARY[slot])
    assert verify(blank, slot, TEMPORARY[slot]) == SW.OK
    getattr(blank, end)()
    assert change(blank, slot, PINS[slot]) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert verify(blank, slot, TEMPORARY[slot]) == SW.REFERENCE_DATA_NOT_USABLE


@pytest.mark.parametrize("slot", SLOTS)
def test_the_permission_survives_selecting_again(blank: JpkiCard, slot: Slot) -> None:
    blank.tsm().set_pin(slot, TEMPORARY[slot])
    assert verify(blank, slot, TEMPORARY[slot]) == SW.OK
    blank.client.select()
    assert change(blank, slot, PINS[slot]) == SW.OK


def test_a_renewal_that_is_refused_takes_no_permission_away(blank: JpkiCard) -> None:
    """There is no key to renew; a command that fails changes nothing."""
    slot = Slot.SIGNING
    blank.tsm().set_pin(slot, TEMPORARY[slot])
    assert verify(blank, slot, TEMPORARY[slot]) == SW.OK
    with pytest.raises(UnexpectedStatusError) as caught:
        blank.tsm().generate_key_pair(slot, renew=True)
    assert caught.value.sw == SW.CONDITIONS_NOT_SATISFIED
    assert change(blank, slot, PINS[slot]) == SW.OK


@pytest.mark.parametrize("slot", SLOTS)
def test_the_permission_is_for_one_slot_and_one_change(blank: JpkiCard, slot: Slot) -> None:
    """B4: once."""
    blank.tsm().set_pin(slot, TEMPORARY[slot])
    assert verify(blank, slot, TEMPORARY[slot]) == SW.OK
    assert change(blank, other(slot), PINS[other(slot)]) == SW.SECURITY_STATUS_NOT_SATISFIED
    for pin in WRONG_CHARACTERS[slot]:
        assert change(blank, slot, pin) == SW.WRONG_DATA
    assert change(blank, slot, PINS[slot]) == SW.OK
    assert change(blank, slot, GOOD[slot][0]) == SW.SECURITY_STATUS_NOT_SATISFIED


@pytest.mark.parametrize("slot", SLOTS)
def test_wrong_temporary_pins_use_it_up(blank: JpkiCard, slot: Slot) -> None:
    blank.tsm().set_pin(slot, TEMPORARY[slot])
    for left in reversed(range(slot.tries)):
        assert verify(blank, slot, WRONG[slot]) == 0x63C0 | left
    assert verify(blank, slot, TEMPORARY[slot]) == SW.REFERENCE_DATA_NOT_USABLE
    assert pin_state(blank, slot) is PinState.BLOCKED
    with pytest.raises(UnexpectedStatusError) as error:
        blank.tsm().set_pin(slot, TEMPORARY[slot])
    assert error.value.sw == SW.CONDITIONS_NOT_SATISFIED


@pytest.mark.parametrize("slot", SLOTS)
def test_setting_another_temporary_pin_ends_the_permission(blank: JpkiCard, slot: Slot) -> None:
    tsm = blank.tsm()
    tsm.set_pin(slot, TEMPORARY[slot])
    assert verify(blank, slot, TEMPORARY[slot]) == SW.OK
    tsm.set_pin(slot, WRONG[slot])
    assert change(blank, slot, PINS[slot]) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert verify(blank, slot, WRONG[slot]) == SW.OK
    assert change(blank, slot, PINS[slot]) == SW.OK


@pytest.mark.needs("many")
@pytest.mark.parametrize("slot", SLOTS)
def test_pins_are_set_in_initial_only(jpki: JpkiCard, plastic: JpkiCard, slot: Slot) -> None:
    """B4."""
    for card in (jpki, plastic):
        with pytest.raises(UnexpectedStatusError) as error:
            card.tsm().set_pin(slot, TEMPORARY[slot])
        assert error.value.sw == SW.CONDITIONS_NOT_SATISFIED
        card.verify(slot)
    jpki.tsm().reset_pin(slot)
    tsm = jpki.tsm()
    tsm.set_pin(slot, TEMPORARY[slot])
    with pytest.raises(UnexpectedStatusError) as error:
        tsm.set_pin(slot, TEMPORARY[slot])
    assert error.value.sw == SW.CONDITIONS_NOT_SATISFIED


@pytest.mark.parametrize("slot", SLOTS)
def test_temporary_pins_have_the_format_of_the_users(blank: JpkiCard, slot: Slot) -> None:
    tsm = blank.tsm()
    wrong = [(pin, SW.WRONG_LENGTH) for pin in WRONG_LENGTH[slot] if len(pin) < 200]
    for pin, sw in wrong + [(pin, SW.WRONG_DATA) for pin in WRONG_CHARACTERS[slot]]:
        with pytest.raises(UnexpectedStatusError) as error:
            tsm.set_pin(slot, pin)
        assert error.value.sw == sw
    assert tsm.status().slots[slot].pin_state is PinState.INITIAL


@pytest.mark.parametrize("slot", SLOTS)
def test_reset_of_a_pin_ends_verification_and_permission(jpki: JpkiCard, slot: Slot) -> None:
    jpki.verify(slot)
    tsm = jpki.tsm()
    tsm.reset_pin(slot)
    assert not jpki.is_verified(slot)
    assert sign(jpki, slot) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert verify(jpki, slot, PINS[slot]) == SW.REFERENCE_DATA_NOT_USABLE
    tsm.set_pin(slot, TEMPORARY[slot])
    assert verify(jpki, slot, TEMPORARY[slot]) == SW.OK
    tsm.reset_pin(slot)
    assert change(jpki, slot, PINS[slot]) == SW.SECURITY_STATUS_NOT_SATISFIED


@pytest.mark.parametrize("slot", SLOTS)
def test_a_plastic_cards_pin_is_the_users_at_once(plastic: JpkiCard, slot: Slot) -> None:
    tsm = plastic.tsm()
    tsm.reset_pin(slot)
    tsm.set_pin(slot, GOOD[slot][0])
    assert tsm.status().slots[slot].pin_state is PinState.ACTIVE
    plastic.client.verify(slot, GOOD[slot][0])
    assert sign(plastic, slot) == SW.OK


def test_the_client_wants_a_pin(jpki: JpkiCard) -> None:
    with pytest.raises(ValueError, match="tries"):
        jpki.client.verify(Slot.SIGNING, b"")
