"""What a failure shows of its cards: the last exchanges, what was folded, and whose card it was."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.errors import TransportError, UsageError
from cardlab.pytest_plugin import Card, CardFactory
from cardlab.pytest_plugin.history import KEPT, History, Note, Remembering, SeenExchange
from cardlab.pytest_plugin.ledger import Ledger
from cardlab.pytest_plugin.source_names import SourceNames
from cardlab.transport.secrets import Secrets

PURSE = pytest.mark.javacard_applet(
    sources="../../example_applet/src",
    class_name="com.example.purse.Purse",
    aid="F00000000101",
    parameters=b"1234",
)


def seen(text: str, answer: str | None = "9000", reason: str = "", *warnings: str) -> SeenExchange:
    return SeenExchange(bytes.fromhex(text), None if answer is None else bytes.fromhex(answer), reason, warnings)


def test_every_kind_of_line() -> None:
    names = SourceNames({0x40: "DEBIT"}, {0x6A84: "NOT ENOUGH"})
    history = History("seed 1", names)
    for event in (
        Note("[loaded it]"),
        seen("80400000020001", "6A84", "for a reason", "left a transaction"),
        seen("80400000020001", None),
        seen("80990000", "01029000"),
        seen("00", "6700"),
    ):
        history.add(event)
    assert [*history.lines()] == [
        "seed 1",
        "  [loaded it]",
        "  > 80400000020001  DEBIT",
        "  < 6A84 (NOT ENOUGH)",
        "    for a reason",
        "    warning: left a transaction",
        "  > 80400000020001  DEBIT",
        "  < (no response)",
        "  > 80990000  INS 99",
        "  < 0102 9000 (success)",
        "  > 00[0 bytes]  ",
        "  < 6700 (wrong length)",
    ]


def test_secrets_are_left_out_unless_asked_for() -> None:
    history = History("seed 1", secrets=Secrets.parse(("8030",), {}))
    history.add(seen("8030000002AABB"))
    assert "AABB" not in "\n".join(history.lines())
    assert "  > 8030000002AABB  INS 30" in [*history.lines(show_secrets=True)]


@pytest.mark.parametrize(("more", "left_out"), [(-1, 0), (0, 0), (1, 1), (50, 50)])
def test_the_last_ones_are_kept(more: int, left_out: int) -> None:
    history = History("seed 1")
    for number in range(KEPT + more):
        history.add(Note(str(number)))
    lines = [*history.lines()]
    assert lines[-1] == f"  {KEPT + more - 1}"
    assert ("earlier lines left out" in lines[1]) is bool(left_out)
    assert len(lines) == 1 + min(KEPT, KEPT + more) + bool(left_out)
    assert not left_out or lines[1] == f"  ... {left_out} earlier lines left out"


def test_what_was_done_for_one_purpose_becomes_one_line() -> None:
    history = History("seed 1")
    history.add(Note("before"))
    since = history.count
    for number in range(5):
        history.add(Note(str(number)))
    history.fold(since, "[installed]")
    assert [*history.lines()][1:] == ["  before", "  [installed]"]
    assert history.count == 2
    since = history.count
    for number in range(KEPT + 7):
        history.add(Note(str(number)))
    history.fold(since, "[loaded]")
    assert [*history.lines()][1:] == ["  ... 2 earlier lines left out", "  [loaded]"]


def test_a_copy_has_the_past_and_a_future_of_its_own() -> None:
    history = History("seed 1")
    history.add(Note("before"))
    copy = history.fork()
    copy.add(Note("after"))
    assert [*history.lines()] == ["seed 1", "  before"]
    assert [*copy.lines()] == ["a copy of the card with seed 1", "  before", "  after"]
    assert copy.fork().title == copy.title
    for number in range(KEPT):
        copy.add(Note(str(number)))
    assert len([*copy.lines()]) == KEPT + 2


def test_a_copy_in_the_place_of_one_made_anew_says_so_once() -> None:
    history = History("seed 1")
    history.add(Note("before"))
    remark = "  [all of this was sent to one card, of which this is a copy]"
    assert [*history.again().lines()] == ["seed 1", "  before", remark]
    assert [*history.again().again().lines()].count(remark) == 1
    assert remark not in [*history.lines()]


class Below:
    """A card of the laboratory as far as it is remembered."""

    def __init__(self) -> None:
        self.answers = [b"\x90\x00", b"\x6a\x84", b"\x63\xc2", b"\x64\x00", b"\x90"]
        self.warnings = ["left a transaction"]

    def transmit(self, command: bytes) -> bytes:
        if not self.answers:
            raise TransportError("gone", hint="put it back")
        return self.answers.pop(0)

    def explain(self) -> str:
        return "because"

    def reset(self) -> bytes:
        return b"\x3b\x00"


def test_what_is_remembered_of_an_exchange() -> None:
    """A reason from 64xx on (ISO/IEC 7816-4, Table 6); a warning with the exchange in which it came."""
    history, below = History("seed 1"), Below()
    layer = Remembering(below, history)  # type: ignore[arg-type]
    reasons = []
    for _ in range(5):
        layer.transmit(b"\0\1\0\0")
        reasons.append(layer.reason)
    assert reasons == ["", "because", "", "because", ""]
    below.warnings.append("lost")
    with pytest.raises(TransportError):
        layer.transmit(b"\0\2\0\0")
    assert layer.reset() == b"\x3b\x00"
    events = [*history.events]
    assert [one.warnings for one in events if isinstance(one, SeenExchange)] == [
        ("left a transaction",), *[()] * 4, ("lost",)
    ]  # fmt: skip
    assert isinstance(events[5], SeenExchange) and (events[5].command, events[5].response) == (b"\0\2\0\0", None)
    assert events[6] == Note("reset: 3B00")
    assert below.warnings == []


@PURSE
def test_as_many_cards_as_anybody_means_to_have_open(card_factory: CardFactory, card: Card) -> None:
    ledger = Ledger()
    ledger.begin("one")
    for number in count():
        try:
            found = ledger.next_number
        except UsageError as refused:
            assert (number, str(refused)) == (32, "32 cards of this test are open at once")
            break
        assert found == number
        ledger.issue(card)
    ledger.begin("another")
    assert ledger.next_number == 0, "cards of a wider fixture are not this test's"
    assert [*ledger.lines(show_secrets=False)].count(card.history.title) == 32


@PURSE
def test_closed_cards_are_forgotten_when_the_next_test_begins(card_factory: CardFactory) -> None:
    ledger = Ledger()
    ledger.begin("one")
    first, second = card_factory(), card_factory()
    for one in (first, second):
        ledger.issue(one)
    first.close()
    assert (ledger.next_number, first.is_open, second.is_open) == (1, False, True)
    titles = {one.history.title for one in (first, second)}
    assert titles <= {*ledger.lines(show_secrets=False)}, "what happened on a closed card may be what failed"
    ledger.begin("two")
    assert {one for one in ledger.lines(show_secrets=False) if one in titles} == {second.history.title}
    ledger.close()
    assert not second.is_open and [*ledger.lines(show_secrets=False)] == []


def test_of_examples_the_last_one_is_told_and_of_a_test_all_cards() -> None:
    """All of them closed; an example is one of Hypothesis, and the last is the one that failed."""

    def closed(title: str) -> Any:
        return SimpleNamespace(is_open=False, history=History(title))

    ledger, numbers = Ledger(), count()
    ledger.begin("one")
    for title in ("first", "second"):
        ledger.issue(closed(title))
    assert [*ledger.lines(show_secrets=False)] == ["first", "second"]

    @settings(max_examples=5, database=None)
    @given(st.booleans())
    def examples(_: bool) -> None:
        ledger.issue(closed(f"example {next(numbers)}"))

    examples()
    assert [*ledger.lines(show_secrets=False)] == ["first", "second", f"example {next(numbers) - 1}"]
