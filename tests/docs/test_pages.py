"""What the pages say, held against the code: links, commands, exit codes, requirement numbers, status words."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import re
from pathlib import Path

import pytest

from cardlab import errors
from jpki.certificates.indicator import INDICATOR_OID
from jpki.client.constants import PinState
from jpki.evidence.citations import numbers, requirements
from jpki.pages.wrap import WIDTH, columns, prose, wrapped
from tests.docs.pages import DOCS, ROOT

PAGES = sorted((*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "applet").glob("*.md")))
JAPANESE = [ROOT / "README.ja.md"]
GUIDES = sorted((DOCS / "guide").glob("*.md"))
TWO_SCREENS = 115  # lines, code included
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
def test_links_into_a_page_lead_to_a_heading(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]*)\)", page.read_text(encoding="utf-8"))
    missing = [
        f"{file}#{anchor}" for file, anchor in targets if anchor not in anchors(page.parent / file if file else page)
    ]
    assert not missing, f"{page.name} links to headings that are not there: {missing}"


def anchors(page: Path) -> set[str]:
    """What GitHub names the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE) if page.suffix == ".md" else []
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_that_pages_name_exist(page: Path) -> None:
    """Files and folders of the checkout, as `tests/docs/pages.py`, and tests by their names alone."""
    content = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:applet|docs|harness|scripts|tests)/[\w./-]*)(?:::\w+)?`", content)
    missing = sorted({path for path in named if not (ROOT / path).exists()})
    tests = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    missing += sorted(set(re.findall(r"\btest_\w+\.py\b", content)) - tests) if DOCS in page.parents else []
    assert not missing, f"{page.name} names what is not there: {missing}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_and_classes_that_pages_name_exist(page: Path) -> None:
    """As `cardlab.errors` or `cardlab.runtime.choices.PlatformChoices`; not entry points, not packages of Java."""
    named = set(re.findall(r"`((?:cardlab|jpki)(?:\.\w+)+)(?:\(.*?\))?`", page.read_text(encoding="utf-8")))
    other = {"cardlab.jcardsim", "jpki.applet", "jpki.cap", "cardlab.kinds", "cardlab.runtimes"}
    missing = sorted(name for name in named - other if not is_there(name))
    assert not missing, f"{page.name} names what is not there: {missing}"


def is_there(name: str) -> bool:
    """A module, or something in one."""
    module, _, attribute = name.rpartition(".")
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return hasattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_prose_has_one_width(page: Path) -> None:
    """A page that is wrapped to it comes back as it is; Japanese has no spaces to wrap at, so a line may be shorter."""
    content = page.read_text(encoding="utf-8")
    if page in JAPANESE:
        assert [line for line in prose(content) if columns(line) > WIDTH] == []
    else:
        assert content == wrapped(content), "wrap it: .venv/bin/python scripts/wrap.py"


def test_wrapping_changes_no_word_and_no_code() -> None:
    text = "- a b\n  c `d  e` f\n\n```sh\nx   y\n```\n\n| a   | b |\n" + "word " * 40 + "- 1. end\n"
    assert wrapped(wrapped(text)) == wrapped(text)
    assert wrapped(text).split() == text.split()
    assert "`d  e`" in wrapped(text)
    assert "x   y\n" in wrapped(text)
    assert max(map(columns, prose(wrapped(text)))) <= WIDTH
    assert not re.search(r"^(- 1|1\.)", wrapped(text), re.MULTILINE)
    assert columns("公的個人認証") == 12


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_a_guide_takes_two_screens_at_most(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= TWO_SCREENS


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
        waiting += [(page.parent / target).resolve() for target in targets]
    assert {page for page in PAGES if DOCS in page.parents} <= reached


def test_the_japanese_readme_says_what_the_english_one_says() -> None:
    """The same pages, the same commands, the same code; the words are for a reader to compare."""
    english, japanese = text("README.md"), text("README.ja.md")
    for pattern in (r"\]\(([^)]+)\)", r"`([^`\n]+)`"):
        there = {found for found in re.findall(pattern, english) if not found.startswith("README")}
        assert there == {found for found in re.findall(pattern, japanese) if not found.startswith("README")}
    blocks = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
    bare = [[re.sub(r" +#.*", "", block) for block in blocks.findall(page)] for page in (english, japanese)]
    assert bare[0] == bare[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    """Every `build.py COMMAND` and `jpki COMMAND` that a page names is one."""
    import cardlab.cli
    import jpki.cli

    content = page.read_text(encoding="utf-8")
    known = {
        r"python3 build\.py": {"demo", "applet", "bench", "test", "lint", "mutate", "COMMAND"},
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
    assert len(known) == 43
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
    said = capsys.readouterr()
    story = json.loads(said.out)
    title, *lines, end = said.err.splitlines()
    assert (title[-1], end, len(lines)) == (":", "", 1 + 2 * len(story["steps"])), "two lines a step, as they are done"
    rows = re.findall(r"^ ?(\d+)  (\S.*?)  +(\S.*?)  .*? (\d+) +[\d.]+ m?s", text("README.md"), re.MULTILINE)
    expected = [(str(one["number"]), one["party"], one["step"], str(one["apdus"])) for one in story["steps"]]
    assert [tuple(cell.strip() for cell in row) for row in rows] == expected
    assert story["apdus"] == sum(one["apdus"] for one in story["steps"])
