"""Translated methods do what interpreted ones do: answers, explanations, instructions, persistent writes, budgets."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jpype import JException

from tests.cardlab.cap.handmade import class_file
from tests.cardlab.cap.programs import DESCRIPTOR, LENGTH, LOCALS, STACK, Program, Word, programs
from tests.cardlab.cap.test_programs import _arguments as arguments
from tests.cardlab.runtime.vm.handmade import APPLET, Hand
from tests.cardlab.runtime.vm.machines import PACKAGE, Card, compiled, load_file
from tests.cardlab.runtime.vm.test_opcodes import BRANCHES, COMPARISONS, REFERENCES, THROWS, VALUES, YES

NEVER, AT_ONCE = "false", "1"
CODES = [
    *VALUES,
    *THROWS,
    *(f"bspush {operand}; {name}{wide} y; {YES}" for name, operand, _ in BRANCHES for wide in ("", "_w")),
    *(f"bspush {a}; bspush {b}; if_scmp{name}{wide} y; {YES}" for name, a, b, _ in COMPARISONS for wide in ("", "_w")),
    *(f"{operands}; {name}{wide} y; {YES}" for name, operands, _ in REFERENCES for wide in ("", "_w")),
]
SUBROUTINE = {"jsr", "ret"}
OWN = ("install", "constructor", "process", "answer")
"""The applet's methods beside those that a test adds."""


@dataclass(frozen=True)
class Seen:
    """What a command can be told apart by."""

    answer: str
    why: str
    instructions: int
    writes: int
    warnings: tuple[str, ...]


def seen(card: Card, answer: str) -> Seen:
    instructions = int(card.machine.instructionsOfLastCommand())
    return Seen(answer, card.why, instructions, card.writes, tuple(card.warnings))


def installed(hand: Hand, translate: str) -> Card:
    """A card with the applet."""
    card = Card.fresh(vm_translate=translate)
    card.load(hand.block())
    card.machine.install(PACKAGE, APPLET, APPLET, bytes((len(APPLET),)) + APPLET + b"\x00\x00")
    return card


def selected(hand: Hand, translate: str) -> tuple[Card, Seen]:
    card = installed(hand, translate)
    return card, seen(card, card.select_aid(APPLET).hex())


def translated(card: Card) -> tuple[int, int]:
    """Methods that were translated, and that cannot be."""
    made, left = card.machine.translated()
    return int(made), int(left)


@pytest.mark.parametrize("code", CODES)
def test_each_instruction_does_the_same(code: str) -> None:
    hand = Hand(code)
    card, found = selected(hand, AT_ONCE)
    assert found == selected(hand, NEVER)[1]
    has_subroutine = any(f"{word} " in f"{code} " for word in SUBROUTINE)
    assert translated(card)[1] == int(has_subroutine), "subroutines stay interpreted, and nothing else"


def test_nothing_is_translated_before_its_time() -> None:
    hand = Hand("bspush 33; bspush 44; sadd")
    card, _ = selected(hand, "3")
    assert translated(card) == (0, 0)
    card.send("00010000")
    assert translated(card) == (0, 0)
    card.send("00010000")
    assert translated(card) == (len(("process", "answer")), 0)


def test_cards_share_what_was_translated_and_a_card_that_translates_nothing_does_not_use_it() -> None:
    hand = Hand("bspush 34; bspush 45; sadd")
    _, found = selected(hand, AT_ONCE)
    other = installed(hand, "1000000")
    assert translated(other) == (len(OWN), 0)
    assert seen(other, other.select_aid(APPLET).hex()) == found == selected(hand, NEVER)[1]


@settings(deadline=None)
@given(programs(), st.lists(arguments, min_size=2, max_size=2))
def test_random_methods_do_the_same(program: Program, inputs: list[tuple[Word, ...]]) -> None:
    raw = class_file(program.code, DESCRIPTOR, STACK, LOCALS, program.handlers)
    block = load_file({**compiled("hand"), "hand.Hand": raw}, ["hand.Runner"])[0]
    both = [runner(block, translate) for translate in (NEVER, AT_ONCE)]
    for one in inputs:
        command = random_command(one)
        found = [seen(card, card.send(command)) for card in both]
        assert found[0] == found[1]
    assert translated(both[1])[0] > 0


def runner(block: bytes, translate: str) -> Card:
    card = Card.fresh(vm_translate=translate)
    card.load(block)
    card.install("Runner")
    card.select("Runner")
    return card


def random_command(words: Sequence[Word]) -> bytes:
    numbers = [number for word in words for number in (word if isinstance(word, list) else [word])]
    data = struct.pack(f">hhb{LENGTH}b{LENGTH}h", *numbers)
    return bytes((0, 1, 0, 0, len(data))) + data


LOOP = (
    "sconst_0; sstore_2; a:; aload_0; sload_2; invokevirtual @Hand.virtual_8; sstore_3;"
    "sload_2; putstatic_s @Hand.static_s; sinc 2 1; sload_2; bspush 6; if_scmplt a; sload_3"
)
CALLED = (
    "sload_1; sconst_3; if_scmplt y; sload_1; sconst_2; sdiv; sreturn; y:; sload_1; sconst_2; smul; sreturn",
    2,
    0,
)


def test_a_budget_ends_the_same_loop_at_the_same_instruction() -> None:
    hand = Hand(LOOP, methods=[CALLED], virtuals=[0])
    whole = selected(hand, NEVER)[1].instructions
    cards = [selected(hand, translate)[0] for translate in (NEVER, AT_ONCE)]
    assert translated(cards[1]) == (len(OWN) + 1, 0)
    ends = [[ended(card, budget) for card in cards] for budget in range(1, whole + 1)]
    assert all(one == other for one, other in ends)
    assert len({place for (place, _), _ in ends}) > 20


def ended(card: Card, budget: int) -> tuple[str, int]:
    """Where a command ends that may execute so many instructions, and its persistent writes."""
    copy = Card(card.machine.fork(None))
    copy.machine.setBudget(budget)
    try:
        copy.send("00010000")
        return "", copy.writes
    except JException as mute:
        return f"{mute.getMessage()} {mute.place()}", copy.writes


def test_every_power_cut_leaves_the_same_memory() -> None:
    hand = Hand(LOOP, methods=[CALLED], virtuals=[0])
    interpreted, fast = (selected(hand, translate)[0] for translate in (NEVER, AT_ONCE))
    writes = seen(interpreted, interpreted.send("00010000")).writes
    assert writes > 5
    for number in range(1, writes + 1):
        assert torn(interpreted, number) == torn(fast, number)


def torn(card: Card, number: int) -> bytes:
    copy = Card(card.machine.fork(None))
    copy.cut(number)
    with pytest.raises(JException):
        copy.send("00010000")
    copy.reset()
    return bytes(copy.machine.save())


ABORTED = """
    invokestatic @JCSystem.beginTransaction; sconst_3; newarray byte; astore_2; aload_2;
    invokestatic @JCSystem.abortTransaction; ifnull y; sconst_0; goto z; y:; sconst_2; z:;
    aload_2; ifnull v; sconst_0; goto w; v:; sconst_1; w:; sadd
"""


def test_objects_of_an_aborted_transaction_are_null_in_variables_and_operands() -> None:
    card, found = selected(Hand(ABORTED), AT_ONCE)
    assert found == selected(Hand(ABORTED), NEVER)[1]
    assert (found.answer, translated(card)) == ("00039000", (len(OWN), 0))


def test_a_method_is_called_with_other_types_than_before() -> None:
    """Only a hostile file does it: what was translated for shorts is interpreted for references, and the card stops."""
    method = ("sload_0; sreturn", 1, 0)
    code = "sconst_5; invokestatic @Hand.method_0; pop; aload_0; invokestatic @Hand.method_0"
    places = []
    for translate in (NEVER, AT_ONCE):
        card = installed(Hand(code, methods=[method]), translate)
        with pytest.raises(JException) as stopped:
            card.select_aid(APPLET)
        places.append((stopped.value.what(), stopped.value.place()))
    assert places[0] == places[1]


def test_the_stack_of_an_exception_is_the_same_in_mixed_code() -> None:
    """A subroutine keeps the method in the middle interpreted, between two that are translated."""
    middle = ("jsr s; sload_0; invokestatic @Hand.method_1; sreturn; s:; astore_1; ret 1", 1, 1)
    inner = ("sconst_1; sload_0; sdiv; sreturn", 1, 0)
    hand = Hand("sconst_0; invokestatic @Hand.method_0", methods=[middle, inner])
    card, found = selected(hand, AT_ONCE)
    assert found == selected(hand, NEVER)[1]
    assert translated(card) == (len(OWN), 1), "the method that answers is not reached, but the inner one is"
    assert found.answer == "6f00" and found.why.count("method@") == 3
