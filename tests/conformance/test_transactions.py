"""Transactions and power cuts (JCRE 3.0.4, chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.errors import TransportError
from cardlab.iso7816.status import SW
from cardlab.runtime.feature import Feature
from tests.conformance.cards import Limits, RuntimeCard
from tests.conformance.conftest import MakeCard

NEEDS = frozenset(
    (
        Feature.APPLETS,
        Feature.TRANSACTIONS,
        Feature.TEARS,
    )
)
RUN, TELL, CAPACITY, TELL_COPIED = 0x01, 0x02, 0x03, 0x04
IN_PROGRESS, NOT_IN_PROGRESS, BUFFER_FULL = 0x6B01, 0x6B02, 0x6B03  # 6B00 + TransactionException's reason
NO_PIN_TRIES_LOST = 5
THROW, PROGRAMMING_ERROR = "T", "E"


@dataclass(frozen=True)
class State:
    """What the applet tells of its memory."""

    written: int = 0  # the value in fields and arrays of every type
    shared: int = 0  # static field
    ram: int = 0
    tries: int = NO_PIN_TRIES_LOST
    large: int = 0
    indirect: int = 0  # in an object that only a transient array refers to
    key: int = 0
    depth: int = 0
    chain: tuple[int, ...] = field(default=())


def program(*steps: str | tuple[str, int]) -> bytes:
    """Steps as the applet takes them; see Transactions.step."""
    pairs = [(step, 0) if isinstance(step, str) else step for step in steps]
    return b"".join(code.encode() + bytes((operand,)) for code, operand in pairs)


def run(card: RuntimeCard, *steps: str | tuple[str, int]) -> int:
    return card.send(RUN, program(*steps)).sw


def state(card: RuntimeCard) -> State:
    raw = card.ask(TELL)
    w = raw[0]
    flag = bool(w)
    assert raw[:8] == bytes((w, 0, w, flag, flag, w, w, flag)), "fields and arrays of one write differ"
    return State(w, raw[8], raw[9], raw[10], raw[11], raw[12], raw[13], raw[14], tuple(raw[15:]))


@pytest.fixture
def card(make_card: MakeCard) -> RuntimeCard:
    card = make_card("Transactions")
    card.start("Transactions")
    return card


WRITES: tuple[str | tuple[str, int], ...] = (("w", 7), ("n", 3), ("k", 9), ("t", 4), ("l", 10))


@pytest.mark.parametrize(
    ("ending", "sw"),
    [
        (("A",), SW.OK),
        ((), SW.OK),  # returns with the transaction open
        ((THROW,), 0x6A81),
        ((PROGRAMMING_ERROR,), SW.UNKNOWN),
    ],
)
def test_what_is_not_committed_did_not_happen(card: RuntimeCard, ending: tuple[str, ...], sw: int) -> None:
    run(card, ("w", 1), ("n", 1), ("k", 1), ("t", 1))
    before = state(card)
    assert run(card, "B", *WRITES, *ending) == sw
    assert state(card) == before


def test_an_open_transaction_ends_with_the_command(card: RuntimeCard) -> None:
    run(card, "B")
    assert state(card).depth == 0


def test_what_is_committed_stays(card: RuntimeCard) -> None:
    assert run(card, "B", *WRITES, "C", THROW) == 0x6A81
    assert state(card) == State(7, 7, 0, 5, 1, 4, 9, 0, (3,))


def test_what_is_written_without_a_transaction_stays(card: RuntimeCard) -> None:
    assert run(card, *WRITES, THROW) == 0x6A81
    assert state(card) == State(7, 7, 0, 5, 1, 4, 9, 0, (3,))


def test_transient_memory_takes_no_part(card: RuntimeCard) -> None:
    run(card, "B", ("r", 5), "A")
    assert state(card).ram == 5


def test_objects_deep_in_a_chain_are_restored(card: RuntimeCard) -> None:
    run(card, *[("n", i) for i in range(1, 6)])
    run(card, "B", ("m", 9), ("n", 9), "A")
    assert state(card).chain == (5, 4, 3, 2, 1)


@pytest.mark.parametrize(
    ("steps", "sw"),
    [
        (("B", "B"), IN_PROGRESS),
        (("C",), NOT_IN_PROGRESS),
        (("A",), NOT_IN_PROGRESS),
        (("B", "C", "A"), NOT_IN_PROGRESS),
        (("B", "A", "C"), NOT_IN_PROGRESS),
        (("B", "C", "B", "A", "B", "C"), SW.OK),
    ],
)
def test_transactions_do_not_nest(card: RuntimeCard, steps: tuple[str, ...], sw: int) -> None:
    assert run(card, *steps) == sw


def test_pin_tries_stay_counted(card: RuntimeCard) -> None:
    """PIN, Java Card API 3.0.4: presentation takes no part in a transaction (B7)."""
    run(card, "B", ("w", 1), ("p", 9), ("p", 9), "A")
    assert state(card) == State(tries=3)
    run(card, "B", ("p", 0), THROW)
    assert state(card).tries == 5


def test_a_new_pin_is_part_of_the_transaction(card: RuntimeCard) -> None:
    """Neither the new value nor the counter that came with it survives, whatever was tried with it meanwhile."""
    run(card, ("p", 9), ("p", 9))
    run(card, "B", ("u", 4), ("p", 9), ("p", 4), "A")
    assert state(card).tries == 3
    run(card, ("p", 0))
    assert state(card).tries == 5
    run(card, "B", ("u", 4), "C", ("p", 0))
    assert state(card).tries == 4


def test_unblocking_a_pin_is_part_of_the_transaction(card: RuntimeCard) -> None:
    run(card, *[("p", 9)] * 5)
    run(card, "B", "U", ("p", 9), "A")
    assert state(card).tries == 0
    run(card, "B", "U", "C")
    assert state(card).tries == 5


def test_a_try_of_the_same_pin_counts_though_it_was_unblocked_in_vain(card: RuntimeCard) -> None:
    """PIN, Java Card API 3.0.5: or whoever may unblock could try without end."""
    run(card, ("p", 9), ("p", 9))
    run(card, "B", "U", ("p", 9), "A")
    assert state(card).tries == 2
    run(card, "B", "U", ("p", 0), "A")
    assert state(card).tries == 2


def test_more_than_fits_into_the_commit_buffer(make_card: MakeCard) -> None:
    """TransactionException.BUFFER_FULL, and nothing of the transaction happened."""
    card = make_card("Transactions", limits=Limits(commit=256))
    card.start("Transactions")
    assert run(card, "B", ("l", 1), "C") == SW.OK
    assert run(card, "B", ("w", 1), ("l", 255), "C") == BUFFER_FULL
    assert state(card) == State(large=1)


def test_the_commit_buffer_tells_its_size_and_what_is_left(make_card: MakeCard) -> None:
    """JCSystem.getMaxCommitCapacity(), getUnusedCommitCapacity() after 20 bytes changed."""
    card = make_card("Transactions", limits=Limits(commit=256))
    card.start("Transactions")
    told = card.ask(CAPACITY)
    assert int.from_bytes(told[:2], "big") == 256
    assert 0 <= int.from_bytes(told[2:], "big") <= 256 - 20


# A model of the rules, for every sequence of steps


@dataclass
class Model:
    """The memory that a card should have; ``saved`` is what a rollback goes back to."""

    now: State = field(default_factory=State)
    saved: State | None = None
    pin: int = 0
    saved_pin: int = 0
    renewed: bool = False  # in this transaction: the value
    unblocked: bool = False  # the tries of the same value

    def command(self, steps: list[tuple[str, int]]) -> int:
        sw: int = SW.OK
        for code, operand in steps:
            sw = self.step(code, operand)
            if sw != SW.OK:
                break
        self.roll_back()
        return sw

    def step(self, code: str, operand: int) -> int:
        if code == "B":
            if self.saved:
                return IN_PROGRESS
            self.saved, self.saved_pin, self.renewed, self.unblocked = self.now, self.pin, False, False
        elif code in "CA":
            if not self.saved:
                return NOT_IN_PROGRESS
            if code == "A":
                self.roll_back()
            self.saved = None
        elif code == THROW:
            return 0x6A81
        elif code == PROGRAMMING_ERROR:
            return SW.UNKNOWN
        else:
            self.write(code, operand)
        return SW.OK

    def write(self, code: str, value: int) -> None:
        now = self.now
        match code:
            case "w":
                self.now = replace(now, written=value, shared=value)
            case "n":
                self.now = replace(now, chain=(value, *now.chain))
            case "m":
                self.now = replace(now, chain=(value,) * len(now.chain))
            case "r":
                self.now = replace(now, ram=value)
            case "t":
                self.now = replace(now, indirect=value)
            case "k":
                self.now = replace(now, key=value)
            case "l":
                self.now = replace(now, large=now.large + 1 & 0xFF) if value else now
            case "p" if now.tries:
                self.present(value)
            case "u":
                self.pin, self.renewed = value, True
                self.now = replace(now, tries=5)
            case "U":
                self.unblocked = True
                self.now = replace(now, tries=5)

    def present(self, value: int) -> None:
        """The try counts after a rollback as well, unless it was one of a new value."""
        right = value == self.pin
        self.now = replace(self.now, tries=5 if right else self.now.tries - 1)
        if self.saved is None or self.renewed:
            return
        if not self.unblocked:
            self.saved = replace(self.saved, tries=self.now.tries)
        elif not right:
            self.saved = replace(self.saved, tries=max(self.saved.tries - 1, 0))

    def roll_back(self) -> None:
        if self.saved:
            # RAM stays, and so does the object that only RAM refers to, with what it held before.
            self.now = replace(self.saved, ram=self.now.ram)
            self.pin = self.saved_pin
            self.saved = None


CODES = "BBCCA" + THROW + PROGRAMMING_ERROR + "wnmrkpuUl"
commands = st.lists(st.lists(st.tuples(st.sampled_from(CODES), st.integers(0, 3)), max_size=10), max_size=8)


@settings(max_examples=150)
@given(commands=commands)
def test_every_program_leaves_what_the_model_says(
    make_card_always: MakeCard, commands: list[list[tuple[str, int]]]
) -> None:
    card = make_card_always("Transactions")
    card.start("Transactions")
    model = Model()
    for steps in commands:
        assert run(card, *steps) == model.command(steps)
        assert state(card) == model.now
    card.runtime.close()


# Power cuts

CUT_PROGRAM = program(("w", 1), "B", ("w", 2), ("n", 2), "C", ("p", 9), "B", ("w", 3), "C")
DONE = [  # what there can be after some of its steps: each transaction whole or not at all
    State(1, 1),
    State(2, 2, chain=(2,)),
    State(2, 2, chain=(2,), tries=4),
    State(3, 3, chain=(2,), tries=4),
]


# ... but the first write, outside of a transaction, stops after any of its assignments.
FIRST_WRITE = [bytes((1, 0, 1, 1, 1, 1, 1, 1, 1)[:done]).ljust(9, b"\x00") for done in (0, 1, 3, 4, 5, 6, 7, 8, 9)]


def told(state: State) -> bytes:
    """What TELL answers; see ``state``."""
    w, flag = state.written, bool(state.written)
    values = (w, 0, w, flag, flag, w, w, flag, state.shared, state.ram, state.tries)
    return bytes((*values, state.large, state.indirect, state.key, state.depth, *state.chain))


ORDER = [first + told(State())[9:] for first in FIRST_WRITE] + [told(one) for one in DONE[1:]]


def cut(card: RuntimeCard, opportunity: int, program: bytes = CUT_PROGRAM) -> bool:
    """Cut the power within the program; whether there was such an opportunity."""
    card.runtime.cut_power_at(opportunity)
    try:
        assert card.send(RUN, program).ok
    except TransportError:
        return True
    return False


def test_a_cut_leaves_what_was_done_before_it(make_card: MakeCard) -> None:
    """B7, among others: whenever the power goes, no transaction is half done, and time goes on in one direction."""
    seen = [ORDER[0]]
    card = make_card("Transactions")
    card.start("Transactions")
    while cut(card, len(seen)):
        assert card.runtime.power_cut_opportunities() == len(seen)
        with pytest.raises(TransportError):
            card.send(TELL)
        with pytest.raises(TransportError):
            card.select("Transactions")
        card.reset()
        assert card.send(TELL).sw == SW.APPLET_SELECT_FAILED
        card.select("Transactions")
        seen.append(card.ask(TELL))
        card.runtime.close()
        card = make_card("Transactions")
        card.start("Transactions")
    assert card.runtime.power_cut_opportunities() == len(seen) - 1
    assert state(card) == DONE[-1]
    assert {told(one) for one in DONE[:3]} <= set(seen) <= set(ORDER)
    positions = [ORDER.index(one) for one in seen]
    assert positions == sorted(positions)


def test_a_cut_is_for_one_command_only(card: RuntimeCard) -> None:
    assert card.send(RUN, CUT_PROGRAM).ok
    card.runtime.cut_power_at(card.runtime.power_cut_opportunities() + 1)
    assert card.send(RUN, CUT_PROGRAM).ok
    assert card.send(RUN, CUT_PROGRAM).ok
    card.runtime.cut_power_at(1)
    card.runtime.cut_power_at(0)
    assert card.send(RUN, CUT_PROGRAM).ok


@pytest.mark.parametrize("steps", [("B", ("c", 7), "C"), (("c", 7),)])
def test_what_is_copied_is_copied_whole_or_not_at_all(card: RuntimeCard, steps: tuple[str | tuple[str, int]]) -> None:
    """Util.arrayCopy(), Java Card API 3.0.5: in a transaction and by itself, wherever the power goes."""
    seen = []
    for opportunity in count(1):
        assert run(card, ("c", 0)) == SW.OK
        if not cut(card, opportunity, program(*steps)):
            break
        card.reset()
        card.select("Transactions")
        seen.append(card.ask(TELL_COPIED))
    assert card.ask(TELL_COPIED) == b"\x07" * 8
    assert seen == sorted(seen)
    assert set(seen) == {bytes(8), b"\x07" * 8}


def test_random_numbers_are_not_rolled_back(make_card: MakeCard) -> None:
    """A generator that went back would repeat nonces; the sequence goes on as on a card whose power was not cut."""
    numbers = []
    for cut in (False, True):
        card = make_card("Cryptography", "Transactions")
        card.start("Cryptography")
        card.install("Transactions")
        drawn = [card.ask(0x04)]
        card.select("Transactions")
        if cut:
            card.runtime.cut_power_at(1)
            with pytest.raises(TransportError):
                run(card, "B", ("w", 1), "C")
        card.reset()
        card.select("Cryptography")
        numbers.append([*drawn, card.ask(0x04)])
    assert numbers[0] == numbers[1]
    assert numbers[0][0] != numbers[0][1]


def test_a_cut_during_installation_leaves_nothing(make_card: MakeCard) -> None:
    card = make_card("Installing")
    card.runtime.cut_power_at(1)
    with pytest.raises(TransportError):
        card.install("Installing", b"\x09")
    card.reset()
    card.install("Installing")
    card.select("Installing")
    assert card.ask(0x00)[:2] == b"\x00\x01", "the static counter of installations was rolled back too"
