"""Counts in a run of pytest, also with several processes, which refusals of the harness are reached."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

import jpki
from cardlab.toolchain import places
from jpki.evidence.noting import Place, read_notes
from jpki.evidence.refusals import check, noted, read_unreached, refusals

HARNESS = Path(jpki.__file__).parents[1]


class RefusalsPlugin:
    """Registered for a complete run. ``listed`` is the list of what is knowingly not reached.

    ``strict``: what is not accounted for fails the run; where some programs are missing, tests are skipped, and it is
    told only.
    """

    def __init__(self, config: pytest.Config, listed: Path, *, strict: bool) -> None:
        self._worker = getattr(config, "workerinput", {}).get("workerid", "")
        self._listed = listed
        self._strict = strict
        self._folder = places.build_folder() / "refusals"
        self._reached: set[Place] = set()
        self._until_end = ExitStack()
        self._problems: tuple[str, ...] = ()

    @pytest.hookimpl
    def pytest_sessionstart(self) -> None:
        """Begin to count."""
        if not self._worker:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._until_end.enter_context(noted(HARNESS, self._reached, self._folder))

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write what this process reached; the first process reports on all when the others are done."""
        self._until_end.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        own = self._folder / f"{self._worker or 'main'}.json"
        own.write_text(json.dumps(sorted(self._reached)), encoding="utf-8")
        if self._worker:
            return
        reached = {tuple(one) for path in self._folder.glob("*.json") for one in json.loads(path.read_bytes())}
        reached |= read_notes(self._folder)
        self._problems = check(refusals(HARNESS), reached, read_unreached(self._listed))
        if self._problems and self._strict and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What is not accounted for."""
        if not self._problems or self._worker:
            return
        terminalreporter.section("refusals of the harness")
        for problem in self._problems:
            terminalreporter.write_line(problem, red=self._strict)
        terminalreporter.write_line(f"write a test, or bring {self._listed} up to date", red=self._strict)
