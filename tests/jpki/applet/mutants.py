"""The deliberate faults of the applet in ``faults/``, and single tests run against one of them."""

from __future__ import annotations

import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from cardlab.campaign.mutants import Mutant, build_mutant, read_mutants
from cardlab.errors import HarnessError, UsageError
from jpki import package, sources

FAULTS = Path(__file__).with_name("faults")
ROOT = Path(__file__).resolve().parents[3]


def all_mutants() -> tuple[Mutant, ...]:
    """Every fault."""
    return read_mutants(FAULTS)


def mutant_named(name: str) -> Mutant:
    """The fault with this name; raises UsageError when there is none."""
    for mutant in all_mutants():
        if mutant.name == name:
            return mutant
    raise UsageError(f"there is no mutant {name!r}", hint=f"their names are in {FAULTS.relative_to(ROOT)}")


def put_into_applet(name: str, config: pytest.Config) -> None:
    """Have this process's cards carry the applet with the fault instead of the applet."""
    folder = tempfile.TemporaryDirectory(prefix="mutant-")
    config.add_cleanup(folder.cleanup)
    try:
        classes = build_mutant(mutant_named(name), sources.applet_sources(), Path(folder.name))
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
            self.tests.append(report.nodeid.removeprefix("tests/jpki/applet/").partition("[")[0])


def noticed_by(mutant: Mutant, *tests: str) -> str:
    """The first of these tests (node identifiers below this folder) that fails on a card with the fault, or nothing.

    They run in this process, whose virtual machine is warm. Raises HarnessError when they could not be run.
    """
    failures, output = _Failures(), StringIO()
    # The virtual machine has its own use for the signals that pytest would have Python handle.
    options = ("-q", "-x", "--tb=short", "-p", "no:faulthandler", "-p", "no:cacheprovider", "--rootdir", str(ROOT))
    places_of_tests = [str(ROOT / "tests" / "jpki" / "applet" / test) for test in tests]
    with redirect_stdout(output):
        code = pytest.main([*options, "--mutant", mutant.name, *places_of_tests], plugins=[failures])
    if code == pytest.ExitCode.OK:
        return ""
    if code == pytest.ExitCode.TESTS_FAILED and failures.tests:
        return failures.tests[0]
    raise HarnessError(f"the tests could not be run with {mutant.name!r}:\n{output.getvalue()[-2000:]}")
