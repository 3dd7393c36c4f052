"""Every power cut of a command by its kept writes: the same as cutting the power again and again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cardlab.campaign.tears.explorer import Explored, Explorer
from cardlab.card.card import SimulatedCard
from cardlab.errors import HarnessError, UsageError
from cardlab.pytest_plugin import Card
from cardlab.runtime.torn import TornCell
from cardlab.runtime.vm.tears import Chosen, MachineTears

SOURCES = Path(__file__).parents[2] / "example_applet" / "src"
pytestmark = [
    pytest.mark.javacard_applet(
        sources=str(SOURCES), class_name="com.example.purse.Purse", aid="F00000000101", parameters=b"1234"
    ),
    pytest.mark.needs("fork"),
]

CLA, VERIFY, CREDIT, DEBIT, READ = 0x80, 0x20, 0x30, 0x40, 0x52
BEFORE, AFTER = (100, 1), (70, 2)


@dataclass
class Paying:
    """A purse that is about to pay."""

    card: Card

    @property
    def simulated(self) -> SimulatedCard:
        return self.card.lower.simulated

    def command(self) -> object:
        return self.card.send(CLA, DEBIT, data=(30).to_bytes(2, "big"))

    def recover(self) -> None:
        self.card.reset()

    def close(self) -> None:
        self.card.close()


@pytest.fixture
def paid(card: Card) -> Card:
    """A purse with money in it, the PIN verified."""
    card.send(CLA, VERIFY, data=b"1234")
    card.send(CLA, CREDIT, data=(100).to_bytes(2, "big"))
    return card


@pytest.fixture
def explored(paid: Card) -> Explored[Paying]:
    return explorer(paid, Chosen()).explore(lambda: Paying(paid.fork()))


def explorer(card: Card, chosen: Chosen) -> Explorer[Paying]:
    return Explorer.of(card.lower.simulated, card.aid, chosen)


def read(card: Card) -> tuple[int, int]:
    answer = card.send(CLA, READ)
    return int.from_bytes(answer[:2], "big"), int.from_bytes(answer[2:], "big")


def seen(explored: Explored[Paying]) -> set[tuple[int, int]]:
    found = set()
    for end in explored.ends():
        ready = explored.card_at(end)
        found.add(read(ready.card))
        ready.close()
    return found


def test_what_is_seen_is_the_old_state_or_the_new_one(explored: Explored[Paying], paid: Card) -> None:
    assert seen(explored) == {BEFORE, AFTER}
    assert not explored.problems()
    figures = explored.figures
    assert figures.writes == paid.writes(CLA, DEBIT, data=(30).to_bytes(2, "big")) > 1
    assert figures.first_cuts == 3 * figures.writes
    assert figures.second_cuts > figures.first_cuts
    assert figures.recoveries == figures.states >= figures.after_second >= figures.after_first


def test_every_state_is_what_a_real_cut_leaves(explored: Explored[Paying]) -> None:
    """And the card comes to the same end, byte by byte, after one cut and after more."""
    figures = explored.figures
    assert explored.confirm_some(figures.states, seed=1) == figures.states
    paths = [explored.path(state) for state in range(figures.states)]
    assert {len(path) for path in paths} >= {1, 2}
    assert {cut.torn for path in paths for cut in path} == set(TornCell)


def test_it_is_what_a_loop_over_all_moments_sees(explored: Explored[Paying], paid: Card) -> None:
    looped = set()
    for cell in TornCell:
        for at in range(1, explored.figures.writes + 1):
            with paid.fork() as torn:
                assert torn.tear(CLA, DEBIT, data=(30).to_bytes(2, "big"), at=at, torn=cell)
                looped.add(read(torn))
    assert looped == seen(explored)


def test_a_share_is_drawn_by_the_seed(paid: Card) -> None:
    def states(chosen: Chosen) -> list[int]:
        some = explorer(paid, chosen).explore(lambda: Paying(paid.fork()))
        return [end.state for end in some.ends()] + [some.figures.recoveries]

    some = Chosen(seed=5, first_in=3, one_in=3)
    assert states(some) == states(some)
    assert 0 < states(some)[-1] < states(Chosen())[-1]
    assert states(some) != states(replace(some, seed=6))


def test_a_command_without_writes_has_nothing_to_cut(paid: Card) -> None:
    @dataclass
    class Reading(Paying):
        def command(self) -> object:
            return self.card.send(CLA, READ)

    explored = explorer(paid, Chosen()).explore(lambda: Reading(paid.fork()))
    assert (explored.figures.writes, explored.figures.states) == (0, 0)


def test_other_runtimes_do_not_tell_their_writes(paid: Card) -> None:
    recovery = explorer(paid, Chosen()).recovery
    with pytest.raises(UsageError, match="only the runtime vm"):
        MachineTears.of(object(), recovery, Chosen())  # type: ignore[arg-type]


def test_states_that_come_to_no_end_are_given_up(paid: Card) -> None:
    endless = replace(explorer(paid, Chosen()), most=0)
    with pytest.raises(HarnessError, match=r"^more than 0 states: this does not come to an end$"):
        endless.explore(lambda: Paying(paid.fork()))
