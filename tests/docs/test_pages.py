"""What the pages say, held against the code: links, commands, exit codes, requirement numbers, status words."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest

from cardlab import errors
from jpki.certificates.indicator import INDICATOR_OID
from jpki.client.constants import PinState
from jpki.evidence.citations import numbers, requirements
from tests.docs.pages import DOCS

ROOT = DOCS.parent
PAGES = sorted((*DOCS.glob("*.md"), ROOT / "README.md", *(ROOT / "applet").glob("*.md")))
SOURCES = [
    file
    for folder in ("applet", "harness", "tests", "scripts", "docs")
    for file in sorted((ROOT / folder).rglob("*"))
    if file.suffix in (".py", ".java", ".md", ".json")
]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing, f"{page.name} links to files that are not there: {missing}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    """Every `build.py COMMAND` and `jpki COMMAND` that a page names is one."""
    import cardlab.cli
    import jpki.cli

    content = page.read_text(encoding="utf-8")
    known = {
        r"python3 build\.py": {"demo", "applet", "bench", "test", "lint", "COMMAND"},
        "[`$] ?jpki": {*jpki.cli.COMMANDS},
        "[`$] ?cardlab": {*cardlab.cli.COMMANDS},
    }
    for program, words in known.items():
        assert set(re.findall(rf"{program} ([a-z]+)", content)) <= words, program
    scripts = re.findall(r"python3 (scripts/\w+\.py)", content)
    assert all((ROOT / script).is_file() for script in scripts)


def test_exit_codes() -> None:
    listed = dict(re.findall(r"^\| (\d+) \|.*\| `(\w+)` \|$", text("docs/reference/exit-codes.md"), re.MULTILINE))
    kinds = inspect.getmembers(errors, lambda one: inspect.isclass(one) and issubclass(one, errors.HarnessError))
    assert listed == {str(kind.exit_code): name for name, kind in kinds}


def test_requirement_numbers_that_pages_cite_exist() -> None:
    """Sources are looked at in tests/jpki/evidence/test_traceability.py, by the same rule."""
    known = requirements(text("docs/reference/requirements.md"))
    assert len(known) == 38
    paragraphs = [part for page in PAGES for part in page.read_text(encoding="utf-8").split("\n\n")]
    cited = [number for paragraph in paragraphs for number in numbers(paragraph, known)]
    assert len(cited) > 10


def test_applet_page() -> None:
    page = text("docs/reference/applet.md")
    states = dict(re.findall(r"^\| (INITIAL|SETTABLE|ACTIVE|BLOCKED) \| `([0-9A-F]{2})` \|$", page, re.MULTILINE))
    assert states == {state.name: f"{state.value:02X}" for state in PinState}
    assert str(INDICATOR_OID) in page
    listed = set(re.findall(r"[0-9A-F]{4}", page.split("## Status words")[1]))
    used = set(re.findall(r"`(6[0-9A-F]{3})`", page.split("## Status words")[0]))
    assert used - listed - {"63C0"} == set()  # listed as 63Cx


def test_no_page_or_source_knows_where_it_was_written() -> None:
    """No machine's paths, no registry's host: packages are named by coordinate."""
    suspicious = re.compile(r"/(?:home|root|work|Users)/|(?:pypi|maven|repo1?)\.(?:org|apache|maven)", re.IGNORECASE)
    found = [
        (file.name, match[0])
        for file in SOURCES
        if file.name != "test_pages.py"
        for match in suspicious.finditer(file.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.slow
def test_readme_shows_what_the_demonstration_does(capsys: pytest.CaptureFixture[str]) -> None:
    """The table in README.md is that of `jpki demo`, but for times; ``--json`` has the same steps."""
    from jpki.cli import run

    assert run(["demo", "--json", "--seed", "1"]) == 0
    story = json.loads(capsys.readouterr().out)
    rows = re.findall(r"^ ?(\d+)  (\S.*?)  +(\S.*?)  .*? (\d+) +[\d.]+ m?s", text("README.md"), re.MULTILINE)
    expected = [(str(one["number"]), one["party"], one["step"], str(one["apdus"])) for one in story["steps"]]
    assert [tuple(cell.strip() for cell in row) for row in rows] == expected
    assert story["apdus"] == sum(one["apdus"] for one in story["steps"])
