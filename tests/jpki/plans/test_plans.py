"""What the exploration of the six plans finds (B8), and that it would find something else if the plans were others."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from jpki.plans.card import CommandKind, CommandOutcome, OrdinaryPin, PinPhase, Secret, SpecialStates, SymbolicCard
from jpki.plans.document import CLAIMS, DOCUMENT, EXPLANATIONS, contradicted, differing, unmentioned
from jpki.plans.explore import explore
from jpki.plans.findings import Exposure, Findings, Way, examine, examine_all
from jpki.plans.page import markdown
from jpki.plans.situation import Manner, Situation
from jpki.plans.six import PLANS, Plan, SpecialTransition
from tests.docs.pages import DOCS


@pytest.fixture(scope="module")
def all_found() -> dict[int, Findings]:
    return {found.plan.number: found for found in examine_all()}


def test_a_key_is_used_under_the_temporary_pin_by_plans_1_2_3_and_5(all_found: dict[int, Findings]) -> None:
    """B8."""
    used = {number for number, found in all_found.items() if found.used_under_temporary}
    assert used == {1, 2, 3, 5}
    assert {number for number, found in all_found.items() if found.exposure is Exposure.NEVER} == {4, 6}


def test_only_plan_4_keeps_everybody_else_out(all_found: dict[int, Findings]) -> None:
    assert [number for number, found in all_found.items() if not found.used_by_thief] == [4]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"plan {plan.number}")
def test_the_users_pin_is_never_sent(plan: Plan) -> None:
    """B2, and what tells plan 5 from the others: the phone stores the user's PIN."""
    situations = explore(plan).situations
    assert not any(Secret.USER in situation.told for situation in situations)
    assert any(Secret.USER in situation.storage for situation in situations) is (plan.number == 5)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"plan {plan.number}")
def test_every_way_can_be_gone(plan: Plan, all_found: dict[int, Findings]) -> None:
    """A way is a chain of steps of the plan, from the beginning."""
    found = all_found[plan.number]

    def gone(way: Way) -> bool:
        chained = all(one.after == other.before for one, other in pairwise(way))
        return chained and all((one.move, one.after, one.outcome) in plan.steps(one.before) for one in way)

    assert all(gone(way) for way in (found.planned, found.used_under_temporary, found.used_by_thief, found.mistyped))
    assert all(step.outcome is CommandOutcome.DONE and step.move.manner is Manner.PLANNED for step in found.planned)


def test_plan_3_leaves_the_key_open_when_the_session_ends_after_the_block(all_found: dict[int, Findings]) -> None:
    """The point in which plan 4 is better: without a tear at the wrong moment plan 3 looks the same."""
    way = all_found[3].everything.first(
        lambda step: step.move.manner is Manner.ACCIDENT and step.after.card.opens_with_temporary
    )
    assert [step.move.command.kind for step in way if step.move.command][-2:] == [
        CommandKind.UNBLOCK,
        CommandKind.POWER,
    ]


class TemporaryStays(SpecialStates):
    """A mutant: the temporary PIN, once verified, is a PIN like any other."""

    def verified(self, card: SymbolicCard) -> SymbolicCard:
        return replace(OrdinaryPin.verified(self, card), phase=PinPhase.ACTIVE, permitted=True)


class VerifiedToo(SpecialStates):
    """A mutant: the permission to set a PIN counts as a verified PIN."""

    def verified(self, card: SymbolicCard) -> SymbolicCard:
        return replace(SpecialStates.verified(self, card), verified=True)


class StoringApp(SpecialTransition):
    """A mutant: the app stores the temporary PIN instead of keeping it in memory."""

    def handed(self, now: Situation) -> Situation:
        return replace(now, storage=now.storage | {Secret.TEMPORARY})


@pytest.mark.parametrize("rules", [TemporaryStays(), VerifiedToo()], ids=lambda rules: type(rules).__name__)
def test_mutants_of_the_card_are_found(rules: OrdinaryPin) -> None:
    assert examine(SpecialTransition(rules)).used_under_temporary


def test_a_mutant_of_the_app_is_found() -> None:
    found = examine(StoringApp(SpecialStates()))
    assert found.used_by_thief
    assert not found.used_under_temporary  # the thief sets a PIN of his own; the temporary one still opens nothing


def test_what_differs_from_the_original_is_explained(all_found: dict[int, Findings]) -> None:
    different = {(number, name) for number, found in all_found.items() for name, _, _ in differing(found)}
    different |= {(number, claim.name) for number, found in all_found.items() for claim in contradicted(found)}
    assert different == set(EXPLANATIONS)
    assert set(DOCUMENT) == set(CLAIMS) == set(all_found) == {1, 2, 3, 4, 5, 6}
    assert not unmentioned(all_found[4])


def test_figures(all_found: dict[int, Findings]) -> None:
    """APDUs and TSM round trips, counted by hand from the plans' sequences (B8)."""
    figures = {number: (found.apdus, found.round_trips) for number, found in all_found.items()}
    assert figures == {1: (5, 2), 2: (5, 2), 3: (8, 4), 4: (5, 2), 5: (5, 2), 6: (4, 2)}


def test_the_page_is_up_to_date(all_found: dict[int, Findings]) -> None:
    page = (DOCS / "generated" / "pin-plans.md").read_text(encoding="utf-8")
    assert page == markdown(tuple(all_found.values())), "write it anew: jpki plans --page > docs/generated/pin-plans.md"


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    from jpki.cli import run

    assert run(["plans", "--json"]) == 0
    plans = json.loads(capsys.readouterr().out)
    assert [plan["plan"] for plan in plans if plan["temporary_pin_opens_the_key"] == "never"] == [4, 6]
    assert run(["plans"]) == 0
    assert "plan 3, a key is used under the temporary PIN:" in capsys.readouterr().out
    assert run(["plans", "--page"]) == 0
    assert capsys.readouterr().out == (DOCS / "generated" / "pin-plans.md").read_text(encoding="utf-8")
