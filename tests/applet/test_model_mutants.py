"""The state machine finds faults: applets with one fault each are noticed (F4). The table is scripts/mutants.py's."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import BuildError
from harness.evidence.mutants import Edit, Mutant, build_mutant
from harness.toolchain import places
from tests.applet.machine_mutants import all_mutants, hunt

EXAMPLES = 500


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A few faults in every run, all of them with ``--profile thorough``."""
    if "mutant" in metafunc.fixturenames:
        thorough = metafunc.config.getoption("--profile") == "thorough"
        chosen = [mutant for mutant in all_mutants() if mutant.quick or thorough]
        metafunc.parametrize("mutant", chosen, ids=[mutant.name for mutant in chosen])


@pytest.mark.slow
def test_a_faulty_applet_is_noticed(mutant: Mutant, tmp_path: Path) -> None:
    assert hunt(mutant, tmp_path, examples=EXAMPLES).by, f"nothing noticed: {mutant.name} ({mutant.requirement})"


def test_every_edit_still_fits_the_applet(tmp_path: Path) -> None:
    """An edit that finds nothing would leave the applet right, and the hunt would fail for a wrong reason."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in places.applet_sources().rglob("*.java")}
    for mutant in all_mutants():
        for edit in mutant.edits:
            assert sources[edit.file].count(edit.find) == 1, f"{mutant.name}: {edit.find!r} in {edit.file}"


def test_an_edit_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    stale = Mutant("stale", "F4", (Edit("Pin.java", "no such text", ""),))
    with pytest.raises(BuildError, match=r"'stale'.*Pin\.java.*exactly one place"):
        build_mutant(stale, places.applet_sources(), tmp_path)
