"""Faults whose outcome says nothing: cards that differ, cases that do not repeat, commands that reach no card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cardlab.campaign.faults.runner import SceneRun
from cardlab.campaign.faults.scene import FaultScene, Outcome
from cardlab.errors import HarnessError
from cardlab.pytest_plugin import Card
from cardlab.runtime.vm.faults import Case, Told, answer_of
from tests.cardlab.campaign.test_faults import CLA, OPEN, PLAIN, Asking, plain, pytestmark

__all__ = ["plain", "pytestmark"]


def test_a_case_that_does_not_repeat_is_no_result(plain: FaultScene) -> None:
    """What the machine told of it and what the card answers are not the same: something is drawn at random."""
    with SceneRun.opened(plain) as made:
        case, answer = Case.parse("skip@0"), bytes.fromhex("6F00")
        assert made.judge(case, Told(answer)).outcome is Outcome.REFUSED
        for told in (None, b"plain" + answer):
            with pytest.raises(HarnessError, match=r"^INS 20, closed: skip@0 does not repeat: it answers 6f00$"):
                made.judge(case, Told(told))


def test_cards_that_are_not_in_one_state_are_no_scene(card: Card, plain: FaultScene) -> None:
    """The third one that is made is open, and tells the secret undisturbed."""
    made: list[Asking] = []

    def another() -> Asking:
        made.append(Asking(card.fork(), PLAIN))
        if len(made) == 3:
            made[-1].card.send(CLA, OPEN, 0x12, 0x34, expect=0x9000)
        return made[-1]

    words = f"^the command answered {b'plain'.hex()}9000 and, on a copy of the card, 6982$"
    with pytest.raises(HarnessError, match=words), SceneRun.opened(replace(plain, stage=another)):
        pass


def test_a_command_that_does_not_reach_the_card(card: Card) -> None:
    with pytest.raises(HarnessError, match=r"^the command did not reach the card") as refused:
        answer_of(card.lower.simulated.runtime, lambda: None)
    assert refused.value.hint == "a scene's command sends one APDU"
