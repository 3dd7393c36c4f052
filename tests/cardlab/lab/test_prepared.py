"""Cards in a state that takes long to reach: reached once where cards can be copied or restored."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.kinds.sim import SimulatedCards
from cardlab.lab.labcard import LabCard
from cardlab.lab.source import CardSource, Prepared
from cardlab.runtime.jcardsim.library import ClassLibrary
from tests.cardlab.card.cards import Session, executable

RUNTIMES = pytest.mark.parametrize("runtime", ["vm", "jcardsim"])


def prepared(runtime: str, file: Path, made: list[LabCard]) -> Prepared[int]:
    def make(card: LabCard) -> int:
        made.append(card)
        Session.open(card)
        return 7

    source = CardSource(SimulatedCards(runtime))
    return Prepared(source, ClassLibrary([executable()]), make, seed="prepared", image=file)


@RUNTIMES
def test_it_is_made_once_and_each_use_is_a_card_of_its_own(runtime: str, tmp_path: Path) -> None:
    made: list[LabCard] = []
    cards = prepared(runtime, tmp_path / "card", made)
    told = []
    for _ in range(3):
        with cards.open() as (card, result):
            assert result == 7
            told.append(card.transmit(bytes.fromhex("80500000080000000000000000")))
            card.transmit(bytes.fromhex("00A4040000"))
    assert len(made) == 1
    assert len(set(told)) == 1, "what is random on each follows from the state that was prepared"
    assert all(card not in made for card, _ in (cards.card(),))


@RUNTIMES
def test_what_fails_is_tried_again(runtime: str, tmp_path: Path) -> None:
    tries = []

    def make(card: LabCard) -> int:
        tries.append(card)
        if len(tries) == 1:
            raise ValueError("not yet")
        return len(tries)

    source = CardSource(SimulatedCards(runtime))
    cards = Prepared(source, ClassLibrary([executable()]), make, seed="prepared", image=tmp_path / "card")
    with pytest.raises(ValueError, match="not yet"):
        cards.card()
    with cards.open() as (_, result):
        assert result == 2
