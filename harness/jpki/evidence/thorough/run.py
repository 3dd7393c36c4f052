"""Runs one block of the thorough tests to its end, in a pytest of its own."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from cardlab.errors import HarnessError
from jpki.evidence.thorough.inputs import Inputs
from jpki.evidence.thorough.parts import Block
from jpki.evidence.thorough.record import Result

_ENDED = (0, 1)  # pytest's exit codes for a run to its end: all passed, some failed


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs blocks in the checkout at ``root``."""

    root: Path

    def run(self, block: Block, inputs: Inputs, seed: int) -> Result:
        """Seconds to hours. HarnessError when it did not come to its end, or tests something else at its end."""
        digest, commit, began = inputs.digest(block.files), self._commit(inputs, block), time.monotonic()
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%MZ")
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.xml")
            code = subprocess.call(self.command(block, seed, report), cwd=self.root, env=_environment())
            if code not in _ENDED:
                hint = "its result is not on record; see what pytest printed"
                raise HarnessError(f"{block.name} did not come to its end (pytest's exit code {code})", hint=hint)
            tests = list(ElementTree.parse(report).getroot().iter("testcase"))  # noqa: S314 - our own report
        seconds = round(time.monotonic() - began)
        if Inputs(self.root, inputs.dynamic).digest(block.files) != digest:
            hint = "run thorough tests in a clone that nobody works in"
            raise HarnessError(f"what {block.name} tests was changed while it ran", hint=hint)
        failed = tuple(_name(one, self.root) for one in tests if {"failure", "error"} & {child.tag for child in one})
        skipped = sum(any(child.tag == "skipped" for child in one) for one in tests)
        passed = len(tests) - len(failed) - skipped
        return Result(commit, now, seconds, seed, passed, skipped, failed, digest)

    def command(self, block: Block, seed: int, report: Path) -> list[str]:
        """What runs it, with Hypothesis's seed."""
        options = ["--profile", "thorough", f"--hypothesis-seed={seed}", f"--junitxml={report}", "-q"]
        return [sys.executable, "-P", "-m", "pytest", *options, *block.tests]

    def _commit(self, inputs: Inputs, block: Block) -> str:
        """The checkout's, with ``+`` where what the block needs is changed; empty where there is no git."""
        try:
            head = self._git("rev-parse", "--short=8", "HEAD").strip()
            changed = {self.root / line[3:] for line in self._git("status", "--porcelain", "-uall").splitlines()}
        except (OSError, subprocess.CalledProcessError):
            return ""
        return f"{head}+" if changed & inputs.files(block.files) else head

    def _git(self, *arguments: str) -> str:
        command = ["git", *arguments]
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True).stdout


def _environment() -> dict[str, str]:
    """As it is, but that examples are new ones each time even in CI."""
    return {name: value for name, value in os.environ.items() if name != "CI"}


def _name(test: ElementTree.Element, root: Path) -> str:
    """``tests/jpki/test_this.py::test_that`` of a test in pytest's report, its class between them if it has one."""
    parts = test.attrib["classname"].split(".")
    lengths = (n for n in range(len(parts), 0, -1) if root.joinpath(*parts[:n]).with_suffix(".py").is_file())
    length = next(lengths, len(parts))
    return "::".join((f"{'/'.join(parts[:length])}.py", *parts[length:], test.attrib["name"]))
