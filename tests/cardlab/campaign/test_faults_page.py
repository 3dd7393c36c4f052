"""The heat map as a browser shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.campaign.faults.heat import page
from cardlab.campaign.faults.record import Broken, FaultRecord, SceneRecord
from tests.browser import browser

_LINES = """[...document.querySelectorAll(".line")].map(one =>
  [one.id, getComputedStyle(one.querySelector("code")).backgroundColor])"""


@pytest.fixture
def record() -> FaultRecord:
    broken = Broken("a.B.c(B.java:2)", "ifeq", ("<told>",), ("invert@3",))
    lines = {"B.java:2": {"broken": 1, "mute": 1}, "B.java:3": {"refused": 2}}
    scene = SceneRecord("READ & tell", 1, 9, 4, 3, 2, 0.1, {"invert": {"broken": 1, "mute": 1}}, (broken,), lines)
    return FaultRecord("B", "00", "2026-11-27", 1, ("invert",), 0, scenes=(scene,))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "B.java").write_text("class B {\n  if (a < b) {\n  }\n}\n", encoding="utf-8")
    return tmp_path


def test_the_page_needs_nothing_beside_it(record: FaultRecord, sources: Path) -> None:
    made = page(record, sources)
    assert "READ &amp; tell" in made
    assert "&lt;told&gt;" in made
    assert "<script" not in made
    assert "://" not in made
    assert "--case invert@3" in made


def test_without_sources_nothing_else_is_shown(record: FaultRecord) -> None:
    """Of a CAP file for instance: not what happens to lie in the current folder."""
    assert "<pre>" not in page(record, None)


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (390, True)])
def test_a_browser_shows_weak_lines_in_red(
    record: FaultRecord, sources: Path, tmp_path: Path, width: int, dark: bool
) -> None:
    """And leads from the table to the line; nothing is wider than the window, and text can be told from its ground."""
    file = tmp_path / "faults.html"
    file.write_text(page(record, sources), encoding="utf-8")
    with browser(tmp_path) as opened:
        shown = opened.page(file, width=width, dark=dark)
        colours = dict(shown.value(_LINES))
        assert _red(colours["B.java:2"]) > 0 >= _red(colours["B.java:3"])
        assert colours["B.java:4"].replace(" ", "") == "rgba(0,0,0,0)"
        assert shown.value("document.getElementById(document.querySelector('#weak a').hash.slice(1)) !== null")
        assert shown.value("document.documentElement.scrollWidth <= innerWidth")
        text = shown.value("getComputedStyle(document.body).color")
        assert all(abs(_light(text) - _light(colours[name])) > 300 for name in ("B.java:2", "B.java:3"))


def _light(colour: str) -> int:
    return sum(_parts(colour))


def _parts(colour: str) -> list[int]:
    return [int(one) for one in colour[colour.index("(") + 1 : colour.index(")")].split(",")[:3]]


def _red(colour: str) -> int:
    """How much more red than green."""
    red, green, _ = _parts(colour)
    return red - green
