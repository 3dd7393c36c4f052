"""Runs of pytest by a process that has imported it and the project before: importing costs more than most runs do."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_READ_AT_START = ("PYTHON", "LC_", "LANG")
"""What a Python looks at before it runs anything: with another value it has to be started."""


def pytest_in(
    folder: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    timeout: float,
    python: str = sys.executable,
    anew: bool = False,
) -> tuple[int, str]:
    """How ``python -m pytest`` without input ends in a folder, with this environment, and what it prints.

    ``anew``: by a Python that has imported nothing before, as every Python but this run's has. Raises
    subprocess.TimeoutExpired after ``timeout`` seconds.
    """
    if anew or python != sys.executable or _as_at_start(environment) != _as_at_start(os.environ):
        done = subprocess.run(
            [python, "-m", "pytest", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return done.returncode, done.stdout
    with tempfile.TemporaryDirectory() as own:
        output = Path(own, "output")
        wanted = {"folder": str(folder), "arguments": list(arguments), "environment": dict(environment)}
        code = _server(os.getpid(), json.dumps(_as_at_start(environment))).run(
            {**wanted, "output": str(output)}, timeout
        )
        return code, output.read_text(encoding="utf-8")


def _as_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}


class _Server:
    """The process, which forks another for each run; it ends with its input."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("server.py"))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        atexit.register(self._end)

    def run(self, wanted: Mapping[str, object], timeout: float) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wanted) + "\n")
        child = self._number()
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            os.kill(child, signal.SIGKILL)
            self._number()
            raise subprocess.TimeoutExpired(["pytest", *map(str, wanted["arguments"])], timeout)  # type: ignore[call-overload]
        return self._number()

    def _number(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the process that runs pytest ended with {self._process.wait()}"
        return int(line)

    def _end(self) -> None:
        self._process.communicate()


@cache
def _server(_process: int, _at_start: str) -> _Server:
    """One for each process, as a fork would share its pipes, and for what it was started with."""
    return _Server()
