"""Coverage of applet and harness in a run of pytest, also with several processes (pytest-xdist).

The applet's is measured here; the harness's is pytest-cov's (its options are those that `build.py` gives), and is
summed up from its XML report.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cardlab.campaign import applet_coverage
from cardlab.runtime import jvm
from cardlab.runtime.vm.adapter import keep_coverage
from cardlab.toolchain import places
from jpki import sources
from jpki.evidence import floors
from jpki.package import jpki_executable

HARNESS_XML = "harness.xml"
_DIFFERENT = ("hypothesis", "by_chance")  # marks of what is another test in every run


class CoveragePlugin:
    """Registered when ``--coverage`` is given. ``exceptions`` is the list of what is knowingly not reached.

    The applet's coverage is that of the tests in ``folder`` that do the same in every run: what Hypothesis or a share
    of a campaign finds on one day it does not find on another. ``strict``: what is not reached and not listed
    fails the run.
    """

    def __init__(self, config: pytest.Config, exceptions: Path, folder: Path, *, strict: bool) -> None:
        self._worker = getattr(config, "workerinput", {}).get("workerid", "")
        self._exceptions = exceptions
        self._tests = folder
        self._counting = False
        self._strict = strict
        self._folder = places.build_folder() / "coverage"
        self._lines: tuple[applet_coverage.Line, ...] = ()
        self._problems: tuple[str, ...] = ()

    @pytest.hookimpl
    def pytest_sessionstart(self) -> None:
        """Empty the folder of results."""
        if not self._worker:
            shutil.rmtree(self._folder, ignore_errors=True)
            # What runs, and a copy of its sources: somebody may edit the applet meanwhile.
            jpki_executable()
            shutil.copytree(sources.applet_sources(), self._folder / "sources")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Have the cards of a test that counts keep what they execute."""
        counts = item.path.is_relative_to(self._tests) and not any(map(item.get_closest_marker, _DIFFERENT))
        if counts is not self._counting:
            keep_coverage(wanted=counts)
            self._counting = counts
        return (yield)

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write this process's counts; the first process reports on all when the others are done."""
        if jvm.is_running():
            applet_coverage.write_counts(self._folder / "counts" / f"{self._worker or 'main'}.json")
        if self._worker:
            return
        sources, counts = self._folder / "sources", sorted((self._folder / "counts").glob("*.json"))
        if not counts:
            return
        self._lines = applet_coverage.report(counts, jpki_executable(), sources)
        for name, text in applet_coverage.annotated(self._lines, sources):
            (self._folder / f"{name}.txt").write_text(text, encoding="utf-8")
        if self._strict:
            exceptions = applet_coverage.read_exceptions(self._exceptions)
            self._problems = (*applet_coverage.check(self._lines, exceptions), *self._harness())
        if self._problems and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _harness(self) -> tuple[str, ...]:
        """What is wrong with the harness's coverage, where it was measured; outside CI it is put on record."""
        counts = [(row[0], row[1], row[2]) for row in harness_rows(self._folder / HARNESS_XML)][:-1]
        if not counts:
            return ()
        root = self._exceptions.parent.parent
        found = floors.measured_now(root, counts)
        if not os.environ.get("CI"):
            floors.write_record(root, found)
        return floors.below(floors.read_floors(root), found)

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The table, and what is not accounted for."""
        if not self._lines:
            return
        terminalreporter.section("coverage")
        rows = [*applet_coverage.table(self._lines), *harness_rows(self._folder / HARNESS_XML)]
        terminalreporter.write_line(f"{'':<28}{'lines':>14}{'':>8}{'branches':>14}")
        for name, lines, of_lines, branches, of_branches in rows:
            terminalreporter.write_line(
                f"{name:<28}{f'{lines}/{of_lines}':>14}{_percent(lines, of_lines):>8}"
                f"{f'{branches}/{of_branches}':>14}{_percent(branches, of_branches):>8}"
            )
        terminalreporter.write_line(f"annotated sources, pages and XML: {self._folder}")
        for problem in self._problems:
            terminalreporter.write_line(problem, red=True)
        if self._problems:
            lists = f"{self._exceptions}, or {floors.FLOORS.name} beside it"
            terminalreporter.write_line(f"write a test, or bring {lists}, up to date", red=True)


def harness_rows(xml: Path) -> Iterable[tuple[str, int, int, int, int]]:
    """The same table for each folder of each package, from coverage.py's XML report; nothing when there is none."""
    if not xml.is_file():
        return
    sums: dict[str, list[int]] = {}
    total = [0, 0, 0, 0]
    for file in ElementTree.parse(xml).getroot().iter("class"):  # noqa: S314 - our own report
        row = sums.setdefault(_folder(file.attrib["filename"]), [0, 0, 0, 0])
        for place, value in enumerate(_counts(file)):
            row[place] += value
            total[place] += value
    for name, row in [*sorted(sums.items()), ("harness", total)]:
        yield name, row[0], row[1], row[2], row[3]


def _folder(file: str) -> str:
    """``cardlab/card`` for ``harness/cardlab/card/manager/load.py``; ``cardlab`` for what the package itself holds."""
    below = [part for part in Path(file).parent.parts if part != "harness"]
    return "/".join(below[:2])


def _counts(file: ElementTree.Element) -> tuple[int, int, int, int]:
    lines = list(file.iter("line"))
    taken = branches = 0
    for line in lines:
        if line.attrib.get("branch") == "true":
            one, of = line.attrib["condition-coverage"].partition("(")[2].rstrip(")").split("/")
            taken, branches = taken + int(one), branches + int(of)
    return sum(line.attrib["hits"] != "0" for line in lines), len(lines), taken, branches


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
