"""Puts a mutant on the cards of a test run, and runs single tests so."""

from __future__ import annotations

import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from cardlab.campaign.mutants import Mutant, build_mutant
from cardlab.errors import HarnessError
from jpki import package, sources
from jpki.evidence.mutants import TESTS, Mutants, runtime_for

ROOT = Path(__file__).resolve().parents[4]


def put_into_applet(name: str, config: pytest.Config) -> None:
    """Have this process's cards carry the mutant of this name instead of the applet."""
    folder = tempfile.TemporaryDirectory(prefix="mutant-")
    config.add_cleanup(folder.cleanup)
    try:
        classes = build_mutant(Mutants(ROOT).named(name), sources.applet_sources(), Path(folder.name))
    except HarnessError as error:
        raise pytest.UsageError(f"{error}\n{error.hint}") from error
    compile_applet = package.__dict__["compile_applet"]  # the one place where sources become cards
    config.add_cleanup(lambda: package.__dict__.update(compile_applet=compile_applet))
    package.__dict__["compile_applet"] = lambda: classes


class _Failures:
    """A plugin that keeps the tests that failed, or whose card could not even be prepared."""

    def __init__(self) -> None:
        self.tests: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for every step of every test."""
        if report.failed:
            self.tests.append(report.nodeid.removeprefix(f"{TESTS.as_posix()}/").partition("[")[0])


def noticed_by(mutant: Mutant, *tests: str) -> str:
    """The first of these tests (node identifiers below the applet's tests) that fails on the mutant, or nothing.

    They run in this process, whose virtual machine is warm. Raises HarnessError when they could not be run.
    """
    failures, output = _Failures(), StringIO()
    # The virtual machine has its own use for the signals that pytest would have Python handle.
    options = ("-q", "-x", "--tb=short", "-p", "no:faulthandler", "-p", "no:cacheprovider", "--rootdir", str(ROOT))
    runtime = ("--card-runtime", runtime_for(mutant))
    places_of_tests = [str(ROOT / TESTS / test) for test in tests]
    with redirect_stdout(output):
        code = pytest.main([*options, *runtime, "--mutant", mutant.name, *places_of_tests], plugins=[failures])
    if code == pytest.ExitCode.OK:
        return ""
    if code == pytest.ExitCode.TESTS_FAILED and failures.tests:
        return failures.tests[0]
    raise HarnessError(f"the tests could not be run with {mutant.name!r}:\n{output.getvalue()[-2000:]}")
