"""Deliberate faults are noticed (F4). The table of all is in docs/generated/mutants.md, made by scripts/mutants.py."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.campaign.mutants import Edit, Mutant, apply, build_mutant, read_mutants, require_fitting
from cardlab.errors import BuildError, IntegrityError
from jpki import sources
from tests.jpki.applet.machine_mutants import Ground
from tests.jpki.applet.mutants import ROOT, all_mutants

EXAMPLES = 500
SAMPLE = ("a PIN can be set without permission", "GET STATUS leaves an empty slot out")  # no keys, so they are quick
ENTRY = """
[[mutant]]
name = "{name}"
requirement = "B1"
{rest}
[[mutant.edits]]
file = "Pin.java"
find = "{find}"
replace = "b"
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A few faults in every run, all of them with ``--profile thorough``."""
    thorough = metafunc.config.getoption("--profile") == "thorough"
    if "hunted" in metafunc.fixturenames:
        chosen = [mutant for mutant in all_mutants() if mutant.quick or (mutant.machine and thorough)]
        metafunc.parametrize("hunted", chosen, ids=[mutant.name for mutant in chosen])
    if "tested" in metafunc.fixturenames:
        chosen = [one for one in all_mutants() if one.name in SAMPLE or (thorough and not one.undetectable)]
        metafunc.parametrize("tested", chosen, ids=[mutant.name for mutant in chosen])


@pytest.mark.slow
def test_the_state_machine_notices(hunted: Mutant, tmp_path: Path) -> None:
    found = Ground.prepare(hunted, tmp_path).hunt(examples=EXAMPLES)
    assert found.message, f"nothing noticed: {hunted.name} ({hunted.requirement})"


@pytest.mark.slow
def test_its_own_test_notices(tested: Mutant) -> None:
    """The option ``--mutant`` puts the fault onto the cards; without it the same test passes, as this suite shows."""
    result = with_mutant(tested.name, tested.test)
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout + result.stderr
    assert f"FAILED tests/jpki/applet/{tested.test}" in result.stdout


def test_a_mutant_that_is_none_is_a_usage_error() -> None:
    result = with_mutant("no such fault", "test_sign.py")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "'no such fault'" in result.stderr


def with_mutant(name: str, test: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--mutant", name]
    return subprocess.run(
        [*command, f"tests/jpki/applet/{test}"], cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8"
    )


# -- the files of faults ----------------------------------------------------------------------------------------------


def test_every_edit_still_fits_the_applet() -> None:
    """An edit that finds nothing would leave the applet right, and the hunt would fail for a wrong reason."""
    require_fitting(all_mutants(), sources.applet_sources())


@pytest.mark.parametrize("find", ["no such text", "private"], ids=["nowhere", "in many places"])
def test_an_edit_that_does_not_fit_is_an_error(tmp_path: Path, find: str) -> None:
    stale = Mutant("stale", "F4", (Edit("Pin.java", find, ""),), "test_pins.py::test_changing")
    with pytest.raises(BuildError, match=r"'stale'.*Pin\.java.*exactly one place"):
        require_fitting([stale], sources.applet_sources())
    with pytest.raises(BuildError, match="exactly one place"):
        build_mutant(stale, sources.applet_sources(), tmp_path)
    with pytest.raises(BuildError, match="exactly one place"):
        require_fitting([replace(stale, edits=(Edit("None.java", "a", "b"),))], sources.applet_sources())


def test_edits_are_made() -> None:
    mutant = Mutant("two", "F4", (Edit("A.java", "one", "1"), Edit("A.java", "two", "2")))
    assert apply(mutant, {"A.java": "one two", "B.java": "one"}) == {"A.java": "1 2", "B.java": "one"}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"rest": 'test = "t"'}, {"rest": 'test = "t"'}], "one name: fault"),
        ([{"rest": ""}], "names no test"),
        ([{"rest": 'test = "t"\nmachine = true\nundetectable = "why"'}], "cannot be undetectable"),
        ([{"rest": 'test = "t"\ntset = "t"'}], "unknown fields tset"),
        ([{"rest": 'test = "t"', "find": "b"}], "changes nothing"),
        ([{"rest": 'test = "t"', "find": ""}], "changes nothing"),
    ],
)
def test_entries_that_prove_nothing_are_refused(tmp_path: Path, entries: list[dict[str, str]], message: str) -> None:
    text = "".join(ENTRY.format(**{"name": "fault", "find": "a", **entry}) for entry in entries)
    (tmp_path / "some.toml").write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError, match=message):
        read_mutants(tmp_path)


def test_the_tests_that_are_named_exist() -> None:
    for mutant in all_mutants():
        file, _, name = mutant.test.partition("::")
        source = (ROOT / "tests" / "jpki" / "applet" / file).read_text(encoding="utf-8")
        assert f"\ndef {name}" in source, f"{mutant.name}: {mutant.test}"


def test_the_page_has_every_fault_once_and_as_it_is() -> None:
    """docs/generated/mutants.md is that of ``scripts/mutants.py --write``: nothing was added or renamed since."""
    page = (ROOT / "docs" / "generated" / "mutants.md").read_text(encoding="utf-8")
    section = page.partition("<!-- faults:")[2].partition("<!-- end of faults -->")[0]
    noticed, _, not_noticed = section.partition("| not noticed, and why")
    rows = re.findall(r"^\| (.+?) \| (.+?) \| `(test_\w+\.py\S*)` \|", noticed, re.MULTILINE)
    reasons = re.findall(r"^\| (.+?) \| (.+?) \| `(test_\w+\.py\S*)` \|$", not_noticed, re.MULTILINE)
    mutants = all_mutants()
    assert rows == [(one.name, one.requirement, one.test) for one in mutants if not one.undetectable]
    assert reasons == [
        (f"{one.name}: {one.undetectable}", one.requirement, one.test) for one in mutants if one.undetectable
    ]
    assert f"{len(mutants)} faults" in section
