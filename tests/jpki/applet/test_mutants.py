"""Mutants of the applet are noticed (F4). docs/generated/mutants.md says what noticed each."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.campaign.mutants import Edit, Mutant, build_mutant, require_fitting
from cardlab.errors import BuildError
from jpki import sources
from jpki.evidence.mutant_hunt import problem
from jpki.evidence.mutants import RECORD, TESTS, Mutants
from jpki.evidence.mutants_page import PAGE, markdown
from tests.jpki.applet.mutants.machine_hunt import Ground
from tests.jpki.applet.mutants.on_cards import ROOT

EXAMPLES = 500
ALL = Mutants(ROOT).all
SAMPLE = ("a PIN can be set without permission", "GET STATUS leaves an empty slot out")  # no keys, so they are quick


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A few mutants in every run, all of them with ``--profile thorough``."""
    thorough = metafunc.config.getoption("--profile") == "thorough"
    if "hunted" in metafunc.fixturenames:
        chosen = [mutant for mutant in ALL if mutant.quick or (mutant.machine and thorough)]
        metafunc.parametrize("hunted", chosen, ids=[mutant.name for mutant in chosen])
    if "tested" in metafunc.fixturenames:
        chosen = [one for one in ALL if one.name in SAMPLE or (thorough and not one.undetectable)]
        metafunc.parametrize("tested", chosen, ids=[mutant.name for mutant in chosen])


@pytest.mark.slow
def test_the_state_machine_notices(hunted: Mutant, tmp_path: Path) -> None:
    found = Ground.prepare(hunted, tmp_path).hunt(examples=EXAMPLES)
    assert found.message, f"nothing noticed: {hunted.name} ({hunted.requirement})"


@pytest.mark.slow
def test_its_own_test_notices(tested: Mutant) -> None:
    """The option ``--mutant`` puts it onto the cards; without it the same test passes, as this suite shows."""
    result = with_mutant(tested.name, tested.test)
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout + result.stderr
    assert f"FAILED tests/jpki/applet/{tested.test}" in result.stdout


def test_a_mutant_that_is_none_is_a_usage_error() -> None:
    result = with_mutant("no such mutant", "test_sign.py")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "'no such mutant'" in result.stderr


def with_mutant(name: str, test: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--mutant", name]
    return subprocess.run(
        [*command, f"tests/jpki/applet/{test}"], cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8"
    )


# -- the files of mutants --------------------------------------------------------------------------------------------


def test_every_edit_still_fits_the_applet() -> None:
    """An edit that finds nothing would leave the applet right, and the hunt would fail for a wrong reason."""
    require_fitting(ALL, sources.applet_sources())


@pytest.mark.parametrize("find", ["no such text", "private"], ids=["nowhere", "in many places"])
def test_an_edit_that_does_not_fit_is_an_error(tmp_path: Path, find: str) -> None:
    stale = Mutant("stale", "F4", (Edit("Pin.java", find, ""),), "test_pins.py::test_changing")
    with pytest.raises(BuildError, match=r"'stale'.*Pin\.java.*exactly one place"):
        require_fitting([stale], sources.applet_sources())
    with pytest.raises(BuildError, match="exactly one place"):
        build_mutant(stale, sources.applet_sources(), tmp_path)
    with pytest.raises(BuildError, match="exactly one place"):
        require_fitting([replace(stale, edits=(Edit("None.java", "a", "b"),))], sources.applet_sources())


def test_the_tests_that_are_named_exist() -> None:
    for mutant in ALL:
        file, _, name = mutant.test.partition("[")[0].partition("::")
        source = (ROOT / TESTS / file).read_text(encoding="utf-8")
        assert f"\ndef {name}" in source, f"{mutant.name}: {mutant.test}"


def test_the_page_says_what_is_on_record() -> None:
    """Written again since a mutant, the record, or anything that decides what is noticed has changed."""
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert page == markdown(Mutants(ROOT)), "write it anew: python3 scripts/mutants.py --write"


def test_the_record_is_of_these_mutants_and_agrees_with_their_entries() -> None:
    mutants = Mutants(ROOT)
    recorded = json.loads((ROOT / RECORD).read_text(encoding="utf-8"))
    assert set(recorded) <= {one.name for one in ALL}, "python3 scripts/mutants.py --write forgets the others"
    assert [one.name for one in ALL if problem(one, mutants.known(one))] == []
