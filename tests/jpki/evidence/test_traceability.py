"""Requirements can be traced to the tests that show them, and their tests can be run (F4)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from cardlab.errors import HarnessError, UsageError
from jpki.cli import run
from jpki.evidence import traceability
from jpki.evidence.citations import CitingTest, collect_code, collect_tests, expand, numbers, requirements
from jpki.evidence.traceability import LIMITS, TracedRequirement, known, trace, vector_files
from jpki.evidence.traceability_page import markdown
from tests.docs.pages import DOCS

ROOT = DOCS.parent
KNOWN = known(ROOT)


@pytest.fixture(scope="module")
def traces() -> list[TracedRequirement]:
    return trace(ROOT)


def test_the_page_is_up_to_date(traces: list[TracedRequirement]) -> None:
    page = (DOCS / "generated" / "traceability.md").read_text(encoding="utf-8")
    assert page == markdown(traces, vector_files(ROOT)), (
        "write it anew: jpki trace --page > docs/generated/traceability.md"
    )


def test_each_requirement_is_named_by_a_test_and_by_what_carries_it_out(traces: list[TracedRequirement]) -> None:
    """F4: by a test function itself; its file's citation alone is not enough."""
    assert [one.number for one in traces if not one.named] == []
    assert [one.number for one in traces if not one.code] == []


def test_limits_are_of_requirements_that_exist() -> None:
    assert set(LIMITS) <= set(KNOWN)


def test_every_file_of_data_says_where_it_comes_from() -> None:
    """F4: each is on the page, or in a folder that is."""
    page = (DOCS / "generated" / "traceability.md").read_text(encoding="utf-8")
    data = [path for end in ("json", "txt") for path in sorted((ROOT / "tests").rglob(f"*.{end}"))]
    assert len(data) > 50
    for path in data:
        name = path.relative_to(ROOT).as_posix()
        listed = any(f"(../../{one})" in page for one in (name, path.relative_to(ROOT).parent.as_posix()))
        assert listed or path.name == "schema.json", f"the page does not say where {name} comes from"


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("B4: initial and unusable.", "B4"),
        ("A2.", "A2"),
        ("C1", "C1"),
        ("B2, and what tells plan 5 from the others", "B2"),
        ("A2, B2, B5; in six round trips", "A2 B2 B5"),
        ("Each function (E1 to E5, E7, E8).", "E1 E2 E3 E4 E5 E7 E8"),
        ("The signed attributes (C4–C6; RFC 5652, 5.3)", "C4 C5 C6"),
        ("What may be (plan 4, B4 and B5): (D5)", "B4 B5 D5"),
        ("once more (C5: it counts every use)", "C5"),
        ("broken over a line (B1,\n    B3)", "B1 B3"),
        ("the value of tag C9", ""),
        ("The quota (tag C8), one E3 (GPCS Table 11-36), C4 as it is", ""),
        ("C4 holds the load file", ""),
        ("as in ``B4: unusable``, `(C4-C6)` and (`D5`)", ""),
        ("80 E1 C1 00, 9B and (9B), FA1, (P1, D50A, A123), B4x: no", ""),
    ],
)
def test_what_a_citation_is(text: str, cited: str) -> None:
    assert numbers(text, KNOWN) == tuple(cited.split())


@pytest.mark.parametrize("text", ["B12: no", "(C9)", "x (A1, A9)", "(C4-C7)", "(C6-C4)", "(A1-B2)", "(D0)", "(B04)"])
def test_what_has_the_form_of_one_must_exist(text: str) -> None:
    with pytest.raises(UsageError, match="there is no requirement"):
        numbers(text, KNOWN)


@pytest.mark.parametrize("text", ["", "C", "c6", "C6 and so on", "P1"])
def test_what_is_asked_for_must_be_one(text: str) -> None:
    with pytest.raises(UsageError, match="is no requirement"):
        expand(text, KNOWN)


SOURCES = {
    "applet/src/Card.java": """
/**
 * The card (C4,
 * C5).
 */
class Card {
    byte[] value = { (byte) 0xC6 }; // A1
    String text = "(B1)";
}
""",
    "tests/test_it.py": '''
"""All of it (A1)."""

# A2: a comment of
# several lines (A3,
# A4)
VALUE = "(B1)"

def test_with_a_docstring():
    """B2."""

def test_with_a_comment():
    assert VALUE  # B3

def test_without():
    """Nothing to cite: D0 and (tag C9)."""

def helper():
    """B4."""

class TestClass:
    """B5."""

    def test_method(self):
        assert VALUE

    def test_own_method(self):
        """(B6)"""

TestMachine = Machine.TestCase
''',
    "tests/helper.py": '"""(B7)"""\ndef test_nothing(): ...\n',
}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A small project."""
    for name, text in SOURCES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_where_citations_belong(sources: Path) -> None:
    code = collect_code(sources, "applet/src", KNOWN)
    assert [(one.line, one.symbol, one.numbers) for one in code] == [(2, "Card", ("C4", "C5")), (7, "Card", ("A1",))]
    found = {test.name: (test.numbers, test.named) for test in collect_tests(sources, KNOWN)}
    assert found == {
        "test_with_a_docstring": (("B2",), True),
        "test_with_a_comment": (("B3",), True),
        "test_without": (("A1", "A2", "A3", "A4"), False),
        "TestClass.test_method": (("B5",), False),
        "TestClass.test_own_method": (("B6",), True),
        "TestMachine.runTest": (("A1", "A2", "A3", "A4"), False),
    }


def test_what_is_asked_for_may_be_several() -> None:
    assert expand("D6, B1-B3,A1 and B2", KNOWN) == ("A1", "B1", "B2", "B3", "D6")


def test_an_unknown_number_is_an_error_that_names_its_place(sources: Path) -> None:
    (sources / "tests" / "test_it.py").write_text('def test_this():\n    """C9."""\n', encoding="utf-8")
    with pytest.raises(HarnessError, match=r"^tests/test_it\.py, line 2: there is no requirement C9\n-> "):
        collect_tests(sources, KNOWN)


def test_requirements_are_read_from_their_page() -> None:
    assert requirements("| no. | x |\n|---|---|\n| A1 | one |\n| A2 | two |\n") == {"A1": "one", "A2": "two"}


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "D6", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    test = "tests/jpki/timing/test_recorded_flows.py::test_a_contactless_signature_takes_less_than_a_second"
    assert (found["requirement"], found["tests"]) == ("D6", [test])
    assert "prediction" in found["limit"]
    assert run(["trace", "D5-D6"]) == 0
    assert test in capsys.readouterr().out


def test_overview_and_page(
    traces: list[TracedRequirement], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of what was read above, for to read every source takes a second."""
    monkeypatch.setattr(traceability, "trace", lambda root: {ROOT: traces}[root])
    assert run(["trace"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 + len(KNOWN)
    assert run(["trace", "--page"]) == 0
    assert capsys.readouterr().out == (DOCS / "generated" / "traceability.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [["C9"], ["c6"], ["A1", "--page"], ["--page", "--json"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", *arguments]) == 2
    assert "jpki: " in capsys.readouterr().err


def identifier(test: CitingTest) -> str:
    """As pytest names it."""
    return f"{test.file}::{test.name.replace('.', '::')}"


# Collects, and writes down what there was before any test was left out, and what was left then.
COLLECTING = """
import json, pathlib, sys, pytest
class Watcher:
    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        self.found = [item.nodeid for item in items]
    def pytest_collection_finish(self, session):
        chosen = [item.nodeid for item in session.items]
        pathlib.Path(sys.argv[1]).write_text(json.dumps([self.found, chosen]))
sys.exit(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *sys.argv[2:]], plugins=[Watcher()]))
"""


@dataclass(frozen=True)
class Collected:
    """What pytest would run: its exit code, what it says, and the test functions with how often."""

    code: int
    said: str
    everything: Counter[str]
    chosen: Counter[str]


def collected(noted: Path, *arguments: str) -> Collected:
    """Let pytest collect in a process of its own."""
    command = [sys.executable, "-c", COLLECTING, str(noted), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(noted.read_text(encoding="utf-8")) if noted.exists() else [[], []]
    everything, chosen = (Counter(name.partition("[")[0] for name in names) for names in found)
    return Collected(done.returncode, done.stderr, everything, chosen)


@pytest.mark.slow
def test_the_tests_of_a_requirement_can_be_run(traces: list[TracedRequirement], tmp_path: Path) -> None:
    """F4: exactly those that cite it, each with its parameters; and every test is known, or it could not be chosen."""
    found = collected(tmp_path / "noted", "--requirement", "D4")
    assert found.code == 0, found.said
    assert {identifier(test) for test in collect_tests(ROOT, KNOWN)} == set(found.everything)
    (chosen,) = [one for one in traces if one.number == "D4"]
    cited = {identifier(test) for test in (*chosen.named, *chosen.others)}
    assert found.chosen == Counter({test: count for test, count in found.everything.items() if test in cited})


@pytest.mark.slow
@pytest.mark.parametrize("number", ["C9", "X1"])
def test_a_requirement_that_is_none_runs_nothing(number: str, tmp_path: Path) -> None:
    found = collected(tmp_path / "noted", "tests/jpki/evidence", "--requirement", number)
    assert (found.code, found.chosen) == (4, Counter())
    assert "docs/reference/requirements.md has them all" in found.said
