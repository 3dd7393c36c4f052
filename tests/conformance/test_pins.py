"""OwnerPIN before it was given a value, and checks of nothing: the API leaves both to the card."""

from __future__ import annotations

import pytest

from cardlab.runtime.backend import Backend
from cardlab.runtime.choices import PinValue
from cardlab.runtime.feature import Feature
from tests.conformance.cards import RuntimeCard
from tests.conformance.conftest import MakeCard
from tests.conformance.test_choices import chosen

NEEDS = frozenset((Feature.APPLETS,))
CHECK, UPDATE = 0x20, 0x24  # instructions of Pins
LIMIT, LONGEST = 5, 4  # its tries, and bytes of the longest PIN


def checked(card: RuntimeCard, value: bytes) -> tuple[bool, int]:
    """Whether it was right, and the tries that are left."""
    right, left = card.ask(CHECK, value)
    return bool(right), left


def card_with(make_card: MakeCard, backend: Backend, **choices: object) -> RuntimeCard:
    card = chosen(make_card, backend, "Pins", **choices)
    card.start("Pins")
    return card


@pytest.mark.parametrize(
    ("state", "right"), [(PinValue.ZEROS, bytes(LONGEST)), (PinValue.EMPTY, b""), (PinValue.NONE, None)]
)
def test_what_is_right_before_there_is_a_value(
    make_card: MakeCard, backend: Backend, state: PinValue, right: bytes | None
) -> None:
    card = card_with(make_card, backend, pin_value=state)
    left = LIMIT
    for value in (b"1234", b"", bytes(3), bytes(LONGEST)):
        left = LIMIT if value == right else left - 1
        assert checked(card, value) == (value == right, left)


@pytest.mark.parametrize("state", PinValue)
def test_its_first_value_ends_that(make_card: MakeCard, backend: Backend, state: PinValue) -> None:
    card = card_with(make_card, backend, pin_value=state)
    card.ask(UPDATE, b"12")
    assert checked(card, bytes(LONGEST)) == (False, LIMIT - 1)
    assert checked(card, b"") == (False, LIMIT - 2)
    assert checked(card, b"12") == (True, LIMIT)


@pytest.mark.parametrize("counts", [True, False])
def test_a_check_of_nothing_uses_a_try_or_not(make_card: MakeCard, backend: Backend, counts: bool) -> None:
    """A loop that blocks a PIN with empty values does not end on a card that does not count them."""
    card = card_with(make_card, backend, count_empty_pin=counts)
    card.ask(UPDATE, b"1234")
    for count in range(1, 4):
        assert checked(card, b"") == (False, LIMIT - count * counts)
    assert checked(card, b"1234") == (True, LIMIT)
