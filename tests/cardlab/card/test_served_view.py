"""What somebody who watches a served card is told beside its commands: reasons, warnings, why it is mute."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.errors import TransportError
from cardlab.reader.view import View
from cardlab.transport import Transport
from tests.cardlab.card.cards import send
from tests.cardlab.card.careless import ALLOCATE, ENDLESS, NOT_ATOMIC, OPEN_TRANSACTION, careless_card

TIME = re.compile(r"^\d\d:\d\d:\d\d\.\d{3}  ", re.MULTILINE)
WARNINGS = {
    OPEN_TRANSACTION: r"process\(\) .*transaction.* at carelesstest\.Careless\.process\(Careless\.java:\d+\)",
    ALLOCATE: r"process\(\) made 1 objects; .* at carelesstest\.Careless\.process\(Careless\.java:\d+\)",
    NOT_ATOMIC: r".*arrayFillNonAtomic.* at carelesstest\.Careless\.process\(Careless\.java:\d+\)",
}


@pytest.fixture
def card() -> Iterator[SimulatedCard]:
    with careless_card() as made:
        yield made


def watched(card: SimulatedCard, out: io.StringIO, *, commands: bool = True) -> Transport:
    """As ``card serve`` does it."""
    view = View(out, "", "127.0.0.1:1", commands=commands)
    card.on_warning(view.warned)
    return view.watch(card, {})


def lines(out: io.StringIO) -> list[str]:
    return TIME.sub("", out.getvalue()).splitlines()


@pytest.mark.parametrize("ins", WARNINGS)
def test_a_warning_stands_below_its_command(card: SimulatedCard, ins: int) -> None:
    out = io.StringIO()
    shown = watched(card, out)
    assert send(shown, f"80 {ins:02X} 00 00").ok
    assert send(shown, "80 10 00 00").ok
    command, warning, following = lines(out)
    assert re.match(rf"INS {ins:02X} 80{ins:02X}0000 -> 9000", command), command
    assert re.match(f"warning: {WARNINGS[ins]}", warning), warning
    assert "80100000" in following


def test_warnings_are_shown_where_commands_are_not(card: SimulatedCard) -> None:
    out = io.StringIO()
    assert send(watched(card, out, commands=False), f"80 {ALLOCATE:02X} 00 00").ok
    (warning,) = lines(out)
    assert warning.startswith("warning: process() made 1 objects")


def test_why_a_card_is_mute_is_told_with_the_line(card: SimulatedCard) -> None:
    out = io.StringIO()
    card.limit_instructions(10_000)
    with pytest.raises(TransportError):
        send(watched(card, out), f"80 {ENDLESS:02X} 00 00")
    (line,) = lines(out)
    assert re.search(r"carelesstest\.Careless\.process\(Careless\.java:\d+\)", line), line


def test_the_reason_of_a_refusal_stands_beside_it(card: SimulatedCard) -> None:
    out = io.StringIO()
    send(watched(card, out), "00 70 80 07")
    (line,) = lines(out)
    assert line.endswith("; this card has the channels 0 to 3")
    assert card.explain() == "6881: this card has the channels 0 to 3"
