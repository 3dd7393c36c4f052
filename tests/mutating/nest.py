"""Tests in a process of their own, with one module's text changed.

The process is forked from one that has imported what all tests need and nothing of the project: it imports the project
anew, the changed text among it, and starts its own Java, which would not survive a fork.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cardlab.errors import HarnessError
from tests.mutating import inject

WARM = (
    "pytest", "hypothesis", "hypothesis.stateful", "jpype", "coverage", "click.testing", "h11", "uvicorn",
    "starlette.applications", "cryptography.x509", "cryptography.hazmat.primitives.serialization.pkcs7",
    "cryptography.hazmat.primitives.cmac", "cryptography.hazmat.primitives.asymmetric.rsa", "pyasn1_modules.rfc5652",
)  # fmt: skip
_FAILED = 99
"""A process's exit code when it is to blame, and not the mutant."""
OURS = ("cardlab", "jpki", "tests")
ARGUMENTS = (
    "-q",
    "-x",
    "--profile=quick",
    "--tb=no",
    "--no-header",
    "--disable-warnings",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
)


class NestError(HarnessError):
    """A process could not do its work; nothing is known of the mutant."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A module by the name that it is imported by, its file, and the text in place of the file's."""

    module: str
    file: Path
    text: str

    @property
    def is_of_pytest(self) -> bool:
        """Whether pytest loads it as a plugin: it may then fail by itself, and has noticed."""
        return self.module.startswith("cardlab.pytest_plugin")

    def tell_others(self, folder: Path) -> None:
        """Every Python that is started from here has the changed text."""
        os.environ["PYTHONPATH"] = str(inject.write(folder, self.module, str(self.file), self.text))


def module_name(file: Path, root: Path) -> str:
    """``cardlab.cap.verifier`` of harness/cardlab/cap/verifier/__init__.py."""
    parts = file.relative_to(root / "harness").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def warm_up() -> None:
    """Import what every process would import."""
    for name in WARM:
        importlib.import_module(name)


def forget_project() -> None:
    """What is imported from now on is executed anew."""
    for name in [one for one in sys.modules if one.split(".")[0] in OURS]:
        del sys.modules[name]


@dataclass(slots=True)
class Child:
    """A process that works; ``kept``: what tells runs apart, whatever their user wants to remember."""

    pid: int
    folder: Path
    deadline: float
    kept: Any

    @property
    def result(self) -> Any:
        """What it wrote; None when it was ended before."""
        try:
            return json.loads((self.folder / "result.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None


@dataclass(slots=True)
class Ended:
    """A process is done: what it found, and the processor's seconds that it took. ``result`` is None: it was ended."""

    kept: Any
    result: Any
    cpu: float
    said: str


@dataclass(slots=True)
class Nest:
    """Forks processes, at most ``places`` at a time, each with a copy of this cache of compiled applets."""

    root: Path
    cache: Path | None
    places: int
    children: dict[int, Child] = field(default_factory=dict)

    def all(self, jobs: Iterable[tuple[Any, Callable[[Path], Any], float]]) -> Iterator[Ended]:
        """Do jobs: what to remember, what to do in the process, the processor's seconds that it may take."""
        waiting = iter(jobs)
        try:
            while True:
                while len(self.children) < self.places and (job := next(waiting, None)) is not None:
                    self._start(*job)
                if not self.children:
                    return
                yield from self._ended()
        finally:
            for child in [*self.children.values()]:
                self._kill(child)

    def _start(self, kept: Any, work: Callable[[Path], Any], seconds: float) -> None:
        folder = Path(tempfile.mkdtemp(prefix="mutant"))
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            code = _FAILED
            try:
                _become(self.root, folder, self.cache, seconds)
                (folder / "new.json").write_text(json.dumps(work(folder)), encoding="utf-8")
                (folder / "new.json").replace(folder / "result.json")
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        # A process may wait for others, and for its turn: far longer than it may work.
        self.children[pid] = Child(pid, folder, time.monotonic() + 20 * seconds, kept)

    def _ended(self) -> Iterator[Ended]:
        pid, status, used = os.wait4(-1, os.WNOHANG)
        if pid in self.children:
            child = self.children.pop(pid)
            _end_group(pid)
            said = (child.folder / "said").read_text(encoding="utf-8", errors="replace")[-4000:]
            result = child.result
            shutil.rmtree(child.folder, ignore_errors=True)
            if os.WIFEXITED(status) and os.WEXITSTATUS(status) == _FAILED:
                raise NestError(f"a process of the hunt failed: {said}", hint="start the hunt again, it goes on")
            yield Ended(child.kept, result, used.ru_utime + used.ru_stime, said)
            return
        time.sleep(0.02)
        for late in [one for one in self.children.values() if time.monotonic() > one.deadline]:
            _end_group(late.pid)

    def _kill(self, child: Child) -> None:
        _end_group(child.pid)
        os.waitpid(child.pid, 0)
        shutil.rmtree(child.folder, ignore_errors=True)


def _become(root: Path, folder: Path, cache: Path | None, seconds: float) -> None:
    """A process that runs tests: its own output, group, cache and limit."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with (folder / "said").open("wb") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    os.environ["CI"] = "true"  # property tests try the same examples each time
    if cache is not None:
        own = folder / "cache"
        shutil.copytree(cache, own, copy_function=os.link) if cache.is_dir() else own.mkdir()
        os.environ["XDG_CACHE_HOME"] = str(own)
    os.chdir(root)
    sys.path.insert(0, str(root))


def _end_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


@dataclass(eq=False)  # pytest keeps plugins in sets
class Watch:
    """A plugin of pytest: tests in this order and no others, and the first that fails."""

    order: dict[str, int]
    by: str = ""
    failed: list[str] = field(default_factory=list)

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Those that were asked for."""
        items[:] = sorted((one for one in items if one.nodeid in self.order), key=lambda one: self.order[one.nodeid])

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test fails, or what it needs."""
        if report.failed:
            self.by = self.by or report.nodeid
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        """The changed module cannot be imported."""
        if report.failed and not self.by:
            self.by = report.nodeid


def hunt(folder: Path, changed: Changed | None, tests: Sequence[str], *options: str) -> dict[str, Any]:
    """Run tests until one fails: which it was ("" none); with ``--maxfail=0`` all, and which have failed."""
    import pytest

    forget_project()
    if changed is not None:
        inject.install(changed.module, str(changed.file), changed.text)
        changed.tell_others(folder)
    watch = Watch({test: number for number, test in enumerate(tests)})
    files = list(dict.fromkeys(test.split("::")[0] for test in tests))
    code = int(pytest.main([*ARGUMENTS, *options, f"--basetemp={folder / 'temporary'}", *files], plugins=[watch]))
    if code == pytest.ExitCode.INTERNAL_ERROR and not (changed is not None and changed.is_of_pytest):
        raise NestError("pytest fails by itself", hint="see its output")
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise NestError(f"there are no such tests: {tests}", hint="delete build/mutating, and hunt again")
    return {"by": watch.by or ("pytest" if code else ""), "failed": watch.failed}
