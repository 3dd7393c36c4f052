"""One pytest run that uses cards."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, TypeVar

import pytest

from cardlab import kinds
from cardlab.errors import HarnessError, UsageError
from cardlab.lab.recording import Recording
from cardlab.lab.source import CardSource
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.configured import applet_under_test, secrets_under_test
from cardlab.pytest_plugin.factory import CardFactory
from cardlab.pytest_plugin.ledger import Ledger
from cardlab.pytest_plugin.made import Made
from cardlab.pytest_plugin.options import PytestRunner, open_supply
from cardlab.pytest_plugin.repeatable import repeat_examples
from cardlab.pytest_plugin.seeds import Seeds
from cardlab.pytest_plugin.warned import JavaCardWarning

if TYPE_CHECKING:
    from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro
    from cardlab.transport.secrets import Secrets

_T = TypeVar("_T")
_PATIENCE = 1.0  # seconds before a build says that it takes time


class Run:
    """Ties fixtures to the options and to the test that runs now. Raises pytest.UsageError for a wrong option."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._item: pytest.Item | None = None
        self._ledger = Ledger()
        self._runner = PytestRunner()
        if config.getoption("--record"):
            repeat_examples()
        try:
            self._supply = open_supply(config, self._runner)
            self.source = CardSource(self._supply, self._recording(), self._program())
            seeds = Seeds.parse(config.getoption("--card-seed"))
        except HarnessError as error:
            raise pytest.UsageError(f"{error} ({error.hint})") from error
        asked = (self._applet, self._secrets, self._made)
        self.factory = CardFactory(self.source, seeds, self._ledger, asked, self._announced)

    def begin(self, item: pytest.Item) -> None:
        """Cards are made for this test from now on."""
        self._item = item
        self._ledger.begin(item.nodeid)
        self.factory.begin()
        self.source.begin(item.nodeid)

    @property
    def told(self) -> list[str]:
        """What the kind of card has to say when the run is over."""
        return self._runner.told

    @property
    def card(self) -> str:
        """What tests run on, in words: as it was named, and what that is."""
        return f"{self._config.getoption('--card')}, {kinds.choose(self._config.getoption('--card')).kind.about}"

    def warn(self, item: pytest.Item, *, failed: bool) -> None:
        """Say what the applets did that the test should know of; fails it where warnings are errors, unless it has."""
        errors = []
        for message in self.source.take_warnings():
            try:
                item.warn(JavaCardWarning(message))
            except JavaCardWarning:
                errors.append(message)
        if errors and not failed:
            strict = " (javacard_strict)" if self._config.getini("javacard_strict") else ""
            pytest.fail("\n".join(f"{one}{strict}" for one in errors), pytrace=False)

    def transcript(self) -> str:
        """What passed between the test and its cards."""
        show_secrets = bool(self._config.getoption("--card-secrets"))
        return "\n".join(self._ledger.lines(show_secrets=show_secrets))

    def close(self) -> None:
        """Let go of every card."""
        self._ledger.close()
        self._supply.close()

    def _recording(self) -> Recording | None:
        file = self._config.getoption("--record")
        if not file:
            return None
        show_secrets = bool(self._config.getoption("--card-secrets"))
        return Recording(Path(file), self._config.getoption("--card"), show_secrets=show_secrets)

    def _program(self) -> GlobalPlatformPro | None:
        if self._config.getoption("--installer") != "gp":
            return None
        if self._config.getoption("--record"):
            raise UsageError(
                "--installer gp and --record: what GlobalPlatformPro sends cannot be recorded",
                hint="leave one of them out",
            )
        from cardlab.globalplatform.host.gppro.program import find_gp

        return find_gp()

    def _applet(self) -> Applet:
        return applet_under_test(self._config, self._item)

    def _made(self) -> Made:
        return Made.of_run(self._config).of_test(self._item)

    def _secrets(self) -> Secrets:
        return secrets_under_test(self._config, self._item)

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
