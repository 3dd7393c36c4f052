"""Recordings that cannot be made or played, and tests that ask for something else than when they were recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cardlab.errors import UsageError
from cardlab.kinds.replay import ReplayedCards
from cardlab.lab.kind import CardOrder
from cardlab.lab.recording import Recording
from cardlab.lab.rig import PlainRig
from cardlab.lab.source import CardSource
from cardlab.transport.transcript import ReplayMismatchError
from tests.cardlab.lab.answering import LACKS, OPTIONS, ORDER, Answering, SkippedError


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A test's one card: a command, then a reset."""
    file = tmp_path / "run.txt"
    rig = Recording(file, "sim", show_secrets=False).card(PlainRig(Answering()), ORDER)
    rig.transmit(bytes.fromhex("80CA006600"))
    rig.reset()
    rig.close()
    return file


def test_a_recording_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--record .*run.txt: No such file or directory") as refused:
        Recording(tmp_path / "none" / "run.txt", "sim", show_secrets=False)
    assert refused.value.hint == "name a file that can be written"


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--card replay:.*none: No such file or directory") as refused:
        ReplayedCards(str(tmp_path / "none"), OPTIONS)
    assert refused.value.hint == "--record FILE makes one"


def test_cards_that_were_not_recorded(recorded: Path) -> None:
    supply = ReplayedCards(str(recorded), OPTIONS)
    with pytest.raises(
        ReplayMismatchError, match="the test asked for card 2, it had 1 when it was recorded"
    ) as refused:
        supply.open(CardOrder("test_it", 2, None, 1))
    assert refused.value.hint == "record it again"
    with pytest.raises(SkippedError, match="holds no card of this test"):
        supply.open(CardOrder("test_another", 1, None, 1))
    with pytest.raises(UsageError, match=LACKS):
        supply.restore(Path("image"), ORDER)


@pytest.mark.parametrize("asks", [lambda rig: rig.transmit(b"\0\xa4\4\0"), lambda rig: rig.reset()])
def test_a_replayed_card_that_is_asked_something_else(asks: Callable[[Any], object], recorded: Path) -> None:
    rig: Any = ReplayedCards(str(recorded), OPTIONS).open(ORDER)
    with pytest.raises(ReplayMismatchError, match=r"run.txt: .*") as refused:
        asks(rig)
    assert "the test changed since it was recorded" in refused.value.hint
    assert rig.went_wrong


def test_a_test_that_ends_before_the_recorded_one(recorded: Path) -> None:
    """Unless it was done with: what follows a failure says nothing."""
    source = CardSource(ReplayedCards(str(recorded), OPTIONS))
    source.begin("test_it")
    with source.open(None, seed=1) as card:
        card.transmit(bytes.fromhex("80CA006600"))
    with pytest.raises(ReplayMismatchError, match=r"^the test ended, and the recorded one went on with ") as refused:
        source.check_finished()
    assert refused.value.hint == "the test changed since it was recorded; record it again"
