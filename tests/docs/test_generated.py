"""docs/generated is what the programs write; the quick ones write again here, and the bytes are compared."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cardlab.errors import VerificationError
from jpki.cli import GROUP, run
from jpki.pages.commands import walk
from jpki.pages.registry import FOLDER, Page, pages
from tests.docs.pages import ROOT

QUICK = {page.name: page for page in pages() if page.name not in ("flows.md", "pin-plans.md", "traceability.md")}
# The others take seconds, and are compared where their runs are made anyway.
ELSEWHERE = {
    "flows": "tests/jpki/timing/test_recorded_flows.py",
    "flows.md": "tests/jpki/timing/test_recorded_flows.py",
    "pin-plans.md": "tests/jpki/plans/test_plans.py",
    "timing.svg": "tests/jpki/timing/test_recorded_flows.py",
    "traceability.md": "tests/jpki/evidence/test_traceability.py",
}


@pytest.mark.parametrize("page", [one for one in QUICK.values() if not one.measured], ids=lambda page: page.name)
def test_the_page_is_what_its_program_writes(page: Page) -> None:
    for path, text in page.files(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"write it anew: jpki pages {page.name}"


def test_every_page_of_the_folder_is_compared_somewhere() -> None:
    files = {path.name for path in (ROOT / FOLDER).iterdir()}
    compared = {page.name for page in QUICK.values() if not page.measured}
    assert files == compared | ELSEWHERE.keys()
    for name, test in ELSEWHERE.items():
        assert f'"{name}"' in (ROOT / test).read_text(encoding="utf-8"), f"{test} does not look at {name}"


def test_every_command_is_on_the_page() -> None:
    headings = set(re.findall(r"^## (.+)$", (ROOT / FOLDER / "commands.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {path for path, _ in walk(GROUP, "jpki")} <= headings
    assert {"cardlab cap convert", "jpki phone issue"} <= headings


def test_the_picture_is_xml_and_its_boxes_do_not_overlap() -> None:
    from jpki.pages.picture import BOXES, architecture

    ElementTree.fromstring(architecture())  # noqa: S314 - our own
    for one in BOXES:
        for other in BOXES:
            apart = (
                one.x + one.width <= other.x
                or other.x + other.width <= one.x
                or one.bottom <= other.y
                or other.bottom <= one.y
            )
            assert one is other or apart, f"{one.name} and {other.name}"


def test_what_is_stale_is_named_and_nothing_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = Page("architecture.svg", lambda _root: "another picture")
    monkeypatch.setattr("jpki.pages.registry.pages", lambda: (page,))
    before = page.path(ROOT).read_bytes()
    assert run(["pages", "--check"]) == VerificationError.exit_code
    assert page.path(ROOT).read_bytes() == before


def test_a_page_that_no_program_writes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pages", "applet.md"]) == 2
    assert "architecture.svg, commands.md" in capsys.readouterr().err
