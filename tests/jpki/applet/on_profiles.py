"""Runs tests of the applet on a card of each profile, all in one process, whose virtual machine is warm.

``python -m tests.jpki.applet.on_profiles RESULT PROFILE,PROFILE TEST TEST``: RESULT becomes JSON, for each profile how
many tests passed, counting their parameters, and the sorted names of those that did not with one of theirs. A profile
may have values of its own set, as ``--card-set`` takes them: ``PROFILE+NAME=VALUE``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OPTIONS = ("-q", "--tb=short", "--profile=quick", "-pno:cacheprovider", "-pno:faulthandler", "-pno:xdist")


@dataclass(slots=True)
class Outcome:
    """A plugin that counts the tests that passed and names the others: failed, skipped, or without their card."""

    passed: int = 0
    others: set[str] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for every step of every test."""
        if not report.passed:
            self.others.add(Path(report.nodeid.partition("[")[0]).name)
        elif report.when == "call":
            self.passed += 1


def run(profile: str, tests: Sequence[str]) -> Outcome:
    """These tests of this folder on cards of this profile; raises SystemExit when they could not be run."""
    outcome = Outcome()
    places = [str(HERE / test) for test in tests]
    name, *settings = profile.split("+")
    chosen = [f"--card-profile={name}", *(f"--card-set={one}" for one in settings)]
    code = pytest.main([*OPTIONS, *chosen, *places], plugins=[outcome])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SystemExit(f"--card-profile {profile}: pytest ended with {code}")
    return outcome


def main(result: str, profiles: str, *tests: str) -> None:
    """See above."""
    outcomes = {profile: run(profile, tests) for profile in profiles.split(",")}
    found = {name: {"passed": one.passed, "others": sorted(one.others)} for name, one in outcomes.items()}
    Path(result).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
