"""What the exploration of the three ways of activation finds (C8), and that it would find something else of others."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from jpki.plans.activation.attempts import ActivationFindings, Attempt, Power, Setting, Whose, examine
from jpki.plans.activation.document import COMPARISON, REMARKS, Criterion, holds
from jpki.plans.activation.page import broken, findings, markdown, named
from jpki.plans.activation.steps import EXPORT, OPTIONS, REGISTER_BY_USER, ActivationOption, Fact
from tests.docs.pages import DOCS

OPTION_1, OPTION_2, OPTION_2B = OPTIONS


@pytest.fixture(scope="module")
def found() -> dict[str, ActivationFindings]:
    return findings()


def test_figures(found: dict[str, ActivationFindings]) -> None:
    """APDUs, TSM round trips and parties, counted by hand from the drawings (C8)."""
    figures = {name: (one.apdus, one.round_trips, len(one.roles)) for name, one in found.items()}
    assert figures == {"1": (6, 5, 6), "2": (3, 2, 6), "2b": (2, 0, 4)}
    assert [one.needs_channel for one in found.values()] == [True, False, False]
    assert [one.exports_key for one in found.values()] == [True, False, False]
    assert [len(one.leaves) for one in found.values()] == [4, 2, 0]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_way_can_be_gone(option: ActivationOption) -> None:
    """A way is a chain of steps that the setting allows, from the beginning to a registered key."""
    for powers in ((), *examine(option).broken_by):
        setting = Setting(option, frozenset(powers))
        way = setting.way_to(Whose.OTHER if powers else Whose.USER)
        assert way[0].before == Attempt(way[0].before.hand)
        assert all(one.after == other.before for one, other in pairwise(way))
        assert all(done in tuple(setting.next(done.before)) for done in way)
        assert Fact.REGISTERED in way[-1].after.facts


def test_what_each_stops(found: dict[str, ActivationFindings]) -> None:
    """One thing that an outsider has is not enough under any; Option 1 rests on line and TSM beside."""
    for one in found.values():
        assert all(one.stops(frozenset({power})) for power in (Power.PIN, Power.PHONE, Power.REACH))
        assert not one.stops(frozenset({Power.PIN, Power.PHONE})) and not one.stops(frozenset({Power.APP}))
    assert [one.stops(frozenset({Power.LINE, Power.TSM})) for one in found.values()] == [False, True, True]


def test_leaving_the_application_out_gives_nothing_away(found: dict[str, ActivationFindings]) -> None:
    """Why 2b follows from 2: what breaks one breaks the other, for nobody enforces what the application checks."""
    assert set(found["2"].broken_by) == set(found["2b"].broken_by)
    assert found["2"].revoked_is_stopped and not found["2"].checks_are_enforced
    assert found["1"].revoked_is_stopped and found["1"].checks_are_enforced


def test_an_element_that_asks_for_no_pin_is_found() -> None:
    """A mutant of 2b: whoever reaches the applet registers."""
    register = replace(REGISTER_BY_USER, needs=frozenset({Fact.KEY}))
    mutant = ActivationOption("2b'", "", (*OPTION_2B.steps[:-1], register))
    assert frozenset({Power.REACH}) in examine(mutant).broken_by


def test_a_tsm_that_does_not_connect_the_messages_is_found() -> None:
    """A mutant of Option 1: the commitment is not checked, so the user's signature is not needed for the key."""
    export = replace(EXPORT, needs=frozenset({Fact.KEY}))
    steps = tuple(export if step is EXPORT else step for step in OPTION_1.steps)
    assert frozenset({Power.REACH}) in examine(ActivationOption("1'", "", steps)).broken_by


def test_an_option_that_exports_rests_on_the_line() -> None:
    """A mutant of 2b that sends the key away before it registers it."""
    export = replace(EXPORT, needs=frozenset({Fact.KEY}))
    mutant = ActivationOption("2b''", "", (*OPTION_2B.steps[:-1], export, OPTION_2B.steps[-1]))
    assert frozenset({Power.LINE}) in examine(mutant).broken_by


@pytest.mark.parametrize("criterion", COMPARISON, ids=lambda criterion: criterion.name)
def test_the_original_comparison_is_borne_out(found: dict[str, ActivationFindings], criterion: Criterion) -> None:
    """And would not be with the two options in each other's place; safety alone is the same for both."""
    assert holds(criterion, found)
    swapped = {"1": found["2b"], "2b": found["1"]}
    assert holds(criterion, swapped) is (criterion.name == "safety")
    assert set(REMARKS) <= {one.number for one in COMPARISON}


def test_the_page_is_up_to_date(found: dict[str, ActivationFindings]) -> None:
    page = (DOCS / "generated" / "activation.md").read_text(encoding="utf-8")
    assert page == markdown(found), "write it anew: jpki pages activation.md"


def test_command(capsys: pytest.CaptureFixture[str], found: dict[str, ActivationFindings]) -> None:
    from jpki.cli import run

    assert run(["activation", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert {one["option"]: one["tsm_round_trips"] for one in facts} == {"1": 5, "2": 2, "2b": 0}
    assert run(["activation"]) == 0
    said = capsys.readouterr().out
    assert all(named(powers) in said for powers in broken(found))
    assert run(["activation", "--page"]) == 0
    assert capsys.readouterr().out == (DOCS / "generated" / "activation.md").read_text(encoding="utf-8")
