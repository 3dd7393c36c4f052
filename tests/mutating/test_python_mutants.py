"""Mutants of the harness (docs/generated/python-mutation.md): what is on record still holds.

A run of the suite hunts a few of those on record that changes from run to run, and says how the same is done again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cardlab.campaign.mutate.explained import read_explanations
from cardlab.campaign.mutate.messages import Outcome
from cardlab.campaign.mutate.mutation import Identity
from cardlab.campaign.mutate.record import Fate, MutationRecord
from jpki.evidence.python_mutation_page import at_least
from tests.mutating.packages import EXPLAINED, ROOT, packages

SEED = int.from_bytes(os.urandom(2), "big")
SHARE = 4


def fates() -> dict[Identity, Fate]:
    """Of all packages."""
    return {one: fate for each in packages().values() for one, fate in MutationRecord.read(each.record).fates.items()}


@pytest.mark.slow
def test_a_share_is_noticed_by_the_tests_on_record() -> None:
    """Each was noticed by a test that tries the same examples each time: chance does not fail this one."""
    line = [sys.executable, "-m", "tests.mutating", "--share", str(SHARE), "--seed", str(SEED), "--workers", "1"]
    sys.stdout.write(f"once more: python3 build.py {' '.join(line[2:]).replace('tests.mutating', 'mutate')}\n")
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{SHARE} of {SHARE} are noticed again" in done.stderr


def test_every_survivor_is_explained() -> None:
    survivors = {one for one, fate in fates().items() if fate.outcome is Outcome.SURVIVED}
    assert survivors == {*read_explanations(EXPLAINED)}


def test_every_mutant_on_record_is_of_its_package() -> None:
    for package in packages().values():
        files = {str(file.relative_to(ROOT)) for file in package.files()}
        assert {one.file for one in MutationRecord.read(package.record).fates} <= files


@pytest.mark.parametrize(
    "folder", sorted({one for each in packages().values() for one in (*each.sources, *each.tests)})
)
def test_what_packages_name_exists(folder: str) -> None:
    assert (ROOT / folder).exists()


def test_a_bound_is_below_the_rate_and_near_it_for_large_samples() -> None:
    """By hand: (1 + z²/2n - z·sqrt(z²/4n²)) / (1 + z²/n) is n / (n + z²) where all are noticed."""
    assert at_least(50, 50) == pytest.approx(100 * 50 / (50 + 1.96**2))
    assert at_least(0, 50) == pytest.approx(0.0, abs=1e-9)
    assert 94 < at_least(9_500, 10_000) < 95
    assert at_least(0, 0) == 0


def test_the_record_is_a_file_for_each_package() -> None:
    names = {Path(one.record).name for one in packages().values()}
    assert {one.name for one in (ROOT / "tests" / "mutating" / "records").glob("*.json")} <= names
