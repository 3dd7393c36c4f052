"""One pytest run that uses cards."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Timer
from typing import TypeVar

import pytest

from harness.errors import HarnessError
from harness.pytest_plugin.applet import Applet
from harness.pytest_plugin.configured import applet_under_test
from harness.pytest_plugin.factory import CardFactory
from harness.pytest_plugin.kinds import parse
from harness.pytest_plugin.ledger import Ledger
from harness.pytest_plugin.seeds import Seeds

_T = TypeVar("_T")
_PATIENCE = 1.0  # seconds before a build says that it takes time


class Run:
    """Ties fixtures to the options and to the test that runs now. Raises pytest.UsageError for a wrong option."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._item: pytest.Item | None = None
        self._ledger = Ledger()
        try:
            kind = parse(config.getoption("--card"))
            seeds = Seeds.parse(config.getoption("--card-seed"))
        except HarnessError as error:
            raise pytest.UsageError(f"{error} ({error.hint})") from error
        self.factory = CardFactory(kind, seeds, self._ledger, self._applet, self._announced)

    def begin(self, item: pytest.Item) -> None:
        """Cards are made for this test from now on."""
        self._item = item
        self._ledger.begin(item.nodeid)

    def transcript(self) -> str:
        """What passed between the test and its cards."""
        show_secrets = bool(self._config.getoption("--card-secrets"))
        return "\n".join(self._ledger.lines(show_secrets=show_secrets))

    def close(self) -> None:
        """Let go of every card."""
        self._ledger.close()

    def _applet(self) -> Applet:
        return applet_under_test(self._config, self._item)

    def _announced(self, text: str, work: Callable[[], _T]) -> _T:
        """Do the work; when it takes time, say so on standard error, past pytest's capturing."""
        if hasattr(self._config, "workerinput"):  # a worker of pytest-xdist has nobody to talk to
            return work()
        manager = self._config.pluginmanager.getplugin("capturemanager")
        with manager.global_and_fixture_disabled() if manager else nullcontext(), _said_late(text):
            return work()


@contextmanager
def _said_late(text: str) -> Iterator[None]:
    timer = Timer(_PATIENCE, lambda: print(f"\n{text}", file=sys.stderr, flush=True))  # noqa: T201 - meant for people
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
