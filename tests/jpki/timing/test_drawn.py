"""Flows and charts on the screen of a phone: what is drawn is what was recorded, and it can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jpki.parties.recorder import Party
from jpki.timing import page as timing_page
from jpki.timing.diagram import mermaid
from jpki.timing.drawn_page import html
from jpki.timing.flows import FLOWS
from jpki.timing.model import PhoneModel
from jpki.timing.report import evaluate
from jpki.timing.text import Measured
from jpki.timing.trace import Trace
from tests.browser import Browser, Page, browser
from tests.docs.pages import DOCS

pytestmark = pytest.mark.slow

SCREEN = 390
SMALLEST = 10.5  # pixels: the size of letters that are still read
_ARROW = re.compile(r"^    (\w+?)(->>|-->>|--x|-\))(\w+): (.*)$", re.MULTILINE)
_TEXTS = "[...document.querySelectorAll('svg text')]"
_PICTURE = "t.ownerSVGElement.getBoundingClientRect()"
_SIZE = "parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a"
_LEFT, _RIGHT = (f"t.getBoundingClientRect().{side} - {_PICTURE}.{side}" for side in ("left", "right"))
_STEPS = "[...document.querySelectorAll('h2#{} ~ svg')][0].querySelectorAll('.step')"


def told(trace: Trace) -> list[str]:
    """The arrows of a flow as Mermaid's text has them."""
    return [
        f"{Party[sender].value} → {Party[receiver].value}: {text}"
        for sender, _, receiver, text in _ARROW.findall(mermaid(trace.events))
    ]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as found:
        yield found


def shown(chromium: Browser, file: Path, content: str) -> Page:
    """The page on a phone: nothing wider than the screen, or outside its picture, or too small, or from elsewhere."""
    file.write_text(content, encoding="utf-8")
    page = chromium.page(file, width=SCREEN)
    assert page.value("document.documentElement.scrollWidth") <= SCREEN
    assert page.value(f"Math.min(...{_TEXTS}.map(t => {_SIZE}))") >= SMALLEST
    assert page.value(f"{_TEXTS}.filter(t => {_LEFT} < -0.5 || {_RIGHT} > 0.5).map(t => t.textContent)") == []
    assert page.requests == [file.as_uri()]
    assert page.complaints == []
    return page


def test_every_flow_is_drawn(recorded: dict[str, Trace], chromium: Browser, tmp_path: Path) -> None:
    page = shown(chromium, tmp_path / "flows.html", html([(flow, recorded[flow.name].events) for flow in FLOWS]))
    for flow in FLOWS:
        drawn = page.value(f"[...{_STEPS.format(flow.name)}].map(one => one.textContent)")
        assert " ".join(drawn) == " ".join(told(recorded[flow.name])), flow.name


@pytest.mark.parametrize("name", ["architecture.svg", "flows/issue.svg", "flows/issue-interrupted.svg"])
def test_the_pictures_of_the_pages(chromium: Browser, tmp_path: Path, name: str) -> None:
    """Files of their own, as a page shows them; here inline, so that the letters can be measured."""
    picture = (DOCS / "generated" / name).read_text(encoding="utf-8")
    frame = '<!DOCTYPE html><html lang="en"><meta name="viewport" content="width=device-width"><title>a page</title>'
    body = f"<style>svg {{ max-width: 100%; height: auto }}</style><body>{picture}</body></html>"
    page = shown(chromium, tmp_path / "page.html", frame + body)
    assert page.value("document.querySelectorAll('svg text').length") > 20
    box = "t.previousElementSibling?.closest('rect')?.getBoundingClientRect()"
    outside = f"{_TEXTS}.filter(t => {box} && t.getBoundingClientRect().width > {box}.width).map(t => t.textContent)"
    assert page.value(outside) == []


def test_the_charts_of_timing(recorded: dict[str, Trace], chromium: Browser, tmp_path: Path) -> None:
    flows = tuple(evaluate(name, [trace], PhoneModel()) for name, trace in recorded.items())
    page = shown(chromium, tmp_path / "timing.html", timing_page.html(Measured(("a card",), PhoneModel(), flows)))
    assert page.value("document.querySelectorAll('svg').length") == 5  # issuing twice, two histograms, every flow


def test_one_flow_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from jpki.cli import run

    assert run(["flows", "issue", "--html", str(tmp_path / "nowhere" / "flows.html")]) == 2
    assert "no folder" in capsys.readouterr().err
    page = tmp_path / "flows.html"
    assert run(["flows", "issue", "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert re.findall(r'<h2 id="(.*?)"', text) == ["issue"]
    assert 'class="arrow"' in text  # begun aside: the PINs
    assert capsys.readouterr().out == ""
