"""Follows a page as its reader would: writes files, runs commands, executes code, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jpki.package import jpki_executable, write_cap
from tests.docs.pages import ROOT, Code, Command, File, Script, Step, agrees

# What a reader who stands in the checkout has beside them.
_OF_THE_CHECKOUT = ("applet", "build", "build.py", "docs", "harness", "pyproject.toml", "scripts", "tests")


@dataclass(slots=True)
class Reader:
    """Somebody in ``folder``; ``cache`` keeps what was compiled, for all pages."""

    folder: Path
    cache: Path
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "page"})
    done: int = 0

    def stand_in_the_checkout(self) -> None:
        """Have the checkout's files here, with the applet built."""
        write_cap(jpki_executable())
        for name in _OF_THE_CHECKOUT:
            (self.folder / name).symlink_to(ROOT / name)

    def follow(self, steps: Iterable[Step]) -> None:
        """Do everything in its order; AssertionError says what was not as the page says."""
        for step in steps:
            if isinstance(step, File):
                self._write(step)
            elif isinstance(step, Command):
                printed = self._shell(step.line).stdout
                assert agrees(step.output, printed), f"$ {step.line}\n{printed}\nThe page shows:\n{step.output}"
            elif isinstance(step, Script):
                ended = self._shell(step.text)
                assert ended.returncode == 0, f"{step.text}\n{ended.stdout}\nexit code {ended.returncode}"
            elif isinstance(step, Code):
                self._execute(step)
            else:
                continue
            self.done += 1

    def _write(self, file: File) -> None:
        path = self.folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")

    def _shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """Both streams as one text; Hypothesis, caching, coverage and colours of this very run do not reach it."""
        foreign = ("PYTEST_", "COV_", "CI", "BUILD_NUMBER")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        ours = {
            "COLUMNS": "80",
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "PYTEST_ADDOPTS": "-p no:cacheprovider --color=no",
            "XDG_CACHE_HOME": str(self.cache),
        }
        return subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", line],
            cwd=self.folder,
            env={**kept, **ours},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,  # seconds; a busy machine takes its time
            check=False,
        )

    def _execute(self, code: Code) -> None:
        """In this process: its virtual machine is there already."""
        here = Path.cwd()
        os.chdir(self.folder)
        try:
            # The blank lines make a traceback name the line of the page.
            exec(compile("\n" * code.line + code.text, "page", "exec"), self.names)  # noqa: S102 - our own pages
        finally:
            os.chdir(here)
