"""Which test executes which line of a package, and what it costs: measured once, kept until sources or tests change."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cardlab.files import replace_file
from tests.mutating.nest import ARGUMENTS, Nest, NestError, forget_project
from tests.mutating.packages import ROOT, Package, digest

LIMIT = 3600.0
"""Seconds of the processor for one process."""
_CONTEXT = "MUTATING_TEST"
"""Tells programs that a test starts, in the environment, which test that is."""


def _worked() -> float:
    """The processor's seconds of this process, and of those that it started and that have ended."""
    return sum(os.times()[:4])


class _Measure:
    """A plugin of pytest: lines by test, its setup apart; seconds of the processor; whether it passed.

    Of every Python that a test starts, too: it begins to measure by itself when the environment says so, and leaves
    what it saw in ``folder``.
    """

    def __init__(self, folder: Path, sources: list[str]) -> None:
        import coverage

        self.tests: dict[str, dict[str, Any]] = {}
        self._cov = coverage.Coverage(data_file=None, include=sources, config_file=False)
        self._cov.start()
        self._began = 0.0
        self._others = folder / "covered"
        self._others.mkdir()
        settings = folder / "others.ini"
        lines = ("[run]", "parallel = true", f"data_file = {self._others / 'one'}", f"context = ${{{_CONTEXT}}}")
        settings.write_text("\n".join([*lines, "include =", *(f"    {one}" for one in sources)]), encoding="utf-8")
        os.environ["COVERAGE_PROCESS_START"] = str(settings)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.tests[nodeid] = {"passed": True, "seconds": 0.0}

    def pytest_runtest_setup(self, item: Any) -> None:
        self._at(item.nodeid, "|setup")

    def pytest_runtest_call(self, item: Any) -> None:
        self._at(item.nodeid, "|call")

    def pytest_runtest_teardown(self, item: Any) -> None:
        self._at(item.nodeid, "|call")

    def pytest_runtest_logreport(self, report: Any) -> None:
        test = self.tests[report.nodeid]
        test["passed"] &= not report.failed
        test["skipped"] = test.get("skipped", False) or report.skipped
        if report.when == "call":
            test["seconds"] = _worked() - self._began

    def _at(self, nodeid: str, when: str) -> None:
        self._began = _worked()
        self._cov.switch_context(nodeid + when)
        os.environ[_CONTEXT] = nodeid + when

    def result(self, files: list[str]) -> dict[str, Any]:
        """By file of tests; what imports execute counts for each."""
        self._cov.stop()
        found: dict[str, Any] = {file: {"tests": {}, "lines": defaultdict(lambda: defaultdict(list))} for file in files}
        for test, one in self.tests.items():
            found[test.split("::")[0]]["tests"][test] = one
        for source, line, context in self._executed():
            name = str(Path(source).relative_to(ROOT))
            for file in [context.split("::")[0]] if context else files:
                found[file]["lines"][name][context].append(line)
        return found

    def _executed(self) -> Iterator[tuple[str, int, str]]:
        """File, line and who: here, and in the processes that tests started."""
        from coverage import CoverageData

        others = [CoverageData(str(file)) for file in self._others.iterdir()]
        for one in others:
            one.read()
        for one in (self._cov.get_data(), *others):
            for source in one.measured_files():
                for line, contexts in one.contexts_by_lineno(source).items():
                    yield from ((source, line, context) for context in contexts)


def _measured(folder: Path, files: list[str], sources: list[str]) -> dict[str, Any]:
    import pytest

    forget_project()
    pytest_own = [one for one in ARGUMENTS if one != "-x"]
    measure = _Measure(folder, sources)
    pytest.main([*pytest_own, f"--basetemp={folder / 'temporary'}", *files], plugins=[measure])
    return measure.result(files)


def _failing(measured: dict[str, Any]) -> list[str]:
    """What fails may lack something here, so it is measured each time."""
    return [test for test, one in measured["tests"].items() if not one["passed"]]


@dataclass(slots=True)
class Covering:
    """By file of tests: tests with their seconds, and lines of sources with who executes them."""

    package: Package
    measured: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Where it is kept: in the build folder."""
        return ROOT / "build" / "mutating" / f"{self.package.name}.json"

    def measure(self, nest: Nest) -> Iterator[str]:
        """Whatever is not known yet, in as many processes as there are places; tells what is done."""
        sources = digest(self.package.files())
        known = json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}
        keys = {str(file.relative_to(ROOT)): f"{sources} {digest([file])}" for file in self.package.test_files()}
        self.measured = {file: one for file, one in known.items() if keys.get(file) == one["key"] and not _failing(one)}
        patterns = [str(file) for file in self.package.files()]
        missing = [file for file in keys if file not in self.measured]
        groups = [missing[start :: nest.places] for start in range(nest.places) if missing[start:]]
        jobs = ((group, lambda folder, group=group: _measured(folder, group, patterns), LIMIT) for group in groups)
        for ended in nest.all(jobs):
            if ended.result is None:
                raise NestError(f"the tests do not end: {ended.said}", hint="leave them out in packages.toml")
            self.measured |= {file: {"key": keys[file], **one} for file, one in ended.result.items()}
            self.file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self.file, json.dumps(self.measured).encode())
            yield f"{len(ended.kept)} files of tests: {ended.cpu:.0f} s"

    def seconds(self, tests: list[str]) -> float:
        """Of the processor, without a mutant."""
        return float(sum(self._test(test)["seconds"] for test in tests))

    def tests(self, path: str, lines: tuple[int, int]) -> list[str]:
        """Who executes these lines, cheapest first; then whose preparations do; import executes others."""
        direct: set[str] = set()
        prepared: set[str] = set()
        for file, one in self.measured.items():
            for context, executed in one["lines"].get(path, {}).items():
                if any(lines[0] <= line <= lines[1] for line in executed):
                    test, _, when = context.rpartition("|")
                    (direct if when == "call" else prepared).add(test or file)
        beside = {file.split("::")[0] for file in prepared}
        others = {test for file in beside for test in self.measured[file]["tests"]} - direct
        return [*self._in_order(direct), *self._in_order(others)]

    def is_imported(self, path: str, lines: tuple[int, int]) -> bool:
        """Whether importing the tests executes one of these lines."""
        imported = (line for one in self.measured.values() for line in one["lines"].get(path, {}).get("", []))
        return any(lines[0] <= line <= lines[1] for line in imported)

    def everybody(self, path: str) -> list[str]:
        """Who executes anything of a file."""
        return self.tests(path, (1, 1 << 30))

    @property
    def all_tests(self) -> list[str]:
        """Whoever hunts in this package."""
        return self._in_order({test for one in self.measured.values() for test in one["tests"]})

    @property
    def failing(self) -> list[str]:
        """Who would hunt here, but fails without a mutant; a test that is skipped is not meant for this."""
        return sorted(test for one in self.measured.values() for test in _failing(one))

    def _in_order(self, tests: set[str]) -> list[str]:
        """As packages.toml names files, for what one prepares costs more than its tests; in each the cheapest first."""
        found = [one for one in tests if "::" in one and self._counts(one)]
        return sorted(found, key=lambda one: (self._place(one), round(self._test(one)["seconds"], 2), one))

    def _place(self, test: str) -> int:
        file = Path(test.split("::")[0])
        return next(n for n, one in enumerate(self.package.tests) if file.is_relative_to(one))

    def _counts(self, test: str) -> bool:
        one = self._test(test)
        return bool(one["passed"]) and not one.get("skipped", False)

    def _test(self, test: str) -> dict[str, Any]:
        found: dict[str, Any] = self.measured[test.split("::")[0]]["tests"][test]
        return found
