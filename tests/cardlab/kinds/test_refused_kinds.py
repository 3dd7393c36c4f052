"""What follows ``--card`` and fits no kind: refused with what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab import kinds
from cardlab.card.card import SimulatedCard
from cardlab.errors import HarnessError, UsageError
from cardlab.kinds import CardChoice
from cardlab.lab.kind import CardKind, ForCommands


@pytest.mark.parametrize(
    ("choice", "said", "hint"),
    [
        ("sim:x", "--card sim:x: sim takes no argument", "write --card sim"),
        ("pcsc", "--card pcsc names no reader", "write --card pcsc:READER"),
        ("replay", "--card replay names no file", "write --card replay:FILE"),
    ],
)
def test_arguments_that_do_not_fit_a_kind(choice: str, said: str, hint: str) -> None:
    with pytest.raises(UsageError, match=rf"^{said}") as refused:
        kinds.choose(choice).for_tests()
    assert (str(refused.value), refused.value.hint) == (said, hint)


def test_a_kind_that_is_for_nothing() -> None:
    choice = CardChoice(CardKind(name="show", about="only to look at"), "")
    for part in (choice.for_tests, choice.for_commands):
        with pytest.raises(UsageError, match=r"^--card show: there is no such kind of card") as refused:
            part()
        assert "pcsc:READER" in refused.value.hint


def test_a_kind_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of another distribution, whose entry point leads to something else."""
    about = tmp_path / "odd-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[cardlab.kinds]\nodd = odd_kind:KIND\n")
    (tmp_path / "odd_kind.py").write_text("KIND = 5\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(HarnessError, match=r"^the kind of card odd is none: 5") as refused:
        kinds.choose("odd")
    assert refused.value.hint == "it must be a CardKind of that name"


def test_a_kind_for_commands_that_wants_a_place() -> None:
    commands = ForCommands(usage="show:PLACE", open=lambda *_: SimulatedCard())
    choice = CardChoice(CardKind(name="show", about="only to look at", commands=commands), "")
    with pytest.raises(UsageError, match=r"^--card show names no place") as refused:
        choice.for_commands()
    assert refused.value.hint == "write --card show:PLACE"
    assert CardChoice(choice.kind, "here").for_commands() is commands
