"""The flows as they are recorded on simulated cards: what is drawn and what is measured (E3, F1)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from jpki.parties.recorder import FlowEventKind, Section
from jpki.timing.flows import FLOWS
from jpki.timing.flows_page import files
from jpki.timing.model import LINKS, USER_SECONDS, PhoneModel
from jpki.timing.page import issuance_chart
from jpki.timing.reference import REFERENCE, WAITING
from jpki.timing.report import evaluate
from jpki.timing.text import TSM_ROUND_TRIPS_AIM, Measured
from jpki.timing.trace import Share, Trace, is_key_generation
from tests.docs.pages import DOCS
from tests.jpki.timing.traces import instant

pytestmark = pytest.mark.slow


def test_the_page_is_up_to_date(recorded: dict[str, Trace]) -> None:
    """And each of its pictures; there are no others."""
    made = files(recorded)
    for name in ("flows.md", *made):
        shown = (DOCS / "generated" / name).read_text(encoding="utf-8")
        assert shown == made[name], f"{name} is stale: jpki pages flows.md"
    folder = DOCS / "generated" / "flows"
    assert {f"flows/{one.name}" for one in folder.iterdir()} == made.keys() - {"flows.md"}


def test_the_chart_of_issuing_shows_what_it_would_show_now(recorded: dict[str, Trace]) -> None:
    """All that is written in it but the figures, which are measured."""
    chart = issuance_chart(Measured((), PhoneModel(), (evaluate("issue", [recorded["issue"]], PhoneModel()),)))
    shown = (DOCS / "generated" / "timing.svg").read_text(encoding="utf-8")
    assert labels(shown) == labels(chart), "write it anew: jpki pages timing.svg"


def labels(chart: str) -> list[str]:
    """What the chart says, without times; how many marks the scale has depends on them."""
    texts = (re.sub(r"[\d.]+ m?s\b", "", text) for text in re.findall(r"<text[^>]*>([^<]*)<", chart))
    return [text for text in texts if text]


def test_issuing_has_all_sections_and_few_round_trips(recorded: dict[str, Trace]) -> None:
    trace = recorded["issue"]
    assert trace.tsm_round_trips <= TSM_ROUND_TRIPS_AIM
    assert f"takes {trace.tsm_round_trips} TSM round trips" in (DOCS / "reference" / "timing.md").read_text(
        encoding="utf-8"
    )
    assert set(REFERENCE) <= {event.section for event in trace.events}
    assert len(trace.key_generations()) == 2
    assert len(trace.signatures()) == 2
    timing = evaluate("issue", [instant(trace)], PhoneModel())
    shares = {one.section: set(one.shares) for one in timing.sections}
    assert all(shares[section] == {Share.REMOTE, *shares[section] - {Share.LOCAL}} for section in WAITING)
    assert Share.CA in shares[Section.APPLY] & shares[Section.STORE_SIGNING_CERTIFICATE]
    assert timing.user == pytest.approx(55.7)
    assert 75 < timing.predicted_total < 91  # the trial: 91.0
    assert 12 < timing.predicted(WAITING) < 23.5  # the trial: 23.5


def test_a_contactless_signature_takes_less_than_a_second(recorded: dict[str, Trace]) -> None:
    """D6, as far as counted commands and bytes decide it."""
    model = replace(PhoneModel(), secure_element=LINKS["nfc"])
    timing = evaluate("sign", [instant(recorded["sign"])], model)
    assert 0.3 < timing.predicted_total - timing.user < 1.0


def test_an_interrupted_issuance_makes_no_key_twice(recorded: dict[str, Trace]) -> None:
    """E6."""
    trace = recorded["issue-interrupted"]
    lost = [event for event in trace.events if event.response is None]
    assert len(lost) == 1
    assert is_key_generation(lost[0])
    assert sum(is_key_generation(event) for event in trace.events) == 2


def test_everything_that_is_asked_of_the_user_has_a_time(recorded: dict[str, Trace]) -> None:
    asked = {event.name for trace in recorded.values() for event in trace.events if event.kind is FlowEventKind.ACTION}
    assert asked <= set(USER_SECONDS)
    assert "biometrics" in asked


def test_every_flow_adds_up(recorded: dict[str, Trace]) -> None:
    assert set(recorded) == {flow.name for flow in FLOWS}
    for trace in recorded.values():
        assert trace.events
        assert sum(moment.seconds for moment in trace.moments()) == pytest.approx(trace.seconds)


def test_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from jpki.cli import run

    page = tmp_path / "timing.html"
    assert run(["timing", "--runs", "2", "--flow", "sign", "--network", "wifi", "--html", str(page), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [(flow["flow"], flow["runs"]) for flow in facts["flows"]] == [("sign", 2)]
    assert facts["model"]["network"]["round_trip"] == 0.025
    assert facts["signature"]["n"] == 2
    assert facts["contactless_signature_predicted"] > 0.3
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["timing", "--flow", "fly"], "there is no flow fly"),
        (["timing", "--network", "pigeon"], "there is no link pigeon"),
        (["timing", "--flow", "sign", "--svg", "x.svg"], "--svg draws the issuing"),
        (["timing", "--keys", "test"], "are for a real card"),
        (["timing", "--card", "pcsc:"], "a real card needs --keys"),
        (["timing", "--card", "pcsc:", "--flow", "change-device", "--keys", "test"], "needs two phones"),
        (["flows", "fly"], "there is no flow fly"),
    ],
)
def test_wrong_names(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    from jpki.cli import run

    assert run(arguments) == 2
    assert message in capsys.readouterr().err
