"""The two schedules of an issuance: keys and certificates while the user types (F5)."""

from __future__ import annotations

from html import escape
from pathlib import Path
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpki.client.constants import Suite
from jpki.parties.recorder import FlowEventKind, Section
from jpki.timing.chips import CARDS, CURVE_CARDS, TRIAL, KeyTime, usual_chip
from jpki.timing.flows import FLOWS, rounds
from jpki.timing.model import USER_SECONDS, PhoneModel
from jpki.timing.page import html
from jpki.timing.reference import REFERENCE, WAITING, reference_total
from jpki.timing.report import evaluate
from jpki.timing.schedule import (
    Begins,
    Item,
    Needs,
    Work,
    compact,
    of_a_run,
    of_the_trial,
    one_after_the_other,
    while_the_user_types,
    with_keys,
)
from jpki.timing.text import Measured, facts
from jpki.timing.trace import Share, Trace
from jpki.timing.waiting import AIM, ChipWaits, cells, lines, waits
from tests.jpki.timing.traces import instant

KEY, STORE = Section.SIGNING_KEY, Section.STORE_SIGNING_CERTIFICATE
PIN = Section.SET_SIGNING_PASSWORD


def test_two_lanes() -> None:
    """By hand: ten seconds of typing beside 7 of work, then 1 that needs what was typed; and the other way round."""
    items = (Begins("a", 10.0), Work(KEY, 4.0, 3.0), Work(STORE, 3.0), Needs("a"), Work(PIN, 1.0))
    assert one_after_the_other(items).total == 18 and one_after_the_other(items).felt == 7
    assert while_the_user_types(items).total == 11 and while_the_user_types(items).felt == 1
    slow = with_keys(items, lambda: 30.0)
    assert while_the_user_types(slow).total == 35 and while_the_user_types(slow).felt == 25


def test_what_begins_later_is_typed_later() -> None:
    """One user: the second is typed after the first, and not before it is asked for."""
    items = (Begins("a", 5.0), Begins("b", 5.0), Needs("b"), Work(PIN, 1.0))
    assert while_the_user_types(items).total == 11
    late = (Work(PIN, 7.0), Begins("a", 5.0), Needs("a"))
    assert while_the_user_types(late).total == 12 and while_the_user_types(late).felt == 0


def test_the_trials_figures() -> None:
    """The sum and the wait of its table; and the aim, which its own figures meet."""
    items = of_the_trial()
    tests = (Section.TEST_SIGNING, Section.TEST_AUTHENTICATION, Section.APPLY)
    first, hidden = one_after_the_other(items), while_the_user_types(items)
    assert first.total == pytest.approx(sum(reference_total(one) for one in REFERENCE if one not in tests))
    assert first.felt == pytest.approx(23.5)
    typing = sum(REFERENCE[one][Share.USER] for one in (PIN, Section.SET_AUTHENTICATION_PIN))
    assert hidden.felt == pytest.approx(max(typing, 23.5) + 2.9 + 2.9 - typing)
    assert hidden.felt < AIM


@st.composite
def issuances(draw: st.DrawFn) -> tuple[Item, ...]:
    """Any order of work and typing in which what is needed has begun."""
    seconds = st.integers(0, 60).map(float)
    items: list[Item] = []
    for name in draw(st.permutations(["a", "b", "c"])):
        for _ in range(draw(st.integers(0, 3))):
            long, key = draw(seconds), draw(st.booleans())
            items.append(Work(draw(st.sampled_from((KEY, STORE, PIN, Section.PREPARE))), long, long if key else 0.0))
        items.append(Begins(name, draw(seconds)))
        items.extend(Needs(one.name) for one in list(items) if isinstance(one, Begins) and draw(st.booleans()))
    return tuple(items)


@given(items=issuances())
def test_hiding_never_takes_longer(items: tuple[Item, ...]) -> None:
    """Neither in all, nor is it shorter than either lane; and fewer items are the same issuance."""
    first, hidden = one_after_the_other(items), while_the_user_types(items)
    work = sum(one.seconds for one in items if isinstance(one, Work))
    typing = sum(one.seconds for one in items if isinstance(one, Begins))
    assert max(work, typing) <= hidden.total <= first.total
    for schedule in (one_after_the_other, while_the_user_types):
        assert schedule(compact(items)) == schedule(items)


@pytest.mark.parametrize("family", (TRIAL, *CARDS, *CURVE_CARDS), ids=lambda one: one.name)
def test_drawn_key_pairs_have_the_chips_mean(family: object) -> None:
    assert isinstance(family, type(TRIAL))
    random = Random(family.name)
    drawn = [family.pick(random).draw(random) for _ in range(20_000)]
    assert fmean(drawn) == pytest.approx(family.mean, rel=0.03)
    assert min(drawn) >= min(one.least for one in family.key_times)


def test_the_trials_chips_bring_its_spread_about() -> None:
    """It says 20 to 40 s when the spread of key generation is taken into account; its mean is its table's."""
    row = ChipWaits.of("trial", of_the_trial(), TRIAL, same_keys=True)
    assert TRIAL.mean == pytest.approx((3.9 + 2.8) / 2)
    assert row.first.average == pytest.approx(23.5, rel=0.03)
    assert 18 < row.first.low < 21 and 33 < row.first.high < 42
    assert KeyTime(2.0, 0.5) in TRIAL.key_times


# -- the conversation itself -------------------------------------------------------------------------------------------


@pytest.fixture
def issuing(recorded: dict[str, Trace]) -> Trace:
    """On machines that are infinitely fast: what decides is what was said, and the model."""
    return instant(recorded["issue"])


def test_the_user_begins_to_type_before_anything_is_made(issuing: Trace) -> None:
    """F5: both PINs are asked for before the applet is prepared, and needed after the last certificate is stored."""
    names = [(event.kind, event.name) for event in issuing.events]
    asked = [names.index((FlowEventKind.ACTION, name)) for name in ("new signing password", "new authentication PIN")]
    needed = [place for place, (kind, _) in enumerate(names) if kind is FlowEventKind.WAIT]
    places = [place for place, event in enumerate(issuing.events) if event.section in (*WAITING, Section.PREPARE)]
    apdus = [place for place in places if issuing.events[place].kind is FlowEventKind.APDU]
    stored = [place for place in apdus if issuing.events[place].name == "STORE CERTIFICATE"]
    prepared = [place for place in apdus if issuing.events[place].name in ("LOAD", "INSTALL", "STORE DATA")]
    assert len(needed) == 2 and max(asked) < min(prepared)
    assert max(stored) < min(needed)
    assert all(issuing.events[place].aside for place in asked)


def test_both_schedules_side_by_side(issuing: Trace) -> None:
    """F5: for the trial and each card hiding saves what typing takes, or all of the wait where there is less of it."""
    rows = waits(issuing, PhoneModel())
    assert len(rows) == 2 + len(CARDS)
    typing = USER_SECONDS["new signing password"] + USER_SECONDS["new authentication PIN"]
    for one in rows:
        assert one.hidden.at_the_mean < one.first.at_the_mean
        assert one.first_total - one.hidden_total <= typing + 1e-6
        assert one.first.low <= one.first.middle <= one.first.high
    mean = rows[1]
    assert mean.name == "here, on the trial's chips" and mean.hidden.at_the_mean < AIM
    text = "\n".join(lines(rows))
    assert "5.9 s instead of 23.5 s" in text and "met" in text
    assert all(one.name in text and cells(one)[0] in text for one in rows)
    measured = Measured((), PhoneModel(), (evaluate("issue", [issuing], PhoneModel()),), None, rows)
    page, told = html(measured), facts(measured)["waiting"]
    assert "Waiting for the certificates" in page and all(escape(one.name) in page for one in rows)
    assert isinstance(told, list) and [one["name"] for one in told] == [one.name for one in rows]


def test_the_second_suite_leaves_nothing_to_hide(tmp_path: Path) -> None:
    """An assumption about later cards: no prime is looked for, so on each card the user's typing outlasts the keys."""
    (recorded,) = rounds(tmp_path, 1, FLOWS[:1], suite=Suite.P_384)
    model = PhoneModel(chip=usual_chip(Suite.P_384))
    rows = waits(instant(recorded["issue"]), model, Suite.P_384)
    assert [one.name for one in rows[1:]] == [f"here, on {one.name}" for one in CURVE_CARDS]
    for one in rows[1:]:
        assert one.key_mean < 0.1 and one.first.low == pytest.approx(one.first.high), "nothing is spread"
        assert one.hidden.at_the_mean < AIM < one.first.at_the_mean, "links and CA are waited for still"
    assert model.chip.key_generation < model.chip.signature < PhoneModel().chip.signature
    assert usual_chip(Suite.RSA_2048) == PhoneModel().chip


def test_the_items_are_the_run(issuing: Trace) -> None:
    """Nothing of the conversation is left out: the machines' lane adds up to the prediction of its sections."""
    model, tests = PhoneModel(), (Section.TEST_SIGNING, Section.TEST_AUTHENTICATION)
    work = sum(one.seconds for one in of_a_run(issuing, model) if isinstance(one, Work))
    timing = evaluate("issue", [issuing], model)
    machines = sum(one.predicted_total - one.user for one in timing.sections if one.section not in tests)
    application = REFERENCE[Section.APPLY][Share.CA]  # which is not waited for, and not among the items
    assert work == pytest.approx(machines - application)
