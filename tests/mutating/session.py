"""A session of pytest that has collected a package's tests, and hunts instead of running them."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from _pytest.tmpdir import tmppath_result_key

from tests.mutating.nest import ARGUMENTS, Changed, Nest, NestError, Watch, hunt
from tests.mutating.packages import ROOT, Package
from tests.mutating.patching import patch

_LIMIT = 600.0
"""Seconds of the processor for what is prepared."""


class Session:
    """A plugin: when all is collected, ``then`` is called, in whose forked processes ``hunt`` runs tests."""

    def __init__(self, then: Callable[[Session], object], package: Package) -> None:
        self._then = then
        self._package = package
        self._items: dict[str, pytest.Item] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="prepared"))
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Collect the package's tests and hunt."""
        files = [str(file.relative_to(ROOT)) for file in self._package.test_files()]
        os.environ["CI"] = "true"  # property tests try the same examples each time, which is decided at the beginning
        try:
            pytest.main([*ARGUMENTS, "--capture=no", *files], plugins=[self])
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._failure:
            raise self._failure
        if not self._items:
            raise NestError("the tests cannot be collected", hint=f"run pytest {' '.join(files)}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running the tests."""
        self._items = {one.nodeid: one for one in session.items}
        for name in self._package.prepared:
            self._prepare(name)
        jpype = sys.modules.get("jpype")
        if jpype is not None and jpype.isJVMStarted():
            self._failure = NestError(
                "Java was started before the fork", hint="start it in a fixture that is not prepared"
            )
            return True
        try:
            for name in self._package.apart:
                self._prepare_apart(name)
            self._then(self)
        except BaseException as error:
            self._failure = error
        return True

    def _prepare(self, name: str) -> None:
        """A fixture of the session is made here, once for all processes."""
        item = self._user_of(name)
        item.stash[tmppath_result_key] = {}  # its folder goes as that of a test does of which no report was made
        other = next(one for one in self._items.values() if one.path != item.path)
        state = item.session._setupstate
        state.setup(item)
        item._request.getfixturevalue(name)
        state.teardown_exact(other)

    def _prepare_apart(self, name: str) -> None:
        """The same in a process of its own: what starts Java does not survive a fork.

        What it gives has to come back whole from ``pickle``; the files that it wrote stay until the hunt ends.
        """
        item = self._user_of(name)
        files = self._folder / name
        files.mkdir()
        (ended,) = Nest(ROOT, None, 1).all([(None, lambda _: _made(item, name, files), _LIMIT)])
        if ended.result is None:
            raise NestError(f"the fixture {name} cannot be made: {ended.said}", hint="see why, or do not prepare it")
        value = pickle.loads((files / "value").read_bytes())  # noqa: S301 - written a moment ago, by ourselves
        definition = item._fixtureinfo.name2fixturedefs[name][-1]
        definition.func, definition.argnames = (lambda: value), ()

    def _user_of(self, name: str) -> Any:
        return next(one for one in self._items.values() if name in getattr(one, "fixturenames", ()))

    def hunt(self, folder: Path, changed: Changed, tests: Sequence[str]) -> dict[str, Any]:
        """As nest.hunt, in a process with everything imported and collected."""
        if not patch(changed.file, changed.text):
            return hunt(folder, changed, tests)
        watch = Watch({})
        items = [self._items[test] for test in tests if test in self._items]
        if not items:
            raise NestError(f"there are no such tests: {tests}", hint="delete build/mutating, and hunt again")
        config = items[0].config
        config.pluginmanager.register(watch)
        _keep_files_in(config, folder / "temporary")
        changed.tell_others(folder)
        for item, following in zip(items, [*items[1:], None], strict=True):
            try:
                config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            except Exception:
                if not changed.is_of_pytest:
                    raise
                watch.by = watch.by or item.nodeid
            if watch.by:
                break
        return {"by": watch.by, "failed": watch.failed}


def _made(item: Any, name: str, files: Path) -> bool:
    _keep_files_in(item.config, files / "temporary")
    item.session._setupstate.setup(item)
    (files / "value").write_bytes(pickle.dumps(item._request.getfixturevalue(name)))
    return True


def _keep_files_in(config: pytest.Config, folder: Path) -> None:
    """Where tmp_path is; otherwise all processes would leave their folders in one that nobody clears away."""
    factory: Any = config._tmp_path_factory  # type: ignore[attr-defined]
    factory._given_basetemp = folder
    factory._basetemp = None
