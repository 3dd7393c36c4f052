"""The heat map as a browser shows it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cardlab.campaign.faults.heat import page
from cardlab.campaign.faults.record import Broken, FaultRecord, SceneRecord

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_SCRIPT = """<script>
addEventListener("load", () => {
  const seen = [...document.querySelectorAll(".line")].map(one =>
    one.id + " " + getComputedStyle(one.querySelector("code")).backgroundColor);
  const link = document.querySelector("#weak a");
  document.body.innerHTML = seen.join("\\n") + "\\nlink " + (document.getElementById(link.hash.slice(1)) !== null)
    + "\\nwide " + (document.documentElement.scrollWidth > innerWidth);
});
</script>"""


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


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_a_browser_shows_weak_lines_in_red(record: FaultRecord, sources: Path, tmp_path: Path) -> None:
    """And leads from the table to the line; nothing is wider than the window."""
    file = tmp_path / "faults.html"
    file.write_text(page(record, sources).replace("</body>", _SCRIPT + "</body>"), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,800"]
    shown = subprocess.run(
        [str(CHROMIUM), *options, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    colours = dict(line.split(" ", 1) for line in shown.splitlines() if line.startswith("B.java:"))
    assert _red(colours["B.java:2"]) > 0 >= _red(colours["B.java:3"])
    assert colours["B.java:4"].replace(" ", "") == "rgba(0,0,0,0)"
    assert "link true" in shown
    assert "wide false" in shown


def _red(colour: str) -> int:
    """How much more red than green."""
    red, green, _ = (int(one) for one in colour[colour.index("(") + 1 : colour.index(")")].split(","))
    return red - green
