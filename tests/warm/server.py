"""Imports pytest and the project, then forks a process for each run that it reads of: a line of JSON.

Answers the number of the process, and when that has ended how it did, a line each. It is run as a file.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import sys
from importlib import import_module
from typing import Any

IMPORTED = (
    "pytest",
    "hypothesis",
    "jpype",
    "cardlab.pytest_plugin.run",
    "cardlab.card.card",
    "cardlab.runtime.vm.adapter",
)
"""No Java is started: it would not survive a fork."""
_NOT_REWRITTEN = "\nPYTEST_DONT_REWRITE"
"""In a module's docstring: pytest does not warn that it comes too late to rewrite its assertions."""


def main() -> None:
    """Serve, and in a forked process return."""
    sys.path.pop(0)  # this file's folder, which `python -m pytest` does not have
    for name in IMPORTED:
        import_module(name)
    for name, module in sys.modules.items():
        if "." not in name and name not in sys.stdlib_module_names:
            module.__doc__ = f"{module.__doc__}{_NOT_REWRITTEN}"
    gc.freeze()
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            return _become(json.loads(line))
        _say(child)
        _, status = os.waitpid(child, 0)
        _say(os.waitstatus_to_exitcode(status))
    sys.exit()


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _become(wanted: dict[str, Any]) -> None:
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    _redirect(os.open(os.devnull, os.O_RDONLY), 0)
    _redirect(os.open(wanted["output"], os.O_WRONLY | os.O_CREAT), 1)
    os.dup2(1, 2)
    sys.path.insert(0, wanted["folder"])
    sys.argv = ["pytest", *wanted["arguments"]]
    if "COVERAGE_PROCESS_START" in os.environ:
        _measure_anew()


def _measure_anew() -> None:
    """What is executed from here on counts for whoever asked for this run, not for whom the process was started."""
    import coverage

    if (before := coverage.Coverage.current()) is not None:
        before.stop()
    coverage.process_startup(force=True)


def _redirect(file: int, to: int) -> None:
    os.dup2(file, to)
    os.close(file)


if __name__ == "__main__":
    main()
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)
