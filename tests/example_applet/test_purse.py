"""The purse in src/: PIN, money, transactions, and what a reset leaves. Everything here works in a project of yours."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from cardlab.iso7816.status import SW
from cardlab.pytest_plugin import Card, CardFactory

pytestmark = pytest.mark.javacard_applet(
    sources="src", class_name="com.example.purse.Purse", aid="F00000000101", parameters=b"1234"
)

CLA, VERIFY, CREDIT, DEBIT, READ = 0x80, 0x20, 0x30, 0x40, 0x52
LIMIT = 10_000
NOT_ENOUGH = 0x6A84


def pin(card: Card, digits: bytes, *, expect: int = SW.OK) -> None:
    card.send(CLA, VERIFY, data=digits, expect=expect)


def credit(card: Card, amount: int, *, expect: int = SW.OK) -> None:
    card.send(CLA, CREDIT, data=amount.to_bytes(2, "big"), expect=expect)


def debit(card: Card, amount: int, *, expect: int = SW.OK) -> None:
    card.send(CLA, DEBIT, data=amount.to_bytes(2, "big"), expect=expect)


def read(card: Card) -> tuple[int, int]:
    """Balance and number of movements."""
    answer = card.send(CLA, READ)
    return int.from_bytes(answer[:2], "big"), int.from_bytes(answer[2:], "big")


def test_a_new_purse_is_empty(card: Card) -> None:
    assert read(card) == (0, 0)


def test_money_goes_in_after_the_pin_only(card: Card) -> None:
    credit(card, 100, expect=SW.SECURITY_STATUS_NOT_SATISFIED)
    pin(card, b"1234")
    credit(card, 100)
    assert read(card) == (100, 1)


def test_money_and_tries_survive_a_reset_but_the_right_pin_does_not(card: Card) -> None:
    pin(card, b"1234")
    credit(card, 500)
    pin(card, b"0000", expect=0x63C2)
    card.reset()
    assert read(card) == (500, 1)
    pin(card, b"0000", expect=0x63C1)
    pin(card, b"1234")
    card.reset()
    credit(card, 1, expect=SW.SECURITY_STATUS_NOT_SATISFIED)


def test_a_refused_movement_changes_neither_balance_nor_count(card: Card) -> None:
    pin(card, b"1234")
    credit(card, 100)
    debit(card, 101, expect=NOT_ENOUGH)
    credit(card, LIMIT, expect=NOT_ENOUGH)
    assert read(card) == (100, 1)


def test_balance_and_count_belong_together_whenever_the_power_fails(card_factory: CardFactory) -> None:
    outcomes = []
    for moment in count(1):
        with card_factory() as card:
            pin(card, b"1234")
            credit(card, 100)
            torn = card.tear(CLA, DEBIT, data=(30).to_bytes(2, "big"), at=moment)
            outcomes.append(read(card))
        if not torn:
            break
    assert set(outcomes) == {(100, 1), (70, 2)}
    assert len(outcomes) > 2


def test_a_try_is_counted_before_anything_is_compared(card: Card) -> None:
    """The first write is the counter's: when it is done, and nothing after it, the try is gone."""
    assert card.tear(CLA, VERIFY, data=b"9999", at=1, torn="new")
    pin(card, b"9999", expect=0x63C1)


def test_three_wrong_pins_block_the_purse_for_good(card: Card) -> None:
    for left in (2, 1, 0):
        pin(card, b"9999", expect=0x63C0 + left)
    pin(card, b"1234", expect=0x63C0)
    card.reset()
    pin(card, b"1234", expect=0x63C0)


@pytest.mark.parametrize("amount", [0, LIMIT + 1, 0x8000, 0xFFFF])
def test_amounts_that_cannot_be(card: Card, amount: int) -> None:
    pin(card, b"1234")
    credit(card, amount, expect=SW.WRONG_DATA)
    debit(card, amount, expect=SW.WRONG_DATA)
    assert read(card) == (0, 0)


@pytest.mark.parametrize("length", [0, 1, 3, 255])
def test_wrong_lengths(card: Card, length: int) -> None:
    card.send(CLA, DEBIT, data=bytes(length), expect=SW.WRONG_LENGTH)


def test_unknown_commands(card: Card) -> None:
    card.send(CLA, 0x99, expect=SW.INS_NOT_SUPPORTED)
    card.send(0x00, READ, expect=SW.CLA_NOT_SUPPORTED)


@pytest.mark.javacard_profile("feitian-s01c")
def test_on_a_card_of_t0_data_come_byte_by_byte(card: Card) -> None:
    pin(card, b"1234")
    credit(card, 1000)
    debit(card, 300)
    assert read(card) == (700, 2)
    card.send(CLA, DEBIT, data=bytes(3), expect=SW.WRONG_LENGTH)


@pytest.mark.javacard_applet(parameters=b"4321")
def test_the_pin_is_an_install_parameter(card: Card) -> None:
    pin(card, b"1234", expect=0x63C2)
    pin(card, b"4321")


def test_two_purses_know_nothing_of_each_other(card_factory: CardFactory) -> None:
    with card_factory() as mine, card_factory() as yours:
        pin(mine, b"1234")
        credit(mine, 300)
        assert read(yours) == (0, 0)
        credit(yours, 1, expect=SW.SECURITY_STATUS_NOT_SATISFIED)


def test_deleted_with_everything_in_it(card: Card) -> None:
    pin(card, b"1234")
    credit(card, 300)
    aid = card.aid
    card.delete()
    card.select(aid, expect=SW.FILE_NOT_FOUND)


def test_any_sequence_of_commands(card_factory: CardFactory) -> None:
    class Purse(RuleBasedStateMachine):
        """The purse beside a model of it: whatever is done, both agree."""

        def __init__(self) -> None:
            super().__init__()
            self.card = card_factory()
            self.balance = self.movements = 0
            self.tries, self.verified = 3, False

        @precondition(lambda self: self.tries > 0)
        @rule(right=st.booleans())
        def enter_pin(self, right: bool) -> None:
            self.tries, self.verified = (3 if right else self.tries - 1), right
            pin(self.card, b"1234" if right else b"1235", expect=SW.OK if right else 0x63C0 + self.tries)

        @rule(amount=st.integers(1, LIMIT))
        def put_in(self, amount: int) -> None:
            if not self.verified:
                credit(self.card, amount, expect=SW.SECURITY_STATUS_NOT_SATISFIED)
            elif self.balance + amount > LIMIT:
                credit(self.card, amount, expect=NOT_ENOUGH)
            else:
                credit(self.card, amount)
                self.balance, self.movements = self.balance + amount, self.movements + 1

        @rule(amount=st.integers(1, LIMIT))
        def take_out(self, amount: int) -> None:
            if amount > self.balance:
                debit(self.card, amount, expect=NOT_ENOUGH)
            else:
                debit(self.card, amount)
                self.balance, self.movements = self.balance - amount, self.movements + 1

        @rule()
        def reset(self) -> None:
            self.card.reset()
            self.verified = False

        @invariant()
        def balance_and_movements_agree(self) -> None:
            assert read(self.card) == (self.balance, self.movements)

        def teardown(self) -> None:
            self.card.close()

    run_state_machine_as_test(Purse)
