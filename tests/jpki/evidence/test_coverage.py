"""Coverage of the applet: reports are read right, and the list of what is not reached is kept honest."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.campaign.applet_coverage import Line, Unreached, annotated, check, read_exceptions, table
from cardlab.errors import IntegrityError
from jpki.evidence.pytest_coverage import harness_rows

ROOT = Path(__file__).resolve().parents[3]
SOURCE = """class A {
    void f() {
        if (x) {
            ISOException.throwIt(SW);
        }
        y();
    }
}
"""
BRANCH = Line("A.java", 3, "if (x) {", 3, 0, 1, 1)
DEAD = Line("A.java", 6, "y();", 0, 4, 0, 0)
FULL = replace(BRANCH, branches_covered=2, branches_missed=0)


def listed(line: Line) -> Unreached:
    return Unreached(line.file, line.code, line.branches_missed, "because")


def test_what_is_listed_is_accounted_for() -> None:
    assert check([BRANCH, DEAD], [listed(BRANCH), listed(DEAD)]) == ()


def test_what_is_not_listed_is_a_problem() -> None:
    assert check([BRANCH, DEAD], [listed(DEAD)]) == (
        "not reached and not listed: A.java:3: 1 branches missed: if (x) {",
    )


def test_a_second_line_of_the_same_text_needs_an_entry_of_its_own() -> None:
    (problem,) = check([DEAD, replace(DEAD, number=9)], [listed(DEAD)])
    assert "never executed: y();" in problem


def test_what_is_listed_but_reached_is_a_problem() -> None:
    (problem,) = check([FULL], [listed(BRANCH)])
    assert problem == "listed but reached, or no longer there: A.java: 1 branches missed: if (x) {"


def test_another_number_of_missed_branches_is_a_problem() -> None:
    both = replace(BRANCH, branches_covered=0, branches_missed=2)
    assert len(check([both], [listed(BRANCH)])) == 2


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('[[unreached]]\nfile = "A.java"\nreason = "r"\n', id="no code"),
        pytest.param('[[unreached]]\nfile = "A.java"\ncode = "y();"\nreason = " "\n', id="empty reason"),
        pytest.param("[[unreached\n", id="no TOML"),
    ],
)
def test_an_incomplete_list_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError):
        read_exceptions(path)


def test_the_table_sums_up() -> None:
    assert table([FULL, DEAD]) == (("A.java", 1, 2, 2, 2), ("applet", 1, 2, 2, 2))


def test_the_harness_is_summed_up_by_folder(tmp_path: Path) -> None:
    xml = tmp_path / "harness.xml"
    xml.write_text(
        '<coverage><packages><package><classes><class filename="harness/jpki/model/b/a.py"><lines>'
        '<line number="1" hits="1"/>'
        '<line number="2" hits="1" branch="true" condition-coverage="50% (1/2)"/></lines></class>'
        '<class filename="harness/cardlab/tlv.py"><lines><line number="1" hits="0"/></lines></class>'
        "</classes></package></packages></coverage>",
        encoding="utf-8",
    )
    assert list(harness_rows(xml)) == [
        ("cardlab", 0, 1, 0, 0),
        ("jpki/model", 2, 2, 1, 2),
        ("harness", 2, 3, 1, 2),
    ]
    assert list(harness_rows(tmp_path / "none.xml")) == []


MEASURING = """
import sys
import coverage
measured = coverage.Coverage(config_file="pyproject.toml", data_file=None, source=["cardlab.iso7816", "jpki.client"])
measured.start()
import cardlab.iso7816.tlv, jpki.client.constants
measured.stop()
measured.xml_report(outfile=sys.argv[1])
"""


def test_a_report_of_both_packages_is_told_apart(tmp_path: Path) -> None:
    """As coverage.py names files, and nothing is counted twice."""
    xml = tmp_path / "harness.xml"
    subprocess.run([sys.executable, "-c", MEASURING, str(xml)], cwd=ROOT, check=True, capture_output=True)
    first, second, total = harness_rows(xml)
    assert (first[0], second[0], total[0]) == ("cardlab/iso7816", "jpki/client", "harness")
    assert total[1:] == tuple(one + other for one, other in zip(first[1:], second[1:], strict=True))
    assert min(first[1], second[1]) > 0
    assert total[1] < total[2]


SCRIPT = """
import sys
from pathlib import Path
from cardlab.campaign import applet_coverage
from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.errors import CardError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.installation import Installation
from cardlab.runtime.vm.adapter import keep_coverage
from jpki import sources
from jpki.client.constants import MODULE_AID, PACKAGE_AID
from jpki.package import jpki_executable

counts = Path(sys.argv[1]) / "one.json"
keep_coverage(wanted=True)
applet = jpki_executable()
with SimulatedCard(CardConfig(), seed=1) as card:
    client = GlobalPlatformClient(card)
    client.select()
    client.authenticate(DEFAULT_KEYS)
    client.load(PACKAGE_AID, applet.data_block)
    client.install(Installation(PACKAGE_AID, MODULE_AID, MODULE_AID))
with SimulatedCard(CardConfig.of_profile("java-card-3.1"), seed=1) as card:  # the same load file, refused by install()
    client = GlobalPlatformClient(card)
    client.select()
    client.authenticate(DEFAULT_KEYS)
    client.load(PACKAGE_AID, applet.data_block)
    try:
        client.install(Installation(PACKAGE_AID, MODULE_AID, MODULE_AID, parameters=b"\\xff"))
    except CardError:
        print("refused")
applet_coverage.write_counts(counts)
lines = applet_coverage.report([counts], applet, sources.applet_sources())
for line in lines:
    print(line.file, line.covered > 0, line.branches_covered, line.branches_missed, line.code)
"""


@pytest.mark.slow
def test_what_a_card_executes_is_counted(tmp_path: Path) -> None:
    """Installation alone reaches install() and the constructor, and no command; one way of each check that it makes."""
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    said = result.stdout.splitlines()
    assert "refused" in said
    # What the first card did counts beside the second's.
    assert any(line.startswith("JpkiApplet.java True 0 0 made.register(") for line in said)
    assert "JpkiApplet.java True 0 0 short aid = offset;" in said
    assert "JpkiApplet.java False 0 0 byte[] buffer = apdu.getBuffer();" in said
    assert not any("private Transfer() {" in line for line in said)
    assert any(" True 1 1 " in line for line in said)
    assert any(" False 0 2 if " in line for line in said)


def test_annotated_sources_say_what_was_reached(tmp_path: Path) -> None:
    (tmp_path / "A.java").write_text(SOURCE, encoding="utf-8")
    ((name, text),) = annotated([BRANCH, DEAD], tmp_path)
    assert name == "A.java"
    marks = [line[:6].strip() for line in text.splitlines()]
    assert marks == ["", "", "!1", "", "", "!!", "", ""]
