"""``card apdu --cost``: what commands cost a simulated card, for people and as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cardlab.cli import run
from tests.cardlab.card.careless import ALLOCATE, CARELESS, ECHO, NOT_ATOMIC, careless_card

SELECT = f"00A40400{len(CARELESS):02X}{CARELESS.hex()}=9000"


@pytest.fixture
def card(tmp_path: Path) -> str:
    file = tmp_path / "card.json"
    with careless_card() as made:
        made.save(file)
    return f"sim:{file}"


def facts(card: str, capsys: pytest.CaptureFixture[str], *commands: str) -> list[dict[str, int]]:
    """What each cost, as JSON."""
    assert run(["card", "apdu", "--json", "--cost", "--card", card, SELECT, *commands]) == 0
    return [step["cost"] for step in json.loads(capsys.readouterr().out)["steps"]]


def test_each_command_has_its_own_cost(card: str, capsys: pytest.CaptureFixture[str]) -> None:
    costs = facts(card, capsys, f"80{ECHO:02X}000001AA", f"80{ALLOCATE:02X}0000", "80CA9F7F00=6D00")
    _, echo, made, unknown = costs
    assert echo["writes"] == 0
    assert made["writes"] > 4
    assert 0 < unknown["instructions"] < echo["instructions"]
    assert facts(card, capsys, f"80{ECHO:02X}000001AA")[1] == echo  # nothing is left of the others


def test_it_is_told_in_three_lines(card: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "apdu", "--cost", "--card", card, SELECT, f"80{NOT_ATOMIC:02X}0000=9000"]) == 0
    told = capsys.readouterr().out.partition(f"> 80{NOT_ATOMIC:02X}")[2].splitlines()[2:]
    shapes = (r"  instructions  \d+: .*calls \d+", r"  writes        8: .*\[0\.\.7\] 1", r"  cryptography  none")
    assert len(told) == len(shapes)
    for line, shape in zip(told, shapes, strict=True):
        assert re.match(shape, line), line


def test_without_the_option_nothing_is_said(card: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "apdu", "--card", card, SELECT]) == 0
    assert "instructions" not in capsys.readouterr().out


def test_a_runtime_that_counts_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "apdu", "--card", "sim", "--runtime", "jcardsim", "--cost", "00A4040000"]) == 2
    assert "cannot do COST" in capsys.readouterr().err
